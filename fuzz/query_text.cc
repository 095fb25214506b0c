// Texts in Lucene's syntax beside a slow reading: however a metadata field's name is written before
// a `:` - escaped, spaced, behind an operator - the text is refused. And the check does not depend
// on what stands behind the last `:`, except for `_exists_`.
#include "dsl/query/query_text.h"

#include <array>
#include <string>

#include "fuzz.h"
#include "http/percent.h"

namespace {

using weir::fuzz::require;

// Not all, but of each kind.
constexpr std::array<std::string_view, 8> kClosed = {"_seq_no",      "_doc_count", "_primary_term",
                                                     "_version",     "_routing",   "_ignored",
                                                     "_field_names", "_size"};

// The text as Lucene's lexer would hand a term on: escapes resolved, blanks before `:` gone. If
// both readings of a backslash (an escape, or itself) matter, this is the one with escapes.
std::string resolve(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) ++i;
    if (text[i] == ':') {
      while (!out.empty() &&
             (out.back() == ' ' || out.back() == '\t' || out.back() == '\n' || out.back() == '\r'))
        out.pop_back();
    }
    out += text[i];
  }
  return out;
}

// A closed name stands alone before a `:`: at the beginning, or behind something that ends a term.
bool names_closed_field(std::string_view text) {
  for (std::string_view name : kClosed) {
    std::string wanted = std::string(name) + ":";
    for (std::size_t at = text.find(wanted); at != std::string_view::npos;
         at = text.find(wanted, at + 1)) {
      if (at == 0 ||
          std::string_view(" \t\r\n(+-!\"{}[]").find(text[at - 1]) != std::string_view::npos)
        return true;
    }
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = weir::fuzz::as_text(data, size);
  if (!weir::is_utf8(text)) return 0;
  std::string_view offending;
  bool open = weir::check_query_text(text, offending);
  if (!open) {
    require(offending.data() >= text.data() &&
                offending.data() + offending.size() <= text.data() + text.size(),
            "what is named is a part of the text");
    return 0;
  }
  require(!names_closed_field(resolve(text)) && !names_closed_field(text),
          "no closed field is named");
  // Put behind any accepted text, a closed name is still seen.
  for (std::string_view name : kClosed) {
    std::string longer = std::string(text) + " " + std::string(name) + ":1";
    require(!weir::check_query_text(longer, offending), "a closed field behind it is seen");
  }
  return 0;
}
