// A JSON object of a request being read strictly: RFC 8259 and UTF-8 in full, no duplicate and no
// unknown keys, every value of its type. What is wrong is told all at once.
#pragma once

#include <rapidjson/document.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "weir/result.h"

namespace weir::proxy {

using JsonValue = rapidjson::Value;

/// One object: each known key has a reader, everything else is a problem.
class ObjectReader {
 public:
  /// Returns what is wrong, as the rest of a sentence that begins with the key; empty when nothing
  /// is.
  using Reader = std::function<std::string(const JsonValue&)>;
  /// Reads an object (or a list of them) below this one, with problems of its own.
  using Nested = std::function<std::vector<Problem>(const JsonValue&, const std::string& place)>;

  void key(std::string_view name, Reader reader) {
    keys_.push_back({name, std::move(reader), nullptr, false});
  }
  void required(std::string_view name, Reader reader) {
    keys_.push_back({name, std::move(reader), nullptr, true});
  }
  void nested(std::string_view name, Nested reader, bool required) {
    keys_.push_back({name, nullptr, std::move(reader), required});
  }

  /// `body` is a whole request body; `wrapper` a key that may stand around the object, or empty.
  std::vector<Problem> read(std::string_view body, std::string_view wrapper = {});
  /// `place` is the JSON pointer to `value`.
  std::vector<Problem> read_value(const JsonValue& value, const std::string& place);

 private:
  struct Key {
    std::string_view name;
    Reader reader;
    Nested nested;
    bool required;
    bool seen = false;
  };
  std::vector<Problem> read_member(Key& key, const JsonValue& value, const std::string& where);

  std::vector<Key> keys_;
};

std::string text_of(const JsonValue& value);

/// Each stores into `out` and returns an empty text, or says what is wrong.
/// Text for people: UTF-8 without control characters.
std::string read_label(const JsonValue& value, std::size_t limit, std::string& out);
std::string read_bool(const JsonValue& value, bool& out);
std::string read_whole(const JsonValue& value, std::int64_t low, std::int64_t high,
                       std::int64_t& out);

}  // namespace weir::proxy
