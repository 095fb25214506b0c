// What the targets share: a check that ends the process with its reason, and RapidJSON as the judge
// of what is JSON.
#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace weir::fuzz {

inline void require(bool fact, const char* what) {
  if (fact) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

inline std::string_view as_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// Cuts `text` behind its first `end`; all of it if there is none.
inline std::string_view take_until(std::string_view& text, char end) {
  std::size_t at = text.find(end);
  std::string_view out = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return out;
}

inline std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

inline bool begins_beyond_ascii(std::string_view text) {
  return !text.empty() && static_cast<unsigned char>(text.front()) >= 0x80;
}

/// Strict, without recursion. RapidJSON takes a NUL for the end of the text, and skips any byte of
/// a byte order mark at the beginning, so these are looked at first.
inline bool parse_json(std::string_view text, rapidjson::Document& out) {
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  if (text.find('\0') != std::string_view::npos || begins_beyond_ascii(text)) return false;
  out.Parse<kFlags>(text.data(), text.size());
  return !out.HasParseError();
}

/// REQUIRES: a shallow value (recursive).
inline bool has_duplicate_keys(const rapidjson::Value& value) {
  if (value.IsArray()) {
    for (const auto& element : value.GetArray()) {
      if (has_duplicate_keys(element)) return true;
    }
  }
  if (!value.IsObject()) return false;
  for (auto member = value.MemberBegin(); member != value.MemberEnd(); ++member) {
    for (auto other = value.MemberBegin(); other != member; ++other) {
      if (text_of(other->name) == text_of(member->name)) return true;
    }
    if (has_duplicate_keys(member->value)) return true;
  }
  return false;
}

/// The member, or null.
inline const rapidjson::Value* find(const rapidjson::Value& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  for (const auto& member : object.GetObject()) {
    if (text_of(member.name) == key) return &member.value;
  }
  return nullptr;
}

}  // namespace weir::fuzz
