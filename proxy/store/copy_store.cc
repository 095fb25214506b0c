#include "store/copy_store.h"

#include <memory>
#include <string_view>

#include "store/postgresql.h"
#include "store/sqlite.h"

namespace weir::proxy {
namespace {

struct Column {
  std::string_view name;
  bool number = false;
};

struct Table {
  std::string_view name;
  std::vector<Column> columns;
  std::string_view order;
  bool gives_ids = false;
};

constexpr bool kNumber = true;

/// In an order in which every row comes after those it refers to.
const std::vector<Table>& tables() {
  static const std::vector<Table> all = {
      {"meta", {{"key"}, {"value"}}, "key"},
      {"accounts", {{"name"}, {"scope"}, {"tokens", kNumber}, {"filters", kNumber}}, "name"},
      {"api_tokens",
       {{"id", kNumber},
        {"account"},
        {"name"},
        {"digest"},
        {"permissions", kNumber},
        {"created_at", kNumber},
        {"expires_at", kNumber}},
       "id",
       true},
      {"filters",
       {{"id", kNumber},
        {"account"},
        {"field"},
        {"value"},
        {"description"},
        {"literal", kNumber},
        {"revision", kNumber},
        {"client_key"}},
       "id",
       true},
      {"tokens",
       {{"id", kNumber},
        {"account"},
        {"name"},
        {"digest"},
        {"secret"},
        {"operator"},
        {"expires_at", kNumber},
        {"last_used", kNumber},
        {"epoch", kNumber},
        {"enabled", kNumber},
        {"revision", kNumber},
        {"client_key"},
        {"created_at", kNumber},
        {"updated_at", kNumber},
        {"former_digest"},
        {"former_until", kNumber},
        {"limits"},
        {"requests", kNumber},
        {"denials", kNumber}},
       "id",
       true},
      {"token_filters", {{"token_id", kNumber}, {"filter_id", kNumber}}, "token_id, filter_id"},
      {"links",
       {{"id", kNumber},
        {"token_id", kNumber},
        {"account"},
        {"name"},
        {"digest"},
        {"secret"},
        {"snapshot", kNumber},
        {"path"},
        {"objects"},
        {"created_at", kNumber},
        {"last_used", kNumber},
        {"revision", kNumber}},
       "id",
       true},
      {"audit",
       {{"id", kNumber},
        {"at_ms", kNumber},
        {"account"},
        {"kind"},
        {"operation"},
        {"api_token", kNumber},
        {"token", kNumber},
        {"filter", kNumber},
        {"route"},
        {"code"},
        {"request_id"},
        {"widens", kNumber},
        {"before"},
        {"after"}},
       "id",
       true},
  };
  return all;
}

std::int64_t number_of(Connection& db, const std::string& sql) {
  const auto read = db.prepare(sql);
  return read->step() && !read->is_null(0) ? read->integer(0) : 0;
}

std::int64_t count(Connection& db, const Table& table) {
  return number_of(db, "SELECT count(*) FROM " + std::string(table.name));
}

void copy_rows(Connection& from, Connection& to, const Table& table) {
  std::string names;
  std::string marks;
  for (const Column& column : table.columns) {
    names += (names.empty() ? "" : ", ") + std::string(column.name);
    marks += marks.empty() ? "?" : ", ?";
  }
  const std::string name(table.name);
  const std::string select =
      "SELECT " + names + " FROM " + name + " ORDER BY " + std::string(table.order);
  const std::string insert = "INSERT INTO " + name + " (" + names + ") VALUES (" + marks + ")";
  const auto read = from.prepare(select);
  while (read->step()) {
    const auto write = to.prepare(insert);
    int at = 0;
    for (const Column& column : table.columns) {
      if (column.number) {
        write->bind(read->optional_integer(at));
      } else {
        write->bind(read->optional_text(at));
      }
      ++at;
    }
    write->run();
  }
}

/// What was given once is not given again, also if its row is gone.
void go_on_with_ids(Connection& from, Connection& to, const Table& table) {
  const std::string name(table.name);
  std::int64_t last = 0;
  {
    const auto read = from.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?");
    read->bind(name);
    last = read->step() ? read->integer(0) : 0;
  }
  if (last > 0) {
    const std::string sql = "SELECT setval(pg_get_serial_sequence('" + name + "', 'id'), ?)";
    to.prepare(sql)->bind(last).step();
  }
}

/// The tables of a source and its texts live as long as its statements.
CopiedRows copy_all(Connection& from, Connection& to) {
  for (const Table& table : tables()) {
    if (count(to, table) != 0) {
      throw StoreError("the target is not empty: it has rows in `" + std::string(table.name) +
                       "`; name a new database");
    }
  }
  CopiedRows copied;
  for (const Table& table : tables()) {
    copy_rows(from, to, table);
    if (table.gives_ids) {
      go_on_with_ids(from, to, table);
    }
    const std::int64_t rows = count(from, table);
    if (count(to, table) != rows) {
      throw StoreError("the numbers of rows in `" + std::string(table.name) +
                       "` differ; nothing was kept");
    }
    copied.emplace_back(table.name, rows);
  }
  to.prepare("UPDATE change_version SET version = ?")
      ->bind(number_of(from, "SELECT version FROM change_version"))
      .run();
  return copied;
}

}  // namespace

CopiedRows copy_store(const std::string& from, const std::string& to,
                      std::chrono::milliseconds timeout) {
  constexpr std::string_view kSqlite = "sqlite:";
  if (!from.starts_with(kSqlite) || !is_shared_store(to)) {
    throw StoreError("a store is copied from `sqlite:PATH` to `postgresql://…`");
  }
  // Both are brought up to date first, and the tables made.
  open_store(from, timeout).reset();
  open_store(to, timeout).reset();
  SqliteConnection source(from.substr(kSqlite.size()));
  PostgresqlConnection target(to, timeout);
  source.begin_write();  // nobody changes it meanwhile
  target.begin_write();
  try {
    CopiedRows copied = copy_all(source, target);
    target.commit_new_version();
    source.roll_back();
    return copied;
  } catch (...) {
    source.roll_back();
    target.roll_back();
    throw;
  }
}

}  // namespace weir::proxy
