// How the engine reads JSON: texts come in at standard input, each after its length in four bytes
// (big end first); for each a line goes out the same way: `A` and the list of what stands in it
// (fuzz/json_events.h), or `R` and the code of its refusal.
#include <array>
#include <cstdint>
#include <iostream>
#include <string>

#include "base/arena.h"
#include "dsl/walk.h"
#include "json/tokens.h"
#include "json_events.h"

namespace weir {
namespace {

constexpr std::size_t kLengthBytes = 4;

bool read_text(std::string& text) {
  std::array<char, kLengthBytes> prefix{};
  if (!std::cin.read(prefix.data(), prefix.size())) return false;
  std::uint32_t size = 0;
  for (char byte : prefix) size = size << 8U | static_cast<std::uint8_t>(byte);
  text.resize(size);
  return size == 0 || std::cin.read(text.data(), size);
}

void write_text(std::string_view text) {
  for (unsigned shift : {24U, 16U, 8U, 0U}) {
    std::cout.put(static_cast<char>(text.size() >> shift & 0xFFU));
  }
  std::cout.write(text.data(), static_cast<std::streamsize>(text.size()));
}

std::string list(std::string_view text, TokenIndex& index) {
  DenyCode why = DenyCode::kUndecided;
  auto tokens = index.find(text, why);
  if (!tokens) return "R" + std::string(deny_info(why).code);
  Arena arena;
  Edits edits;
  const Limits limits;
  const Sight sight;
  Walk walk(Cursor(text, *tokens), limits, sight, arena, edits);
  std::string listed = "A";
  if (fuzz::list_value(walk, listed) && walk.end()) return listed;
  return "R" + std::string(deny_info(walk.failure().code).code);
}

}  // namespace
}  // namespace weir

int main() {
  std::ios::sync_with_stdio(false);
  std::cin.tie(nullptr);
  weir::TokenIndex index;
  for (std::string text; weir::read_text(text);) weir::write_text(weir::list(text, index));
  return 0;
}
