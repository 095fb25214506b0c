// A strict JSON scanner for bytes that arrive in pieces, cut anywhere. It holds no text: one state,
// one bit per level of nesting and the current key. Every byte of the input is given back exactly
// once and in order, either as the bytes of a value that is taken whole or as the glue around such
// values, so that an editor can pass, drop or replace members by where they stand and still be byte
// for byte faithful everywhere else.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::response {

enum class JsonKind : std::uint8_t { kObject, kArray, kString, kNumber, kTrue, kFalse, kNull };

/// What an editor is told. Any callback may refuse, which ends the scan.
class JsonEvents {
 public:
  enum class Step : std::uint8_t {
    kEnter,  // containers only: report the members one by one, then leave()
    kWhole,  // bytes() as they arrive, then end()
    kFail,
  };

  /// Raw bytes outside of whole values: white space, punctuation, keys, brackets of entered
  /// containers.
  virtual bool glue(std::string_view raw) = 0;
  /// The key of the value that comes next, unescaped. Empty when it is longer than kMaxKeyBytes or
  /// was written with escapes beyond ASCII, that is, when it cannot be a name anybody looks for.
  /// Valid during the call.
  virtual void key(std::string_view name) = 0;
  /// A value begins; all glue before it has been given.
  virtual Step value(JsonKind kind) = 0;
  virtual bool bytes(std::string_view raw) = 0;
  /// The value taken whole is complete.
  virtual bool end() = 0;
  /// The innermost entered container is closed; its bracket has been given as glue.
  virtual bool leave() = 0;

 protected:
  ~JsonEvents() = default;
};

/// Accepts exactly one RFC 8259 value with white space around it. UTF-8 and the pairing of escaped
/// surrogates are not checked: documents carry them as they were stored. Throws only what the
/// callbacks throw.
class JsonStream {
 public:
  static constexpr std::size_t kMaxKeyBytes = 64;
  /// Twice what OpenSearch's own parser takes (1,000), with room for the answer around a document.
  static constexpr std::size_t kMaxDepth = 2048;

  /// False for malformed input or when a callback refused; from then on always false.
  bool feed(std::string_view piece, JsonEvents& events);
  /// True if the value is complete.
  bool finish(JsonEvents& events);

 private:
  // INVARIANT: the states between tokens come first, kDone last of them.
  enum class State : std::uint8_t {
    kValue,
    kFirstValue,
    kKey,
    kFirstKey,
    kColon,
    kAfter,
    kDone,  // between tokens
    kString,
    kEscape,
    kHex,
    kMinus,
    kZero,
    kInteger,
    kDot,
    kFraction,
    kExponent,
    kExponentSign,
    kExponentDigits,
    kLiteral,
  };

  bool skim(JsonEvents& events);
  bool skim_string(State next);
  bool step(JsonEvents& events);
  bool punctuation(char expected, State next);
  bool begin_value(JsonEvents& events);
  bool begin_token(JsonKind kind);
  bool end_value(JsonEvents& events);
  bool open(bool object);
  bool close(bool object, JsonEvents& events);
  bool begin_key();
  bool step_string(JsonEvents& events);
  bool end_string(JsonEvents& events);
  bool step_escape();
  bool step_hex();
  // kDone: the number is over before `c`; kValue: `c` is wrong there.
  static State after_digit_or_sign(State state, char c);
  bool step_number(JsonEvents& events);
  bool step_literal(JsonEvents& events);
  bool flush(JsonEvents& events);
  void keep_key(std::string_view text);
  bool top_is_object() const;

  State state_ = State::kValue;
  bool failed_ = false;
  bool whole_ = false;   // inside a value that is taken whole
  bool in_key_ = false;  // the string being read is a key
  bool key_lost_ = false;
  std::uint8_t hex_digits_ = 0;
  std::uint32_t hex_value_ = 0;
  std::string_view literal_rest_;
  std::size_t depth_ = 0;
  std::size_t whole_depth_ = 0;  // depth outside of the whole value
  std::size_t key_size_ = 0;
  std::array<char, kMaxKeyBytes> key_{};
  std::array<std::uint64_t, kMaxDepth / 64> is_object_{};
  // Of the piece being fed; null between calls.
  const char* at_ = nullptr;
  const char* end_ = nullptr;
  const char* mark_ = nullptr;  // first byte not yet given back
};

}  // namespace weir::response
