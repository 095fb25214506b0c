// Where the tokens of a JSON text begin, found by simdjson's vectorised first stage.
//
// Only that stage is used: it picks its instruction set at run time, validates UTF-8 and finds
// every structural character and the first byte of every scalar outside strings. Reading them
// (cursor.h) is ours, because a rewrite by position needs exact offsets, number lexemes as written,
// decoded keys and the refusal of duplicates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "weir/verdict.h"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace weir {

/// A byte order mark, which no JSON text may begin with.
inline bool begins_with_mark(std::string_view text) { return text.starts_with("\xEF\xBB\xBF"); }

/// Reusable memory for the positions. Not thread-safe.
class TokenIndex {
 public:
  TokenIndex();
  ~TokenIndex();
  TokenIndex(TokenIndex&&) noexcept;
  TokenIndex& operator=(TokenIndex&&) noexcept;

  /// Offsets of the tokens of `text`, valid until the next call; or why it cannot be JSON
  /// (kBodyMalformed, kBodyEncoding). A text without any token is malformed.
  std::optional<std::span<const std::uint32_t>> find(std::string_view text, DenyCode& why);

  /// Gives memory of an unusually large text back, unless the last one was such a text: those that
  /// come one after the other share it.
  void shrink();

 private:
  std::size_t last_size_ = 0;
  std::unique_ptr<simdjson::internal::dom_parser_implementation> stage_;
};

}  // namespace weir
