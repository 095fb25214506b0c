#include "dsl/walk.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <functional>
#include <string>

namespace weir {
namespace {

constexpr std::size_t kMaxPointerBytes = 256;
constexpr std::size_t kMaxDetailBytes = 64;
void append_pointer_token(std::string_view token, std::string& out) {
  out += '/';
  for (char c : token) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

}  // namespace

std::string_view printable_detail(std::string_view text) {
  if (text.size() <= kMaxDetailBytes) return text;
  std::size_t end = kMaxDetailBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return text.substr(0, end);
}

bool Walk::record(DenyCode code, std::string_view path, std::string_view detail) {
  if (!failed_) {
    failed_ = true;
    failure_ = {code, path, arena.copy(printable_detail(detail))};
  }
  return false;
}

std::string_view Walk::visible() {
  if (visible_.empty()) {
    std::string_view comma = sight.filter.empty() ? "" : ",";
    visible_ = arena.concat({R"({"bool":{"filter":[)", sight.filter, comma, sight.scope, "]}}"});
  }
  return visible_;
}

bool Walk::fail(DenyCode code, std::string_view detail) {
  return record(code, pointer(nullptr), detail);
}

bool Walk::fail_at_key(std::string_view key, DenyCode code, std::string_view detail) {
  return record(code, pointer(&key), detail);
}

std::string_view Walk::pointer(const std::string_view* last_key) {
  std::string out;
  for (const Step& step : path_) {
    if (step.data != nullptr) {
      append_pointer_token(step.key(), out);
    } else {
      out += '/' + std::to_string(step.index);
    }
  }
  if (last_key != nullptr) append_pointer_token(*last_key, out);
  if (out.size() > kMaxPointerBytes) {
    std::size_t end = kMaxPointerBytes;
    while (end > 0 && (static_cast<unsigned char>(out[end]) & 0xC0U) == 0x80U) --end;
    out.resize(end);
  }
  return arena.copy(out);
}

bool Walk::fail_shape() {
  return fail(json.type() == JsonType::kNone ? DenyCode::kBodyMalformed : DenyCode::kBodyShape);
}

bool Walk::fail_around(DenyCode code) {
  path_.pop_back();
  return fail(code);
}

bool Walk::fail_long_key(std::string_view key) {
  path_.pop_back();
  return fail_at_key(printable_detail(key), DenyCode::kBodyKeyUnknown, key);
}

bool Walk::fail_duplicate(std::string_view key) {
  path_.pop_back();
  return fail_at_key(key, DenyCode::kBodyDuplicateKey, key);
}

// A table by hash, half full at most. Keys that were made to fall into the same slots cost no more
// than sorting all of them, which also finds the one to name.
bool Walk::check_many_keys(std::size_t keys_base) {
  constexpr std::uint32_t kFree = 0;
  std::span<SeenKey> keys = std::span<SeenKey>(keys_).subspan(keys_base);
  std::size_t slots = std::bit_ceil(2 * keys.size());
  key_table_.assign(slots, kFree);
  std::size_t probes = 8 * keys.size();
  bool doubt = false;
  for (std::size_t i = 0; i < keys.size() && !doubt; ++i) {
    std::size_t at = std::hash<std::string_view>()(keys[i].text()) % slots;
    for (; key_table_[at] != kFree && !doubt; at = (at + 1) % slots) {
      const SeenKey& other = keys[key_table_[at] - 1];
      doubt = --probes == 0 || (other.print == keys[i].print && other.text() == keys[i].text());
    }
    key_table_[at] = static_cast<std::uint32_t>(i + 1);
  }
  if (!doubt) return true;
  std::sort(keys.begin(), keys.end(),
            [](const SeenKey& a, const SeenKey& b) { return a.text() < b.text(); });
  auto twice = std::adjacent_find(
      keys.begin(), keys.end(),
      [](const SeenKey& a, const SeenKey& b) { return a.text() == b.text(); });
  if (twice == keys.end()) return true;
  return fail_at_key(twice->text(), DenyCode::kBodyDuplicateKey, twice->text());
}

bool Walk::skip() {
  switch (json.type()) {
    case JsonType::kObject:
      return object([this](std::string_view) { return skip(); });
    case JsonType::kArray:
      return array([this](std::uint32_t) { return skip(); });
    case JsonType::kString:
      return json.skip_string() ? true : fail(DenyCode::kBodyMalformed);
    case JsonType::kNumber:
    case JsonType::kTrue:
    case JsonType::kFalse:
    case JsonType::kNull:
    case JsonType::kNone:
      break;
  }
  std::string_view lexeme;
  return literal(lexeme);
}

bool Walk::boolean(bool& out) {
  JsonType type = json.type();
  if (type != JsonType::kTrue && type != JsonType::kFalse) return fail_shape();
  out = type == JsonType::kTrue;
  return json.read_literal() ? true : fail(DenyCode::kBodyMalformed);
}

bool Walk::integer(std::uint64_t& out) {
  if (json.type() != JsonType::kNumber) return fail_shape();
  std::string_view lexeme;
  if (!literal(lexeme)) return false;
  const char* last = lexeme.data() + lexeme.size();
  auto [end, error] = std::from_chars(lexeme.data(), last, out);
  if (error != std::errc() || end != last) return fail(DenyCode::kBodyValue, lexeme);
  return true;
}

Walk Walk::begin_inside(Cursor cursor, Edits& own_edits) {
  Walk inside(cursor, limits, sight, arena, own_edits);
  inside.lookups = lookups;
  inside.query_depth = query_depth;
  inside.agg_depth = agg_depth;
  inside.clauses = clauses;
  inside.aggs = aggs;
  inside.depth_ = depth_;
  inside.in_highlight = in_highlight;
  inside.query_scripts.closed = true;
  return inside;
}

bool Walk::end_inside(const Walk& inside) {
  clauses = inside.clauses;
  aggs = inside.aggs;
  agg_queries = agg_queries || inside.agg_queries;
  nested_sort = nested_sort || inside.nested_sort;
  percolates = percolates || inside.percolates;
  doc_sort = doc_sort || inside.doc_sort;
  if (!inside.failed()) return true;
  const Failure& failure = inside.failure();
  return record(failure.code, arena.concat({pointer(nullptr), failure.path}), failure.detail);
}

bool Walk::end() { return json.at_end() ? true : fail(DenyCode::kBodyTrailing); }

}  // namespace weir
