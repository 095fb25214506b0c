// The one table of options. TOML keys, flags, WEIR_* variables and the reference in the README all
// come from it, by one rule: the key `gate.tls.key` is the flag `--gate-tls-key` and the variable
// `WEIR_GATE_TLS_KEY`.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/value.h"

namespace weir::proxy {

struct Option {
  std::string_view path;   // key in the file, with its sections
  std::string_view alias;  // a shorter name for the flag and the variable; empty when none
  std::string_view type;   // for people
  std::string_view doc;
  bool live = false;  // a reload carries it out; anything else needs a restart
  /// What the value is, as text that can be given again.
  std::function<std::string(const Config&)> render;
  /// Returns what is wrong; empty when the value has been taken.
  std::function<std::string(Config&, const Value&)> set;
  /// Copies the one value.
  std::function<void(const Config& from, Config& to)> copy;
};

/// In the order of the reference.
const std::vector<Option>& options();

/// What the options of all accounts, and those of one, may be at most.
inline constexpr std::uint64_t kMaxRows = 1000000;
inline constexpr std::uint64_t kMaxCalls = 100000;
inline constexpr std::uint64_t kMaxLinks = 10000;
inline constexpr Millis kMinTtl = std::chrono::seconds(1);
inline constexpr Millis kMaxTtl = std::chrono::hours(36500 * 24);

/// An account's own `profile`, `scripts` or `fields`, as Option::set.
std::string parse_profile(const Value& value, std::optional<Profile>& out);
std::string parse_scripts(const Value& value, std::optional<Scripts>& out);
std::string parse_fields(const Value& value, std::optional<Fields>& out);

/// `--gate-tls-key` and `WEIR_GATE_TLS_KEY` from `gate.tls.key`.
std::string flag_name(std::string_view path);
std::string variable_name(std::string_view path);

/// The option reference as Markdown, for the README.
std::string reference_markdown();

}  // namespace weir::proxy
