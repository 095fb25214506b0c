// An answer as a tree, for the references: every value with the place it has in the text.
#pragma once

#include <rapidjson/document.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace weir::response::reference {

/// A value with the place it has in the text.
struct Node {
  char kind = 0;  // its first byte, `0` for numbers
  std::size_t begin = 0;
  std::size_t end = 0;
  std::vector<std::string> keys;  // of an object, decoded
  std::vector<std::size_t> key_begins;
  std::vector<Node> values;

  std::size_t count(std::string_view key) const {
    std::size_t n = 0;
    for (const std::string& k : keys) n += k == key ? 1 : 0;
    return n;
  }
  const Node* find(std::string_view key) const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i] == key) return &values[i];
    }
    return nullptr;
  }
};

inline rapidjson::ParseErrorCode judge(std::string_view text) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseNumbersAsStringsFlag>(
      text.data(), text.size());
  return document.GetParseError();
}
inline bool valid(std::string_view text) { return judge(text) == rapidjson::kParseErrorNone; }

inline std::string decode(std::string_view quoted) {
  rapidjson::Document document;
  document.Parse(quoted.data(), quoted.size());
  return {document.GetString(), document.GetStringLength()};
}

/// Finds the places in a text that is known to be valid.
class TreeReader {
 public:
  explicit TreeReader(std::string_view text) : text_(text) {}

  Node read() {
    skip_space();
    Node node;
    node.begin = at_;
    node.kind = text_[at_];
    if (node.kind == '{' || node.kind == '[') {
      read_members(node);
    } else if (node.kind == '"') {
      skip_string();
    } else {
      if (node.kind == '-' || (node.kind >= '0' && node.kind <= '9')) node.kind = '0';
      at_ = std::min(text_.find_first_of(" \t\r\n,]}", at_), text_.size());
    }
    node.end = at_;
    return node;
  }

 private:
  void skip_space() { at_ = std::min(text_.find_first_not_of(" \t\r\n", at_), text_.size()); }
  void skip_string() {
    for (++at_; text_[at_] != '"'; ++at_) at_ += text_[at_] == '\\' ? 1 : 0;
    ++at_;
  }
  void read_members(Node& node) {
    ++at_;
    for (skip_space(); text_[at_] != '}' && text_[at_] != ']'; skip_space()) {
      if (text_[at_] == ',') ++at_;
      skip_space();
      if (node.kind == '{') {
        node.key_begins.push_back(at_);
        skip_string();
        node.keys.push_back(
            decode(text_.substr(node.key_begins.back(), at_ - node.key_begins.back())));
        skip_space();
        ++at_;
      }
      node.values.push_back(read());
    }
    ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// Text instead of [begin, end).
struct Edit {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
};

}  // namespace weir::response::reference
