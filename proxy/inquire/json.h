// Small words for reading and writing JSON in the answers to inquiries.
#pragma once

#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::proxy {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void put_text(JsonWriter& out, std::string_view text) {
  out.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
inline void put_key(JsonWriter& out, std::string_view key) {
  out.Key(key.data(), static_cast<rapidjson::SizeType>(key.size()));
}
inline void put_member(JsonWriter& out, std::string_view key, std::string_view text) {
  put_key(out, key);
  put_text(out, text);
}
inline void put_member(JsonWriter& out, std::string_view key, std::uint64_t number) {
  put_key(out, key);
  out.Uint64(number);
}

/// The value under a path of names; null if there is none.
inline const rapidjson::Value* find_value(const rapidjson::Value& from,
                                          std::initializer_list<std::string_view> path) {
  const rapidjson::Value* at = &from;
  for (std::string_view name : path) {
    if (!at->IsObject()) return nullptr;
    auto found = at->FindMember(rapidjson::Value(rapidjson::StringRef(name.data(), name.size())));
    if (found == at->MemberEnd()) return nullptr;
    at = &found->value;
  }
  return at;
}

inline std::string text_at(const rapidjson::Value& from,
                           std::initializer_list<std::string_view> path) {
  const rapidjson::Value* value = find_value(from, path);
  if (value == nullptr || !value->IsString()) return {};
  return {value->GetString(), value->GetStringLength()};
}

/// 0 if it is not there.
inline std::uint64_t count_at(const rapidjson::Value& from,
                              std::initializer_list<std::string_view> path) {
  const rapidjson::Value* value = find_value(from, path);
  if (value == nullptr || !value->IsNumber()) return 0;
  return value->IsUint64() ? value->GetUint64()
                           : static_cast<std::uint64_t>(std::max(0.0, value->GetDouble()));
}

inline std::string text_of_value(const rapidjson::Value& value) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  value.Accept(out);
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace weir::proxy
