#include "admin/json_body.h"

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>

#include <algorithm>
#include <utility>

namespace weir::proxy {
namespace {

struct Nowhere {
  using Ch = char;
  void Put(char /*c*/) {}
};

bool is_valid_utf8(std::string_view text) {
  rapidjson::MemoryStream in(text.data(), text.size());
  Nowhere out;
  while (in.Tell() < text.size()) {
    if (!rapidjson::UTF8<>::Validate(in, out)) {
      return false;
    }
  }
  return true;
}

/// A key as it may be shown: cut and without bytes that upset a terminal.
std::string shown(const JsonValue& key) {
  std::string text = text_of(key).substr(0, 64);
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) {
      c = '?';
    }
  }
  return text;
}

}  // namespace

std::string text_of(const JsonValue& value) { return {value.GetString(), value.GetStringLength()}; }

std::vector<Problem> ObjectReader::read(std::string_view body, std::string_view wrapper) {
  rapidjson::Document document;
  if (body.find('\0') != std::string_view::npos || body.starts_with("\xef\xbb\xbf")) {
    return {{"", "the body is not well-formed JSON in UTF-8 (a NUL or a byte order mark)"}};
  }
  constexpr unsigned kFlags = rapidjson::kParseValidateEncodingFlag |
                              rapidjson::kParseIterativeFlag | rapidjson::kParseFullPrecisionFlag;
  if (document.Parse<kFlags>(body.data(), body.size()).HasParseError()) {
    std::string why = rapidjson::GetParseError_En(document.GetParseError());
    return {{"", "the body is not well-formed JSON: " + why + " (at byte " +
                     std::to_string(document.GetErrorOffset()) + ")"}};
  }
  const JsonValue* object = &document;
  std::string place;
  if (!wrapper.empty() && object->IsObject() && object->MemberCount() == 1 &&
      text_of(object->MemberBegin()->name) == wrapper) {
    object = &object->MemberBegin()->value;
    place = "/" + std::string(wrapper);
  }
  return read_value(*object, place);
}

std::vector<Problem> ObjectReader::read_member(Key& key, const JsonValue& value,
                                               const std::string& where) {
  const std::string name = "`" + std::string(key.name) + "` ";
  if (std::exchange(key.seen, true)) {
    return {{where, name + "is given twice"}};
  }
  if (key.nested) {
    return key.nested(value, where);
  }
  if (std::string wrong = key.reader(value); !wrong.empty()) {
    return {{where, name + wrong}};
  }
  return {};
}

std::vector<Problem> ObjectReader::read_value(const JsonValue& value, const std::string& place) {
  if (!value.IsObject()) {
    return {{place, "a JSON object is expected here"}};
  }
  std::vector<Problem> problems;
  for (const auto& member : value.GetObject()) {
    const auto found = std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) {
      return key.name == std::string_view(member.name.GetString(), member.name.GetStringLength());
    });
    const std::string where = place + "/" + shown(member.name);
    if (found == keys_.end()) {
      problems.push_back({where, "unknown key `" + shown(member.name) + "`"});
      continue;
    }
    auto more = read_member(*found, member.value, where);
    problems.insert(problems.end(), more.begin(), more.end());
  }
  for (const Key& key : keys_) {
    if (key.required && !key.seen) {
      problems.push_back({place, "`" + std::string(key.name) + "` is required"});
    }
  }
  return problems;
}

std::string read_label(const JsonValue& value, std::size_t limit, std::string& out) {
  if (!value.IsString()) {
    return "must be a text";
  }
  std::string text = text_of(value);
  const bool clean = std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (text.size() > limit || !clean || !is_valid_utf8(text)) {
    return "must be at most " + std::to_string(limit) +
           " bytes of UTF-8 without control characters";
  }
  out = std::move(text);
  return {};
}

std::string read_bool(const JsonValue& value, bool& out) {
  if (!value.IsBool()) {
    return "must be true or false";
  }
  out = value.GetBool();
  return {};
}

std::string read_whole(const JsonValue& value, std::int64_t low, std::int64_t high,
                       std::int64_t& out) {
  if (!value.IsInt64() || value.GetInt64() < low || value.GetInt64() > high) {
    return "must be a whole number from " + std::to_string(low) + " to " + std::to_string(high);
  }
  out = value.GetInt64();
  return {};
}

}  // namespace weir::proxy
