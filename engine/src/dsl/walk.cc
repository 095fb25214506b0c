#include "dsl/walk.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace weir {
namespace {

constexpr std::size_t kMaxPointerBytes = 256;
constexpr std::size_t kMaxDetailBytes = 64;
// Up to here comparing every pair of keys is cheaper than sorting them (and says at once where the
// second one stands).
constexpr std::size_t kFewKeys = 12;

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

// A key that stands in `keys` twice, or null. Reorders them.
const std::string_view* find_duplicate(std::span<std::string_view> keys) {
  std::sort(keys.begin(), keys.end());
  auto twice = std::adjacent_find(keys.begin(), keys.end());
  return twice == keys.end() ? nullptr : &*twice;
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
    if (step.is_key) {
      append_pointer_token(step.key, out);
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

bool Walk::enter(char bracket) {
  if (json.head() != bracket) return fail_shape();
  if (depth_ == limits.max_json_depth) return fail(DenyCode::kBodyTooDeep);
  ++depth_;
  json.step();
  return true;
}

Walk::Next Walk::next_key(bool first, std::size_t keys_base, std::string_view& key) {
  if (json.head() == '}') {
    json.step();
    return Next::kEnd;
  }
  if (!first) {
    if (json.head() != ',') return fail(DenyCode::kBodyMalformed), Next::kFailed;
    json.step();
  }
  auto name = json.read_string(arena);
  if (!name || json.head() != ':') return fail(DenyCode::kBodyMalformed), Next::kFailed;
  json.step();
  key = *name;
  if (key.size() > limits.max_key_bytes) {
    return fail_at_key(printable_detail(key), DenyCode::kBodyKeyUnknown, key), Next::kFailed;
  }
  std::span<const std::string_view> before = std::span(keys_).subspan(keys_base);
  if (before.size() < kFewKeys && std::find(before.begin(), before.end(), key) != before.end()) {
    return fail_at_key(key, DenyCode::kBodyDuplicateKey, key), Next::kFailed;
  }
  return Next::kValue;
}

Walk::Next Walk::next_element(bool first) {
  if (json.head() == ']') {
    json.step();
    return Next::kEnd;
  }
  if (!first) {
    if (json.head() != ',') return fail(DenyCode::kBodyMalformed), Next::kFailed;
    json.step();
    // A comma promises another element.
    if (json.head() == ']') return fail(DenyCode::kBodyMalformed), Next::kFailed;
  }
  return Next::kValue;
}

bool Walk::leave_object(std::size_t keys_base) {
  --depth_;
  std::span<std::string_view> keys = std::span(keys_).subspan(keys_base);
  const std::string_view* duplicate = keys.size() > kFewKeys ? find_duplicate(keys) : nullptr;
  if (duplicate != nullptr) return fail_at_key(*duplicate, DenyCode::kBodyDuplicateKey, *duplicate);
  keys_.resize(keys_base);
  return true;
}

bool Walk::skip() {
  switch (json.type()) {
    case JsonType::kObject:
      return object([this](std::string_view) { return skip(); });
    case JsonType::kArray:
      return array([this](std::uint32_t) { return skip(); });
    case JsonType::kString:
      return json.read_string(arena) ? true : fail(DenyCode::kBodyMalformed);
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

bool Walk::literal(std::string_view& out) {
  auto lexeme = json.read_literal();
  if (!lexeme) return fail(DenyCode::kBodyMalformed);
  if (lexeme->size() > limits.max_number_bytes) return fail(DenyCode::kBodyNumber, *lexeme);
  out = *lexeme;
  return true;
}

bool Walk::string(std::string_view& out) {
  if (json.type() != JsonType::kString) return fail_shape();
  auto text = json.read_string(arena);
  if (!text) return fail(DenyCode::kBodyMalformed);
  out = *text;
  return true;
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

bool Walk::scalar() {
  switch (json.type()) {
    case JsonType::kString:
    case JsonType::kNumber:
    case JsonType::kTrue:
    case JsonType::kFalse:
      return skip();
    case JsonType::kObject:
    case JsonType::kArray:
    case JsonType::kNull:
    case JsonType::kNone:
      break;
  }
  return fail_shape();
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
