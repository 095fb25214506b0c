#include "admin/search_requests.h"

#include <algorithm>
#include <functional>
#include <span>
#include <utility>

#include "admin/json_body.h"
#include "admin/requests.h"
#include "http/text.h"
#include "weir/limits.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kTokenFields[] = {"id", "name", "expirationDate", "lastUsed"};
constexpr std::string_view kFilterFields[] = {"id", "field", "value", "description"};
constexpr std::size_t kMaxSortKeys = 4;
constexpr std::int64_t kMaxInt32 = 2147483647;

ObjectReader::Reader label(std::optional<std::string>& out, std::size_t limit) {
  return [&out, limit](const JsonValue& value) { return read_label(value, limit, out.emplace()); };
}

ObjectReader::Reader flag(std::optional<bool>& out) {
  return [&out](const JsonValue& value) { return read_bool(value, out.emplace()); };
}

std::vector<Problem> read_sort_key(const JsonValue& value, const std::string& place,
                                   std::span<const std::string_view> fields, SortKey& out) {
  ObjectReader reader;
  reader.required("field", [&](const JsonValue& json) -> std::string {
    out.field = json.IsString() ? text_of(json) : "";
    if (std::find(fields.begin(), fields.end(), out.field) != fields.end()) {
      return {};
    }
    std::string all;
    for (const std::string_view field : fields) {
      all += (all.empty() ? "`" : ", `") + std::string(field) + "`";
    }
    return "must be one of " + all;
  });
  reader.key("descending", [&](const JsonValue& json) { return read_bool(json, out.descending); });
  return reader.read_value(value, place);
}

void add_sort(ObjectReader& reader, std::span<const std::string_view> fields,
              std::vector<SortKey>& out) {
  reader.nested(
      "sort",
      [fields, &out](const JsonValue& value, const std::string& place) -> std::vector<Problem> {
        if (!value.IsArray() || value.Size() > kMaxSortKeys) {
          return {{place,
                   "`sort` must be a list of at most " + std::to_string(kMaxSortKeys) + " keys"}};
        }
        std::vector<Problem> problems;
        for (const JsonValue& item : value.GetArray()) {
          auto more = read_sort_key(item, place, fields, out.emplace_back());
          problems.insert(problems.end(), more.begin(), more.end());
        }
        return problems;
      },
      false);
}

void add_page(ObjectReader& reader, Page& page) {
  reader.nested(
      "pagination",
      [&page](const JsonValue& value, const std::string& place) {
        std::int64_t number = static_cast<std::int64_t>(page.number);
        std::int64_t size = static_cast<std::int64_t>(page.size);
        ObjectReader inner;
        inner.key("pageNumber",
                  [&](const JsonValue& json) { return read_whole(json, 1, kMaxInt32, number); });
        inner.key("pageSize", [&](const JsonValue& json) {
          return read_whole(json, 1, static_cast<std::int64_t>(kMaxPageSize), size);
        });
        auto problems = inner.read_value(value, place);
        page = {static_cast<std::size_t>(number), static_cast<std::size_t>(size)};
        return problems;
      },
      false);
}

bool contains(std::string_view text, std::string_view part) {
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [](char a, char b) { return to_lower(a) == to_lower(b); }) != text.end();
}

template <typename T>
int order(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

/// None is later than any time.
int order_times(const std::optional<Seconds>& a, const std::optional<Seconds>& b) {
  return a && b ? order(*a, *b) : order(!a, !b);
}

int order_by(const std::string& field, const TokenRow& a, const TokenRow& b) {
  return field == "name"             ? order(a.name, b.name)
         : field == "expirationDate" ? order_times(a.expires_at, b.expires_at)
         : field == "lastUsed"       ? order_times(a.last_used, b.last_used)
                                     : order(a.id, b.id);
}

int order_by(const std::string& field, const FilterRow& a, const FilterRow& b) {
  return field == "field"         ? order(a.field, b.field)
         : field == "value"       ? order(a.value, b.value)
         : field == "description" ? order(a.description, b.description)
                                  : order(a.id, b.id);
}

bool matches(const TokenSearch& search, Seconds now, const TokenRow& row) {
  const bool expired = row.expires_at && *row.expires_at <= now;
  return (!search.name || contains(row.name, *search.name)) &&
         (!search.enabled || row.enabled == *search.enabled) &&
         (!search.expired || expired == *search.expired) &&
         (!search.unfiltered || row.filters.empty() == *search.unfiltered) &&
         (!search.filter_id ||
          std::binary_search(row.filters.begin(), row.filters.end(), *search.filter_id)) &&
         (!search.client_key || row.client_key == search.client_key);
}

bool matches(const FilterSearch& search, const FilterRow& row) {
  return (!search.field || row.field == *search.field) &&
         (!search.value || row.value == *search.value) &&
         (!search.description || contains(row.description, *search.description)) &&
         (!search.client_key || row.client_key == search.client_key);
}

template <typename Row>
std::size_t sort_and_cut(const std::vector<SortKey>& sort, const Page& page,
                         std::vector<Row>& rows) {
  std::stable_sort(rows.begin(), rows.end(), [&](const Row& a, const Row& b) {
    for (const SortKey& key : sort) {
      if (const int by = order_by(key.field, a, b); by != 0) {
        return key.descending ? by > 0 : by < 0;
      }
    }
    return false;
  });
  const std::size_t total = rows.size();
  const std::size_t begin =
      page.number - 1 > total / page.size ? total : (page.number - 1) * page.size;
  const std::size_t first = std::min(begin, total);
  const std::size_t last = first + std::min(page.size, total - first);
  rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(last), rows.end());
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(first));
  return total;
}

/// The whole body: `add_filter` adds the keys of `filter`.
template <typename Search>
Result<Search> parse(std::string_view body, std::span<const std::string_view> fields,
                     const std::function<void(ObjectReader&, Search&)>& add_filter) {
  Search search;
  if (body.empty()) {
    return search;
  }
  ObjectReader reader;
  reader.nested(
      "filter",
      [&](const JsonValue& value, const std::string& place) {
        ObjectReader inner;
        add_filter(inner, search);
        return inner.read_value(value, place);
      },
      false);
  add_sort(reader, fields, search.sort);
  add_page(reader, search.page);
  auto problems = reader.read(body);
  if (!problems.empty()) {
    return problems;
  }
  return search;
}

}  // namespace

Result<TokenSearch> parse_token_search(std::string_view body) {
  return parse<TokenSearch>(body, kTokenFields, [](ObjectReader& reader, TokenSearch& search) {
    reader.key("name", label(search.name, kMaxNameBytes));
    reader.key("enabled", flag(search.enabled));
    reader.key("expired", flag(search.expired));
    reader.key("unfiltered", flag(search.unfiltered));
    reader.key("filterId", [&search](const JsonValue& value) {
      std::int64_t id = 0;
      std::string wrong = read_whole(value, 1, kMaxInt32, id);
      search.filter_id = static_cast<std::int32_t>(id);
      return wrong;
    });
    reader.key("clientKey", label(search.client_key, kMaxClientKeyBytes));
  });
}

Result<FilterSearch> parse_filter_search(std::string_view body) {
  return parse<FilterSearch>(body, kFilterFields, [](ObjectReader& reader, FilterSearch& search) {
    reader.key("field", label(search.field, kMaxFieldBytes));
    reader.key("value", [&search](const JsonValue& value) {
      search.value = value.IsString() ? text_of(value) : "";
      return value.IsString() ? "" : std::string("must be a text");
    });
    reader.key("description", label(search.description, kMaxDescriptionBytes));
    reader.key("clientKey", label(search.client_key, kMaxClientKeyBytes));
  });
}

std::size_t take_page(const TokenSearch& search, Seconds now, std::vector<TokenRow>& rows) {
  std::erase_if(rows, [&](const TokenRow& row) { return !matches(search, now, row); });
  return sort_and_cut(search.sort, search.page, rows);
}

std::size_t take_page(const FilterSearch& search, std::vector<FilterRow>& rows) {
  std::erase_if(rows, [&](const FilterRow& row) { return !matches(search, row); });
  return sort_and_cut(search.sort, search.page, rows);
}

}  // namespace weir::proxy
