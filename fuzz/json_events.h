// A JSON text as the list of what stands in it, as the engine's reader reads it. Other readers that
// write the same list can be compared with it: RapidJSON in json.cc, OpenSearch's own in
// tests/differential.
//
//   { } [ ]                    brackets
//   k LENGTH : BYTES           a key, decoded
//   s LENGTH : BYTES           a string, decoded
//   l LENGTH : BYTES           a number as it is written, or true, false, null
#pragma once

#include <string>
#include <string_view>

#include "dsl/walk.h"

namespace weir::fuzz {

inline void append_atom(std::string_view kind, std::string_view value, std::string& out) {
  out += kind;
  out += std::to_string(value.size());
  out += ':';
  out += value;
}

/// Appends the value under the walk's cursor; false if it is refused.
inline bool list_value(Walk& walk, std::string& out) {
  std::string_view text;
  switch (walk.json.type()) {
    case JsonType::kObject:
      out += '{';
      return walk.object([&](std::string_view key) {
        append_atom("k", key, out);
        return list_value(walk, out);
      }) && (out += '}', true);
    case JsonType::kArray:
      out += '[';
      return walk.array([&](std::uint32_t) { return list_value(walk, out); }) && (out += ']', true);
    case JsonType::kString:
      if (!walk.string(text)) return false;
      append_atom("s", text, out);
      return true;
    case JsonType::kNumber:
    case JsonType::kTrue:
    case JsonType::kFalse:
    case JsonType::kNull:
    case JsonType::kNone:
      break;
  }
  if (!walk.literal(text)) return false;
  append_atom("l", text, out);
  return true;
}

}  // namespace weir::fuzz
