// wrapper and template: queries in a disguise. A wrapper is a query as base64 text; it is decoded,
// walked like any other text and put in its own place, so that OpenSearch reads what was checked. A
// template is a query whose texts may hold places for a search pipeline to fill in; there is no
// pipeline here, so without such places it is its own content.
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "dsl/query/types.h"
#include "json/tokens.h"

namespace weir {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

consteval std::array<std::uint8_t, 256> base64_digits() {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(64);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = base64_digits();

// Padded, without white space or bits left over: what every decoder reads alike.
std::optional<std::string> decode_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  text.remove_suffix(padding);
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  std::uint32_t count = 0;
  for (char c : text) {
    std::uint32_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit == 64) return std::nullopt;
    bits = (bits << 6U | digit) & 0xFFFFU;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xFFU);
  }
  return (bits & ((1U << count) - 1U)) == 0 ? std::make_optional(std::move(out)) : std::nullopt;
}

// The members of the object that `text` is.
std::string_view members_of(std::string_view text) {
  std::size_t open = text.find('{');
  std::size_t close = text.rfind('}');
  return text.substr(open + 1, close - open - 1);
}

// A text, and what stands in its place in highlights.
struct Edited {
  std::string_view text;
  std::string_view in_copy;
};

std::string_view joined(const std::vector<std::string_view>& pieces, Arena& arena) {
  std::string text;
  for (std::string_view piece : pieces) text += piece;
  return arena.copy(text);
}

// Walks `text` as one query and puts it, edited, into the arena.
bool walk_text(Walk& walk, std::string_view text, Edited& out) {
  TokenIndex index;
  DenyCode why = DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  if (!tokens) return walk.fail(why);
  Edits edits;
  Walk inside = walk.begin_inside(Cursor(text, *tokens), edits);
  bool walked = walk_query(inside) && inside.end();
  if (!walk.end_inside(inside) || !walked) return false;
  std::vector<std::string_view> pieces;
  edits.apply(text, pieces);
  out.text = joined(pieces, walk.arena);
  pieces.clear();
  edits.apply_as_copy(text, pieces);
  out.in_copy = joined(pieces, walk.arena);
  return true;
}

}  // namespace

bool walk_wrapper(Walk& walk) {
  std::size_t begin = walk.query_inside;
  Edited query;
  bool walked = walk.object([&](std::string_view name) {
    if (name != "query") return walk.fail(DenyCode::kQueryKeyUnknown, name);
    std::string_view encoded;
    if (!walk.string(encoded)) return false;
    auto decoded = decode_base64(encoded);
    if (!decoded) return walk.fail(DenyCode::kBodyValue);
    return walk_text(walk, walk.arena.copy(*decoded), query);
  });
  if (!walked) return false;
  if (query.text.empty()) return walk.fail(DenyCode::kQueryShape);
  walk.edits.replace(begin, walk.here() - begin, members_of(query.text), members_of(query.in_copy));
  return true;
}

bool walk_template(Walk& walk) {
  std::size_t begin = walk.query_inside;
  std::size_t value = walk.here();
  if (!walk_query(walk)) return false;
  std::string_view text = walk.json.text().substr(value, walk.here() - value);
  // A place to fill in begins with `$`, however that is written.
  if (text.find('$') != std::string_view::npos || text.find("\\u") != std::string_view::npos) {
    return walk.fail(DenyCode::kQueryTemplate);
  }
  walk.edits.replace(begin, value + 1 - begin, {});
  std::size_t close = value + text.rfind('}');
  walk.edits.replace(close, 1, {});
  return true;
}

}  // namespace weir
