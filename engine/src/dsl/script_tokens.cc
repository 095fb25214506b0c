#include "dsl/script_tokens.h"

#include <algorithm>
#include <array>

namespace weir {
namespace {

using Kind = ScriptToken::Kind;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_byte(char c) { return is_letter(c) || is_digit(c); }

constexpr auto kWords = std::to_array<std::string_view>(
    {"if",     "in",     "else",    "while", "do",    "for",  "continue",   "break",
     "return", "new",    "try",     "catch", "throw", "this", "instanceof", "true",
     "false",  "null",   "boolean", "byte",  "short", "char", "int",        "long",
     "float",  "double", "def",     "void",  "super"});

// The longest first.
constexpr auto kLongSigns = std::to_array<std::string_view>(
    {">>>=", "===", "!==", "==~", "<<=", ">>=", ">>>", "==", "!=", "<=",
     ">=",   "&&",  "||",  "++",  "--",  "+=",  "-=",  "*=", "/=", "%=",
     "&=",   "^=",  "|=",  "<<",  ">>",  "?:",  "?.",  "::", "->", "=~"});
constexpr std::string_view kShortSigns = "{}[](),;!~*/%+-<>=&^|?:.";

class Reader {
 public:
  Reader(std::string_view source, ArenaVector<ScriptToken>& out) : text_(source), out_(out) {}

  bool read() {
    while (true) {
      while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
      if (at_ == text_.size()) break;
      if (!read_one()) return false;
    }
    out_.push_back({Kind::kEnd, text_.substr(text_.size()), true});
    return true;
  }

  std::string_view offending() const {
    constexpr std::size_t kShown = 16;
    return text_.substr(std::min(at_, text_.size()), kShown);
  }

 private:
  bool read_one() {
    char c = text_[at_];
    if (is_letter(c)) return read_name();
    if (is_digit(c)) return read_number();
    if (c == '"' || c == '\'') return read_string(c);
    std::string_view rest = text_.substr(at_);
    if (rest.starts_with("//")) return skip_line();
    if (rest.starts_with("/*")) return skip_block();
    return read_sign(rest);
  }

  std::string_view take_name() {
    std::size_t begin = at_;
    while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  bool read_name() {
    std::string_view name = take_name();
    bool word = std::find(kWords.begin(), kWords.end(), name) != kWords.end();
    out_.push_back({word ? Kind::kWord : Kind::kName, name, true});
    return true;
  }

  std::size_t digits() {
    std::size_t begin = at_;
    while (at_ < text_.size() && is_digit(text_[at_])) ++at_;
    return at_ - begin;
  }

  // Digits, a fraction, an exponent, a suffix; or hexadecimal. No name may follow at once.
  bool read_number() {
    std::size_t begin = at_;
    if (text_.substr(at_).starts_with("0x") || text_.substr(at_).starts_with("0X")) {
      take_name();
      std::string_view hex = text_.substr(begin + 2, at_ - begin - 2);
      if (hex.ends_with('l') || hex.ends_with('L')) hex.remove_suffix(1);
      bool good =
          !hex.empty() && hex.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
      return take_number(begin, good);
    }
    digits();
    bool fraction = at_ + 1 < text_.size() && text_[at_] == '.' && is_digit(text_[at_ + 1]);
    if (fraction) {
      ++at_;
      digits();
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
      if (digits() == 0) return take_number(begin, false);
    }
    constexpr std::string_view kSuffixes = "lLfFdD";
    if (at_ < text_.size() && kSuffixes.find(text_[at_]) != std::string_view::npos) ++at_;
    return take_number(begin, true);
  }

  bool take_number(std::size_t begin, bool good) {
    if (!good || (at_ < text_.size() && is_name_byte(text_[at_]))) {
      at_ = begin;
      return false;
    }
    out_.push_back({Kind::kNumber, text_.substr(begin, at_ - begin), true});
    return true;
  }

  bool read_string(char quote) {
    std::size_t begin = at_;
    bool plain = true;
    for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
      if (text_[at_] != '\\') continue;
      plain = false;
      bool known = at_ + 1 < text_.size() && (text_[at_ + 1] == '\\' || text_[at_ + 1] == quote);
      if (!known) return false;
      ++at_;
    }
    if (at_ == text_.size()) {
      at_ = begin;
      return false;
    }
    ++at_;
    out_.push_back({Kind::kString, text_.substr(begin + 1, at_ - begin - 2), plain});
    return true;
  }

  // Without a line's end it would be no comment.
  bool skip_line() {
    std::size_t end = text_.find_first_of("\n\r", at_);
    if (end == std::string_view::npos) return false;
    at_ = end + 1;
    return true;
  }

  // With a letter behind it, it could be a regular expression with a flag.
  bool skip_block() {
    std::size_t end = text_.find("*/", at_ + 2);
    if (end == std::string_view::npos) return false;
    if (end + 2 < text_.size() && is_letter(text_[end + 2])) return false;
    at_ = end + 2;
    return true;
  }

  // Whether a value ends with the last token, so that a `/` divides it.
  bool behind_value() const {
    if (out_.empty()) return false;
    const ScriptToken& last = out_.back();
    return last.kind == Kind::kName || last.kind == Kind::kMember || last.kind == Kind::kNumber ||
           last.is_sign(")") || last.is_sign("]");
  }

  bool read_sign(std::string_view rest) {
    auto found = std::find_if(kLongSigns.begin(), kLongSigns.end(),
                              [&](std::string_view sign) { return rest.starts_with(sign); });
    bool is_long = found != kLongSigns.end();
    if (!is_long && kShortSigns.find(rest.front()) == std::string_view::npos) return false;
    std::string_view sign = rest.substr(0, is_long ? found->size() : 1);
    if (sign.front() == '/' && !behind_value()) return false;
    out_.push_back({Kind::kSign, sign, true});
    at_ += sign.size();
    return sign == "." || sign == "?." ? read_member() : true;
  }

  bool read_member() {
    std::string_view name = take_name();
    if (name.empty()) return false;
    bool number = is_digit(name.front());
    if (number && std::find_if_not(name.begin(), name.end(), is_digit) != name.end()) return false;
    out_.push_back({Kind::kMember, name, true});
    return true;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  ArenaVector<ScriptToken>& out_;
};

}  // namespace

bool read_script_tokens(std::string_view source, ArenaVector<ScriptToken>& out,
                        std::string_view& offending) {
  Reader reader(source, out);
  if (reader.read()) return true;
  offending = reader.offending();
  return false;
}

}  // namespace weir
