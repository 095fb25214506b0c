#include "json/tokens.h"

#include <simdjson.h>

#include <algorithm>

namespace weir {
namespace {
constexpr std::size_t kFirstCapacity = 16U << 10U;
constexpr std::size_t kKeptCapacity = 1U << 20U;
}  // namespace

TokenIndex::TokenIndex() = default;
TokenIndex::~TokenIndex() = default;
TokenIndex::TokenIndex(TokenIndex&&) noexcept = default;
TokenIndex& TokenIndex::operator=(TokenIndex&&) noexcept = default;

std::optional<std::span<const std::uint32_t>> TokenIndex::find(std::string_view text,
                                                               DenyCode& why) {
  why = DenyCode::kBodyMalformed;
  if (begins_with_mark(text)) {
    why = DenyCode::kBodyEncoding;
    return std::nullopt;
  }
  last_size_ = text.size();
  const simdjson::implementation* simd = simdjson::get_active_implementation();
  if (!stage_) {
    if (simd->create_dom_parser_implementation(std::max(kFirstCapacity, text.size()), 1, stage_) !=
        simdjson::SUCCESS) {
      throw std::bad_alloc();
    }
  } else if (stage_->capacity() < text.size()) {
    if (stage_->allocate(std::max(text.size(), stage_->capacity() * 2), 1) != simdjson::SUCCESS) {
      throw std::bad_alloc();
    }
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  simdjson::error_code error = stage_->stage1(bytes, text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) {
    if (error == simdjson::UTF8_ERROR) why = DenyCode::kBodyEncoding;
    return std::nullopt;
  }
  return std::span<const std::uint32_t>(stage_->structural_indexes.get(),
                                        stage_->n_structural_indexes);
}

void TokenIndex::shrink() {
  if (stage_ && stage_->capacity() > kKeptCapacity && last_size_ <= kKeptCapacity) stage_.reset();
}

}  // namespace weir
