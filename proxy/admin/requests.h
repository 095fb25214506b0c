// The bodies of the Shared Tokens API, read strictly: RFC 8259 and UTF-8 in full, no duplicate and
// no unknown keys, every value of its type. What is wrong is told all at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"
#include "weir/result.h"

namespace weir::proxy {

/// An expiry as it was asked for: left out, `null` (never), or a time.
struct ExpiryChange {
  bool given = false;
  std::optional<Seconds> at;
};

struct CreateTokenRequest {
  std::string name;
  std::vector<std::int32_t> filters;  // ascending
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  ExpiryChange expiry;
};

struct UpdateTokenRequest {
  std::vector<std::int32_t> filters;  // ascending
  std::optional<FiltersOperator> filters_operator;
  ExpiryChange expiry;
  std::optional<std::string> name;  // some clients send it along; it must be what it was
};

struct CreateFilterRequest {
  std::string field;
  std::string value;
  std::string description;
  bool literal = false;
};

/// Flat, or wrapped in `{"post": …}` as an early client does. An empty body asks for a token with
/// every default.
Result<CreateTokenRequest> parse_create_token(std::string_view body);
Result<UpdateTokenRequest> parse_update_token(std::string_view body);
/// The value rules of weir::check_filter included.
Result<CreateFilterRequest> parse_create_filter(std::string_view body);

/// The longest names and descriptions, in bytes.
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxDescriptionBytes = 1024;
inline constexpr std::size_t kMaxFieldBytes = 512;

}  // namespace weir::proxy
