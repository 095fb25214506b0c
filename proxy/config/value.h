// One configured value as its source gave it, and how such values become settings. A file has
// types, and a wrong one is a mistake worth telling; flags and variables have only text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "net/settings.h"

namespace weir::proxy {

using List = std::vector<std::string>;

struct Value {
  std::variant<std::string, std::int64_t, bool, List> data;
  bool typed = false;  // from the file
};

/// Each stores into `out` and returns an empty text, or leaves it alone and returns what is wrong.
std::string parse_text(const Value& value, std::string& out);
std::string parse_list(const Value& value, char separator, List& out);
std::string parse_switch(const Value& value, bool& out);
/// Whole numbers from `low` to `high`.
std::string parse_count(const Value& value, std::uint64_t low, std::uint64_t high,
                        std::uint64_t& out);
/// Bytes: a number, or `64KiB`, `16MiB`, `1GiB`.
std::string parse_size(const Value& value, std::uint64_t low, std::uint64_t high,
                       std::uint64_t& out);
/// `500ms`, `30s`, `5m`, `12h`, `7d`.
std::string parse_duration(const Value& value, Millis low, Millis high, Millis& out);
/// `127.0.0.1:9600`, `[::1]:9600`, `localhost:9600`.
std::string parse_address(const Value& value, ListenAddress& out);
/// The index of the name in `names`.
std::string parse_choice(const Value& value, const std::vector<std::string_view>& names,
                         std::size_t& out);

/// `http[s]://host[:port][/prefix]` into the fields it names.
std::string parse_url(std::string_view text, UpstreamSettings& out);

/// The texts that parse back to the value.
std::string render_size(std::uint64_t bytes);
std::string render_duration(Millis value);
std::string render_address(const ListenAddress& address);
std::string render_list(const List& list, char separator);

}  // namespace weir::proxy
