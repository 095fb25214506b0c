// Which database an URL names.
#include <string_view>

#include "store/postgresql.h"
#include "store/postgresql_store.h"
#include "store/sqlite_store.h"
#include "store/store.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

}  // namespace

bool is_shared_store(const std::string& url) {
  return url.starts_with("postgresql://") || url.starts_with("postgres://");
}

std::string check_store_url(const std::string& url) {
  if (is_shared_store(url)) {
    return check_postgresql_url(url);
  }
  if (!url.starts_with(kSqlite) || url.size() == kSqlite.size()) {
    return "such a store is not known; write `sqlite:PATH` or `postgresql://…`";
  }
  return {};
}

std::string store_name(const std::string& url) {
  if (is_shared_store(url)) {
    return postgresql_name(url);
  }
  return url.starts_with(kSqlite) ? url : "store.url";
}

std::unique_ptr<Store> open_store(const std::string& url, std::chrono::milliseconds timeout) {
  if (const std::string wrong = check_store_url(url); !wrong.empty()) {
    throw StoreError(wrong);
  }
  if (is_shared_store(url)) {
    return open_postgresql_store(url, timeout);
  }
  return open_sqlite_store(url.substr(kSqlite.size()));
}

}  // namespace weir::proxy
