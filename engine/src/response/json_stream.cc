#include "response/json_stream.h"

#include <algorithm>
#include <cstring>

namespace weir::response {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The first byte that means something inside a string: a quote, a backslash or a control character.
// Eight at a time.
const char* skip_plain(const char* at, const char* end) {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHigh = 0x8080808080808080U;
  while (end - at >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, sizeof word);
    std::uint64_t quote = word ^ (kOnes * '"');
    std::uint64_t slash = word ^ (kOnes * '\\');
    std::uint64_t found =
        ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) | ((word - kOnes * 0x20U) & ~word);
    if ((found & kHigh) != 0) break;
    at += 8;
  }
  while (at != end && *at != '"' && *at != '\\' && static_cast<unsigned char>(*at) >= 0x20) ++at;
  return at;
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

// Behind the escape that begins at the backslash `at`; null if it is cut off or none.
const char* skip_escape(const char* at, const char* end) {
  if (end - at < 2) return nullptr;
  if (at[1] != 'u') {
    constexpr std::string_view kShort = "\"\\/bfnrt";
    return kShort.find(at[1]) != std::string_view::npos ? at + 2 : nullptr;
  }
  if (end - at < 6 || !std::all_of(at + 2, at + 6, is_hex)) return nullptr;
  return at + 6;
}

// The quote that ends the string, or the first byte that takes a closer look.
const char* skip_string(const char* at, const char* end) {
  while (true) {
    at = skip_plain(at, end);
    if (at == end || *at != '\\') return at;
    const char* behind = skip_escape(at, end);
    if (behind == nullptr) return at;
    at = behind;
  }
}

const char* skip_digits(const char* at, const char* end) {
  while (at != end && is_digit(*at)) ++at;
  return at;
}

// Behind the number that begins at `at`; null if it is none, or may go on behind `end`.
const char* skip_number(const char* at, const char* end) {
  at += *at == '-' ? 1 : 0;
  if (at == end || !is_digit(*at)) return nullptr;
  at = *at == '0' ? at + 1 : skip_digits(at, end);
  if (at != end && *at == '.') {
    const char* fraction = at + 1;
    at = skip_digits(fraction, end);
    if (at == fraction) return nullptr;
  }
  if (at != end && (*at == 'e' || *at == 'E')) {
    ++at;
    if (at != end && (*at == '+' || *at == '-')) ++at;
    const char* exponent = at;
    at = skip_digits(exponent, end);
    if (at == exponent) return nullptr;
  }
  return at == end ? nullptr : at;
}

// The same for `true`, `false` and `null`.
const char* skip_literal(const char* at, const char* end) {
  for (std::string_view literal : {"true", "false", "null"}) {
    if (std::string_view(at, std::min<std::size_t>(literal.size(), end - at)) == literal)
      return at + literal.size();
  }
  return nullptr;
}

int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

bool JsonStream::feed(std::string_view piece, JsonEvents& events) {
  at_ = piece.data();
  mark_ = at_;
  end_ = at_ + piece.size();
  while (!failed_ && at_ != end_) {
    failed_ = (whole_ && !skim(events)) || (at_ != end_ && !step(events));
  }
  if (!failed_) failed_ = !flush(events);
  at_ = mark_ = end_ = nullptr;
  return !failed_;
}

bool JsonStream::finish(JsonEvents& events) {
  if (failed_) return false;
  // A number at the top ends with the input.
  bool number_ended = state_ == State::kZero || state_ == State::kInteger ||
                      state_ == State::kFraction || state_ == State::kExponentDigits;
  if (depth_ == 0 && number_ended) failed_ = !end_value(events);
  return !failed_ && state_ == State::kDone;
}

// Goes through a value that is taken whole, token by token where step() goes byte by byte: nobody
// has to be told of them. Stops at the value's end, the piece's end, or at whatever is unusual,
// which is step()'s to judge. False when the scan is over.
bool JsonStream::skim(JsonEvents& events) {
  while (whole_ && at_ != end_ && state_ <= State::kDone) {
    const char c = *at_;
    if (is_space(c)) {
      ++at_;
      continue;
    }
    switch (state_) {
      case State::kAfter:
        if (c == '}' || c == ']') {
          if (!close(c == '}', events)) return false;
        } else if (c == ',') {
          ++at_;
          state_ = top_is_object() ? State::kKey : State::kValue;
        } else {
          return true;
        }
        break;
      case State::kFirstKey:
      case State::kKey:
        if (c != '"') return true;
        in_key_ = true;
        if (!skim_string(State::kColon)) return true;
        break;
      case State::kColon:
        if (c != ':') return true;
        ++at_;
        state_ = State::kValue;
        break;
      case State::kFirstValue:
      case State::kValue:
        if (c == '{' || c == '[') {
          ++at_;
          if (!open(c == '{')) return false;
        } else if (c == '"') {
          in_key_ = false;
          if (!skim_string(State::kAfter)) return true;
        } else {
          const char* behind =
              c == '-' || is_digit(c) ? skip_number(at_, end_) : skip_literal(at_, end_);
          if (behind == nullptr) return true;
          at_ = behind;
          state_ = State::kAfter;
        }
        break;
      case State::kDone:
      case State::kString:
      case State::kEscape:
      case State::kHex:
      case State::kMinus:
      case State::kZero:
      case State::kInteger:
      case State::kDot:
      case State::kFraction:
      case State::kExponent:
      case State::kExponentSign:
      case State::kExponentDigits:
      case State::kLiteral:
        return true;
    }
  }
  return true;
}

// The string that begins at `at_`. False if its end is not found: then it is left in its middle.
bool JsonStream::skim_string(State next) {
  const char* quote = skip_string(at_ + 1, end_);
  const bool ended = quote != end_ && *quote == '"';
  at_ = ended ? quote + 1 : quote;
  state_ = ended ? next : State::kString;
  return ended;
}

bool JsonStream::step(JsonEvents& events) {
  char c = *at_;
  if (state_ <= State::kDone && is_space(c)) {
    ++at_;
    return true;
  }
  switch (state_) {
    case State::kFirstValue:
      return c == ']' ? close(false, events) : begin_value(events);
    case State::kValue:
      return begin_value(events);
    case State::kFirstKey:
      return c == '}' ? close(true, events) : begin_key();
    case State::kKey:
      return begin_key();
    case State::kColon:
      return punctuation(':', State::kValue);
    case State::kAfter:
      if (c == '}' || c == ']') return close(c == '}', events);
      return punctuation(',', top_is_object() ? State::kKey : State::kValue);
    case State::kDone:
      return false;
    case State::kString:
      return step_string(events);
    case State::kEscape:
      return step_escape();
    case State::kHex:
      return step_hex();
    case State::kMinus:
    case State::kZero:
    case State::kInteger:
    case State::kDot:
    case State::kFraction:
    case State::kExponent:
    case State::kExponentSign:
    case State::kExponentDigits:
      return step_number(events);
    case State::kLiteral:
      return step_literal(events);
  }
  return false;
}

bool JsonStream::punctuation(char expected, State next) {
  if (*at_ != expected) return false;
  ++at_;
  state_ = next;
  return true;
}

bool JsonStream::begin_value(JsonEvents& events) {
  JsonKind kind = JsonKind::kNumber;
  switch (*at_) {
    case '{':
      kind = JsonKind::kObject;
      break;
    case '[':
      kind = JsonKind::kArray;
      break;
    case '"':
      kind = JsonKind::kString;
      break;
    case 't':
      kind = JsonKind::kTrue;
      break;
    case 'f':
      kind = JsonKind::kFalse;
      break;
    case 'n':
      kind = JsonKind::kNull;
      break;
    default:
      if (*at_ != '-' && !is_digit(*at_)) return false;
  }
  if (!whole_) {
    if (!flush(events)) return false;
    JsonEvents::Step step = events.value(kind);
    if (step == JsonEvents::Step::kFail) return false;
    bool container = kind == JsonKind::kObject || kind == JsonKind::kArray;
    if (step == JsonEvents::Step::kEnter && !container) return false;
    whole_ = step == JsonEvents::Step::kWhole;
    whole_depth_ = depth_;
  }
  return begin_token(kind);
}

bool JsonStream::begin_token(JsonKind kind) {
  char c = *at_++;
  switch (kind) {
    case JsonKind::kObject:
      return open(true);
    case JsonKind::kArray:
      return open(false);
    case JsonKind::kString:
      in_key_ = false;
      state_ = State::kString;
      return true;
    case JsonKind::kNumber:
      state_ = c == '-' ? State::kMinus : (c == '0' ? State::kZero : State::kInteger);
      return true;
    case JsonKind::kTrue:
      literal_rest_ = "rue";
      break;
    case JsonKind::kFalse:
      literal_rest_ = "alse";
      break;
    case JsonKind::kNull:
      literal_rest_ = "ull";
      break;
  }
  state_ = State::kLiteral;
  return true;
}

bool JsonStream::end_value(JsonEvents& events) {
  state_ = depth_ == 0 ? State::kDone : State::kAfter;
  if (!whole_ || depth_ != whole_depth_) return true;
  if (!flush(events)) return false;
  whole_ = false;
  return events.end();
}

bool JsonStream::open(bool object) {
  if (depth_ == kMaxDepth) return false;
  std::uint64_t bit = std::uint64_t{1} << (depth_ % 64);
  std::uint64_t& word = is_object_[depth_ / 64];
  word = object ? (word | bit) : (word & ~bit);
  ++depth_;
  state_ = object ? State::kFirstKey : State::kFirstValue;
  return true;
}

bool JsonStream::close(bool object, JsonEvents& events) {
  if (top_is_object() != object) return false;
  ++at_;
  --depth_;
  if (whole_) return end_value(events);
  state_ = depth_ == 0 ? State::kDone : State::kAfter;
  return flush(events) && events.leave();
}

bool JsonStream::top_is_object() const {
  return ((is_object_[(depth_ - 1) / 64] >> ((depth_ - 1) % 64)) & 1U) != 0;
}

bool JsonStream::begin_key() {
  in_key_ = true;
  key_lost_ = false;
  key_size_ = 0;
  return punctuation('"', State::kString);
}

void JsonStream::keep_key(std::string_view text) {
  if (!in_key_ || whole_ || key_lost_) return;
  key_lost_ = text.size() > kMaxKeyBytes - key_size_;
  if (key_lost_) return;
  std::copy(text.begin(), text.end(), key_.data() + key_size_);
  key_size_ += text.size();
}

bool JsonStream::step_string(JsonEvents& events) {
  const char* from = at_;
  at_ = skip_plain(at_, end_);
  keep_key({from, static_cast<std::size_t>(at_ - from)});
  if (at_ == end_) return true;
  char c = *at_;
  if (c != '"' && c != '\\') return false;
  ++at_;
  if (c == '"') return end_string(events);
  state_ = State::kEscape;
  return true;
}

bool JsonStream::end_string(JsonEvents& events) {
  if (!in_key_) return end_value(events);
  state_ = State::kColon;
  if (!whole_) events.key({key_.data(), key_lost_ ? 0 : key_size_});
  return true;
}

bool JsonStream::step_escape() {
  constexpr std::string_view kEscapes = "\"\\/bfnrtu";
  constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
  std::size_t which = kEscapes.find(*at_++);
  if (which == std::string_view::npos) return false;
  if (which == kMeanings.size()) {
    hex_digits_ = 0;
    hex_value_ = 0;
    state_ = State::kHex;
    return true;
  }
  keep_key(kMeanings.substr(which, 1));
  state_ = State::kString;
  return true;
}

bool JsonStream::step_hex() {
  int digit = hex_digit(*at_++);
  if (digit < 0) return false;
  hex_value_ = hex_value_ * 16 + static_cast<std::uint32_t>(digit);
  if (++hex_digits_ < 4) return true;
  auto c = static_cast<char>(hex_value_ & 0x7FU);
  if (hex_value_ < 0x80) {
    keep_key({&c, 1});
  } else {
    key_lost_ = true;
  }
  state_ = State::kString;
  return true;
}

JsonStream::State JsonStream::after_digit_or_sign(State state, char c) {
  constexpr State kOver = State::kDone;
  constexpr State kMalformed = State::kValue;
  bool digit = is_digit(c);
  bool exponent = c == 'e' || c == 'E';
  switch (state) {
    case State::kMinus:
      if (!digit) return kMalformed;
      return c == '0' ? State::kZero : State::kInteger;
    case State::kInteger:
      if (digit) return State::kInteger;
      [[fallthrough]];
    case State::kZero:
      if (c == '.') return State::kDot;
      return exponent ? State::kExponent : kOver;
    case State::kDot:
      return digit ? State::kFraction : kMalformed;
    case State::kFraction:
      if (digit) return State::kFraction;
      return exponent ? State::kExponent : kOver;
    case State::kExponent:
      if (c == '+' || c == '-') return State::kExponentSign;
      [[fallthrough]];
    case State::kExponentSign:
      return digit ? State::kExponentDigits : kMalformed;
    case State::kExponentDigits:
      return digit ? State::kExponentDigits : kOver;
    case State::kValue:
    case State::kFirstValue:
    case State::kKey:
    case State::kFirstKey:
    case State::kColon:
    case State::kAfter:
    case State::kDone:
    case State::kString:
    case State::kEscape:
    case State::kHex:
    case State::kLiteral:
      break;
  }
  return kMalformed;
}

bool JsonStream::step_number(JsonEvents& events) {
  State next = after_digit_or_sign(state_, *at_);
  if (next == State::kValue) return false;
  if (next == State::kDone) return end_value(events);  // the byte is read again, between tokens
  state_ = next;
  ++at_;
  return true;
}

bool JsonStream::step_literal(JsonEvents& events) {
  if (*at_ != literal_rest_.front()) return false;
  ++at_;
  literal_rest_.remove_prefix(1);
  return literal_rest_.empty() ? end_value(events) : true;
}

bool JsonStream::flush(JsonEvents& events) {
  std::string_view raw(mark_, static_cast<std::size_t>(at_ - mark_));
  mark_ = at_;
  if (raw.empty()) return true;
  return whole_ ? events.bytes(raw) : events.glue(raw);
}

}  // namespace weir::response
