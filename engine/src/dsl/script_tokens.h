// Scripts as tokens: what Painless and Lucene expressions have in common, read strictly.
//
// The reader must never see fewer names than OpenSearch's own lexers do. So everything is refused
// in which the two could be of different minds: regular expressions (where a `/` begins one depends
// on the token before it), escapes other than of the quote and the backslash, a byte outside of
// ASCII that is not in a string, numbers that run into names, blanks behind a dot.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/arena.h"

namespace weir {

struct ScriptToken {
  enum class Kind : std::uint8_t {
    kName,    // an identifier that is no word of the language
    kWord,    // a word of the language: `if`, `return`, `int`, `def`, …
    kMember,  // the name or number behind a dot
    kNumber,
    kString,  // text is what stands between the quotes
    kSign,    // an operator or bracket
    kEnd,     // behind the last one
  };
  Kind kind = Kind::kEnd;
  std::string_view text;
  bool plain = true;  // of a string: no escapes in it, so the text is its value

  bool is_sign(std::string_view sign) const { return kind == Kind::kSign && text == sign; }
  bool is_name(std::string_view name) const { return kind == Kind::kName && text == name; }
};

/// The tokens of `source`, with a kEnd behind them. False if it is refused; `offending` is then the
/// part of `source` at fault. Cost: linear.
bool read_script_tokens(std::string_view source, ArenaVector<ScriptToken>& out,
                        std::string_view& offending);

}  // namespace weir
