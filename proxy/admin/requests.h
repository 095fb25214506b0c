// The bodies of the Shared Tokens API. An error text names every problem of the body at once.
#pragma once

#include <rapidjson/document.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/token_limits.h"
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
  bool enabled = true;
  TokenLimits limits;
  std::optional<std::string> client_key;
};

/// What is left out stays as it is.
struct UpdateTokenRequest {
  std::optional<std::vector<std::int32_t>> filters;  // ascending
  std::optional<FiltersOperator> filters_operator;
  ExpiryChange expiry;
  std::optional<std::string> name;
  std::optional<bool> enabled;
  std::optional<TokenLimits> limits;  // as a whole
};

struct CreateFilterRequest {
  std::string field;
  std::string value;
  std::string description;
  bool literal = false;
  std::optional<std::string> client_key;
};

/// What is left out stays as it is, but for `literal`, which goes with the value.
struct UpdateFilterRequest {
  std::optional<std::string> field;
  std::optional<std::string> value;
  std::optional<std::string> description;
  bool literal = false;
};

struct RotateRequest {
  Seconds grace = 0;
};

/// `kWhole` (PUT) asks for the keys that the published contract requires, `kPart` (PATCH) for none.
enum class UpdateForm : std::uint8_t { kWhole, kPart };

/// Flat, or wrapped in `{"post": …}` as an early client does. An empty body asks for a token with
/// every default.
Result<CreateTokenRequest> parse_create_token(std::string_view body);
/// `{"tokens": [ … ]}`, of 1 to kMaxBulk.
Result<std::vector<CreateTokenRequest>> parse_create_tokens(std::string_view body);
Result<UpdateTokenRequest> parse_update_token(std::string_view body,
                                              UpdateForm form = UpdateForm::kWhole);
/// The value rules of weir::check_filter included.
Result<CreateFilterRequest> parse_create_filter(std::string_view body);
Result<UpdateFilterRequest> parse_update_filter(std::string_view body,
                                                UpdateForm form = UpdateForm::kWhole);
/// An empty body asks for no grace.
Result<RotateRequest> parse_rotate(std::string_view body);

/// Whether it may be a client key: 1 to 255 visible ASCII characters.
bool is_client_key(std::string_view text) noexcept;
/// Whether it may be the field of a filter, as published: `^[a-zA-Z0-9_@.-]+$`.
bool is_field_name(std::string_view text) noexcept;

/// The longest names and descriptions, in bytes.
inline constexpr std::size_t kMaxNameBytes = 256;
inline constexpr std::size_t kMaxDescriptionBytes = 1024;
inline constexpr std::size_t kMaxFieldBytes = 512;
inline constexpr std::size_t kMaxClientKeyBytes = 255;
/// Tokens of one request.
inline constexpr std::size_t kMaxBulk = 100;
/// A secret that leaked should not be good for longer.
inline constexpr Seconds kMaxGrace = 30 * 86400;

/// Members that several bodies have; as the readers of json_body.h. The ids come out ascending.
std::string read_filters(const rapidjson::Value& value, std::vector<std::int32_t>& out);
std::string read_operator(const rapidjson::Value& value, FiltersOperator& out);

}  // namespace weir::proxy
