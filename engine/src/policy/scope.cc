#include "policy/scope.h"

#include <algorithm>
#include <array>
#include <memory>

#include "base/json_string.h"
#include "http/percent.h"

namespace weir {
namespace {

constexpr std::size_t kNameBytes = 255;  // OpenSearch's own limit
constexpr std::size_t kDetailBytes = 64;
constexpr std::string_view kBackingPrefix = ".ds-";
constexpr std::size_t kGenerationDigits = 6;

bool has_wildcard(std::string_view text) { return text.find('*') != std::string_view::npos; }

// Characters of a name or pattern, as OpenSearch demands of names; `:` `<` `>` `,` were looked for
// before.
constexpr std::array<bool, 256> kNameChars = [] {
  std::array<bool, 256> out{};
  for (std::size_t byte = 0x21; byte < out.size(); ++byte) {
    out[byte] = byte != 0x7F && (byte < 'A' || byte > 'Z');
  }
  for (char c : std::string_view("\\/?\"<>|,#:")) out[static_cast<unsigned char>(c)] = false;
  return out;
}();

bool is_name_char(char c) { return kNameChars[static_cast<unsigned char>(c)]; }

bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

// REQUIRES: a leading dot has been dealt with.
bool is_name_or_pattern(std::string_view text) {
  if (text.empty() || text.size() > kNameBytes) return false;
  if (text.front() == '-' || text.front() == '_' || text.front() == '+') return false;
  return std::all_of(text.begin(), text.end(), is_name_char) &&
         (std::all_of(text.begin(), text.end(), is_ascii) || is_utf8(text));
}

// The pattern covers everything the other (a name or pattern) does. Dot names are covered only by
// patterns that begin with a dot.
bool covers(std::string_view pattern, std::string_view other) {
  if (other.front() == '.' && pattern.front() != '.') return false;
  return glob_match(pattern, other);
}

bool overlaps(std::string_view a, std::string_view b) {
  return (a.front() == '.') == (b.front() == '.') && globs_overlap(a, b);
}

// `.ds-NAME-000001` -> `NAME`; empty if it is no such name.
std::string_view data_stream_of(std::string_view name) {
  if (!name.starts_with(kBackingPrefix)) return {};
  name.remove_prefix(kBackingPrefix.size());
  std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return {};
  std::string_view generation = name.substr(dash + 1);
  bool digits = std::all_of(generation.begin(), generation.end(),
                            [](char c) { return c >= '0' && c <= '9'; });
  return digits && generation.size() >= kGenerationDigits ? name.substr(0, dash)
                                                          : std::string_view{};
}

// Why an item (without its `-`) cannot be looked for in any scope.
std::optional<DenyCode> check_item(std::string_view item) {
  if (item.empty()) return DenyCode::kIndexName;
  if (is_name_or_pattern(item) && item != "." && item != "..") return std::nullopt;
  if (item.find(':') != std::string_view::npos) return DenyCode::kIndexRemote;
  if (item.find_first_of("<>") != std::string_view::npos) return DenyCode::kIndexDateMath;
  return DenyCode::kIndexName;
}

std::optional<DenyCode> check_name(std::string_view name, const Scope& scope) {
  if (scope.contains(name)) return std::nullopt;
  return name.front() == '.' ? DenyCode::kIndexHidden : DenyCode::kIndexScope;
}

// Rewrites an index expression item by item.
class Cutter {
 public:
  Cutter(const Scope& scope, Arena& arena) : scope_(scope), arena_(arena) {}

  void add_everything();
  std::optional<DenyCode> add(std::string_view item);
  std::optional<DenyCode> exclude(std::string_view item);
  void finish(IndexSelection& out);

 private:
  struct Item {
    std::string_view text;
    bool excluded = false;
  };

  // The parts of the scope that a pattern selects, given to `take`; false if they cannot be written
  // as patterns.
  template <typename Take>
  bool cut(std::string_view pattern, Take take) const;
  std::span<Item> items() { return {items_, size_}; }
  void push(const Item& item);
  void emit(std::string_view text);
  void push_exclusion(std::string_view text);
  std::optional<DenyCode> outside(std::string_view pattern) const;

  const Scope& scope_;
  Arena& arena_;
  // In the arena, so that a warm request allocates nothing.
  Item* items_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  std::size_t repeatable_ = 0;  // items before this one stand before an exclusion
  bool pattern_given_ = false;
  bool names_for_pattern_ = false;
};

template <typename Take>
bool Cutter::cut(std::string_view pattern, Take take) const {
  for (const std::string& allowed : scope_.patterns()) {
    if (covers(allowed, pattern)) {
      take(pattern);
      return true;
    }
  }
  for (const std::string& allowed : scope_.patterns()) {
    if (!covers(pattern, allowed) && overlaps(pattern, allowed)) return false;
  }
  for (const std::string& allowed : scope_.patterns()) {
    if (covers(pattern, allowed)) take(std::string_view(allowed));
  }
  return true;
}

void Cutter::push(const Item& item) {
  if (size_ == capacity_) {
    std::size_t capacity = capacity_ == 0 ? 8 : 2 * capacity_;
    auto* grown = reinterpret_cast<Item*>(arena_.allocate(capacity * sizeof(Item)));
    std::uninitialized_copy_n(items_, size_, grown);
    items_ = grown;
    capacity_ = capacity;
  }
  std::construct_at(items_ + size_++, item);
}

void Cutter::emit(std::string_view text) {
  std::span<Item> recent = items().subspan(repeatable_);
  bool there = std::any_of(recent.begin(), recent.end(),
                           [&](const Item& item) { return item.text == text; });
  if (!there) push({text, false});
}

void Cutter::add_everything() {
  pattern_given_ = true;
  for (const std::string& allowed : scope_.patterns()) {
    emit(allowed);
    names_for_pattern_ |= !has_wildcard(allowed);
  }
}

std::optional<DenyCode> Cutter::outside(std::string_view pattern) const {
  return pattern.front() == '.' ? DenyCode::kIndexHidden : DenyCode::kIndexScope;
}

std::optional<DenyCode> Cutter::add(std::string_view item) {
  if (auto denied = check_item(item)) return denied;
  if (!has_wildcard(item)) {
    if (auto denied = check_name(item, scope_)) return denied;
    emit(item);
    return std::nullopt;
  }
  if (item.find_first_not_of('*') == std::string_view::npos) {
    add_everything();
    return std::nullopt;
  }
  pattern_given_ = true;
  bool any = false;
  bool exact = cut(item, [&](std::string_view part) {
    any = true;
    emit(part);
    names_for_pattern_ |= !has_wildcard(part);
  });
  if (!exact) return DenyCode::kIndexPattern;
  return any ? std::nullopt : outside(item);
}

// Only where a pattern before it could select something of it: to OpenSearch it would be a name
// otherwise.
void Cutter::push_exclusion(std::string_view text) {
  std::string_view stream = data_stream_of(text);
  std::span<Item> before = items();
  bool selected = std::any_of(before.begin(), before.end(), [&](const Item& have) {
    if (have.excluded || !has_wildcard(have.text)) return false;
    return overlaps(have.text, text) || (!stream.empty() && covers(have.text, stream));
  });
  if (selected) push({text, true});
}

std::optional<DenyCode> Cutter::exclude(std::string_view item) {
  // Without a pattern before it OpenSearch reads `-x` as a name.
  if (!pattern_given_) return DenyCode::kIndexName;
  if (auto denied = check_item(item)) return denied;
  // Names that were written for a pattern are taken back here: OpenSearch excludes only after a
  // pattern.
  Item* end = std::remove_if(items_, items_ + size_, [&](const Item& have) {
    return !have.excluded && !has_wildcard(have.text) && covers(item, have.text);
  });
  size_ = static_cast<std::size_t>(end - items_);
  repeatable_ = size_;
  // What is outside the scope is not selected anyway, and to name it upstream would tell whether it
  // exists.
  if (!has_wildcard(item)) {
    if (scope_.contains(item)) push_exclusion(item);
  } else if (item.find_first_not_of('*') == std::string_view::npos) {
    size_ = 0;
  } else if (!cut(item, [&](std::string_view part) { push_exclusion(part); })) {
    return DenyCode::kIndexPattern;
  }
  repeatable_ = size_;
  return std::nullopt;
}

void Cutter::finish(IndexSelection& out) {
  std::size_t size = 0;
  for (Item& item : items()) {
    item.text = percent_encode(item.text, "*", arena_);
    size += item.text.size() + 2;
  }
  out.names_for_pattern = names_for_pattern_;
  if (size_ == 0) {
    out.upstream = "*,-*";  // nothing; an empty expression would be everything
    return;
  }
  char* begin = arena_.allocate(size);
  char* end = begin;
  for (const Item& item : items()) {
    if (end != begin) *end++ = ',';
    if (item.excluded) *end++ = '-';
    end = std::copy(item.text.begin(), item.text.end(), end);
  }
  out.upstream = {begin, static_cast<std::size_t>(end - begin)};
}

// The narrower of two patterns adds nothing.
void drop_covered(std::vector<std::string>& patterns) {
  patterns.erase(std::unique(patterns.begin(), patterns.end()), patterns.end());
  std::vector<std::string> kept;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    bool covered = false;
    for (std::size_t j = 0; j < patterns.size() && !covered; ++j) {
      bool same = covers(patterns[j], patterns[i]) && covers(patterns[i], patterns[j]);
      covered = i != j && covers(patterns[j], patterns[i]) && (!same || j < i);
    }
    if (!covered) kept.push_back(patterns[i]);
  }
  patterns = std::move(kept);
}

// OpenSearch resolves the value of an `_index` query like an index expression and compares the
// index with what comes out: patterns work, data streams stand for their backing indices, hidden
// indices are left out - but an alias stands for what is behind it, too.
std::string make_terms(const std::vector<std::string>& patterns, bool dotted) {
  std::string out;
  for (const std::string& pattern : patterns) {
    if ((pattern.front() == '.') != dotted) continue;
    out += out.empty() ? R"({"terms":{"_index":[)" : ",";
    append_json_string(pattern, out);
  }
  return out.empty() ? out : out + "]}}";
}

std::string make_clause(const std::vector<std::string>& patterns) {
  constexpr std::string_view kNotHidden =
      R"("must_not":[{"bool":{"must":[{"prefix":{"_index":{"value":"."}}}],)"
      R"("must_not":[{"prefix":{"_index":{"value":".ds-"}}}]}}])";
  std::string plain = make_terms(patterns, false);
  std::string dotted = make_terms(patterns, true);
  if (!plain.empty()) {
    plain = R"({"bool":{"filter":[)" + plain + "]," + std::string(kNotHidden) + "}}";
  }
  if (dotted.empty()) return plain;
  if (plain.empty()) return dotted;
  return R"({"bool":{"should":[)" + plain + "," + dotted + R"(],"minimum_should_match":1}})";
}

std::optional<std::string_view> pattern_problem(std::string_view pattern) {
  if (pattern.empty()) return "write a name or a pattern such as `logs-*`";
  if (pattern.size() > kNameBytes) return "at most 255 bytes";
  if (pattern.find(':') != std::string_view::npos) return "remote clusters are not offered";
  if (pattern.find_first_of("<>") != std::string_view::npos) {
    return "date math is not offered; write a pattern such as `logs-*`";
  }
  if (pattern.front() == '-') return "exclusions are not offered; list what is inside";
  if (pattern == "." || pattern == ".." || !is_name_or_pattern(pattern)) {
    return "index names are lower case, do not begin with `_`, `-` or `+`, and have no space "
           "and none of `\\ / ? \" < > | , # :`";
  }
  return std::nullopt;
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;  // the last star seen
  std::size_t resume = 0;                     // where its text ends so far
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      resume = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool globs_overlap(std::string_view a, std::string_view b) noexcept {
  if (!has_wildcard(a)) return glob_match(b, a);
  if (!has_wildcard(b)) return glob_match(a, b);
  // Between compatible beginnings and endings, the stars have room for anything.
  std::string_view a_begin = a.substr(0, a.find('*'));
  std::string_view b_begin = b.substr(0, b.find('*'));
  std::string_view a_end = a.substr(a.rfind('*') + 1);
  std::string_view b_end = b.substr(b.rfind('*') + 1);
  return (a_begin.starts_with(b_begin) || b_begin.starts_with(a_begin)) &&
         (a_end.ends_with(b_end) || b_end.ends_with(a_end));
}

bool Scope::names(std::string_view name) const noexcept {
  if (name.empty() || has_wildcard(name)) return false;
  return std::any_of(patterns_.begin(), patterns_.end(),
                     [&](const std::string& pattern) { return covers(pattern, name); });
}

bool Scope::contains(std::string_view name) const noexcept {
  if (name.empty() || has_wildcard(name)) return false;
  std::string_view stream = data_stream_of(name);
  return std::any_of(patterns_.begin(), patterns_.end(), [&](const std::string& pattern) {
    return covers(pattern, name) || (!stream.empty() && covers(pattern, stream));
  });
}

Result<Scope> compile_scope(std::span<const std::string> patterns, std::string_view where) {
  std::vector<Problem> problems;
  Scope scope;
  if (patterns.empty()) {
    problems.push_back({std::string(where), "no index at all; name some, or write `*`"});
  }
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const std::string& pattern = patterns[i];
    if (auto problem = pattern_problem(pattern)) {
      problems.push_back(
          {std::string(where) + "/" + std::to_string(i),
           "`" + pattern + "` is not an index name or pattern: " + std::string(*problem)});
    }
    scope.patterns_.push_back(pattern);
  }
  if (!problems.empty()) return problems;
  std::sort(scope.patterns_.begin(), scope.patterns_.end());
  drop_covered(scope.patterns_);
  scope.clause_ = make_clause(scope.patterns_);
  return scope;
}

std::optional<DenyCode> resolve_indices(std::string_view expression, const Scope& scope,
                                        const Limits& limits, Arena& arena, IndexSelection& out,
                                        std::string_view& detail) {
  out = {};
  detail = {};
  Cutter cutter(scope, arena);
  if (expression.empty() || expression == "_all") {
    cutter.add_everything();
    cutter.finish(out);
    return std::nullopt;
  }
  auto count = static_cast<std::size_t>(std::count(expression.begin(), expression.end(), ',')) + 1;
  if (count > limits.max_index_items) return DenyCode::kIndexTooMany;
  for (std::size_t begin = 0; begin <= expression.size();) {
    std::size_t end = std::min(expression.find(',', begin), expression.size());
    std::string_view item = expression.substr(begin, end - begin);
    bool excluded = item.starts_with('-');
    if (auto denied = excluded ? cutter.exclude(item.substr(1)) : cutter.add(item)) {
      detail = item.substr(0, kDetailBytes);
      return denied;
    }
    begin = end + 1;
  }
  cutter.finish(out);
  if (count == 1 && !has_wildcard(expression)) out.name = expression;
  return std::nullopt;
}

std::optional<DenyCode> concrete_index(std::string_view expression, const Scope& scope,
                                       Arena& arena, IndexSelection& out,
                                       std::string_view& detail) {
  out = {};
  detail = expression.substr(0, kDetailBytes);
  if (expression.empty() || expression == "_all" ||
      expression.find(',') != std::string_view::npos || has_wildcard(expression)) {
    return DenyCode::kIndexConcrete;
  }
  if (auto denied = check_item(expression)) return denied;
  if (auto denied = check_name(expression, scope)) return denied;
  detail = {};
  out.name = expression;
  out.upstream = percent_encode(expression, "", arena);
  return std::nullopt;
}

}  // namespace weir
