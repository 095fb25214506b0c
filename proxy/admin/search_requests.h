// The bodies of the searches over tokens and filters: `{"filter": …, "sort": …, "pagination": …}`,
// every part optional, and the page of rows that such a search asks for.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"
#include "weir/result.h"

namespace weir::proxy {

struct SortKey {
  std::string field;
  bool descending = false;
};

struct Page {
  std::size_t number = 1;  // from 1
  std::size_t size = 25;   // 1 to kMaxPageSize
};

struct TokenSearch {
  std::optional<std::string> name;  // part of it; ASCII case does not matter
  std::optional<bool> enabled;
  std::optional<bool> expired;
  std::optional<bool> unfiltered;
  std::optional<std::int32_t> filter_id;  // one of its filters
  std::optional<std::string> client_key;
  std::vector<SortKey> sort;  // `id`, `name`, `expirationDate` (never is last), `lastUsed`
  Page page;
};

struct FilterSearch {
  std::optional<std::string> field;        // exact
  std::optional<std::string> value;        // exact
  std::optional<std::string> description;  // part of it; ASCII case does not matter
  std::optional<std::string> client_key;
  std::vector<SortKey> sort;  // `id`, `field`, `value`, `description`
  Page page;
};

/// An empty body asks for the first page of everything, in the order of the ids.
Result<TokenSearch> parse_token_search(std::string_view body);
Result<FilterSearch> parse_filter_search(std::string_view body);

/// Keeps those rows that match, sorts them (what ties stays in the order of the ids), cuts the page
/// out and returns how many there were before. REQUIRES: `rows` are in the order of their ids.
std::size_t take_page(const TokenSearch& search, Seconds now, std::vector<TokenRow>& rows);
std::size_t take_page(const FilterSearch& search, std::vector<FilterRow>& rows);

inline constexpr std::size_t kMaxPageSize = 1000;

}  // namespace weir::proxy
