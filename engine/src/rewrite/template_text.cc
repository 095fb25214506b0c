#include "rewrite/template_text.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace weir {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";
// What escaping, and writing a value as JSON or as Java shows it, make of one byte.
constexpr std::uint64_t kGrowthOfValue = 16;
// What URL encoding makes of one byte.
constexpr std::uint64_t kGrowthInFunction = 3;

std::uint64_t times(std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  return __builtin_mul_overflow(a, b, &out) ? std::numeric_limits<std::uint64_t>::max() : out;
}

std::uint64_t plus(std::uint64_t a, std::uint64_t b) {
  std::uint64_t out = 0;
  return __builtin_add_overflow(a, b, &out) ? std::numeric_limits<std::uint64_t>::max() : out;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_name(std::string_view text) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !text.empty() && text.find_first_not_of(kLetters) == std::string_view::npos;
}

// `join delimiter='x'`.
bool is_join(std::string_view name) {
  constexpr std::string_view kBegin = "join delimiter='";
  if (!name.starts_with(kBegin) || !name.ends_with('\'')) return false;
  name.remove_prefix(kBegin.size());
  return !name.empty() && name.find_first_of("\\\"{}\n\r'") == name.size() - 1;
}

bool is_function(std::string_view name) {
  return name == "toJson" || name == "join" || name == "url" || is_join(name);
}

class TemplateReader {
 public:
  TemplateReader(std::string_view text, const TemplateParams& params)
      : rest_(text), params_(params), value_(times(params.bytes + 2, kGrowthOfValue)) {}

  // Reads up to the end of the next tag; false if the template is not offered.
  bool next() {
    std::size_t open = rest_.find(kOpen);
    add(std::min(open, rest_.size()));
    if (open == std::string_view::npos) {
      rest_ = {};
      return sections_.empty();
    }
    rest_.remove_prefix(open + kOpen.size());
    std::size_t close = rest_.find(kClose);
    tag_ = rest_.substr(0, close);
    if (close == std::string_view::npos) return false;
    rest_.remove_prefix(close + kClose.size());
    return take(tag_);
  }

  bool at_end() const { return rest_.empty(); }
  bool open_sections() const { return !sections_.empty(); }
  std::uint64_t size() const { return size_; }
  std::string_view tag() const { return tag_; }

 private:
  struct Section {
    std::string_view name;
    std::uint64_t repeats_outside;
  };

  void add(std::uint64_t bytes) { size_ = plus(size_, times(bytes, repeats_)); }

  bool take(std::string_view tag) {
    if (tag.starts_with('{')) {  // three of them: not escaped
      if (!rest_.starts_with('}')) return false;
      rest_.remove_prefix(1);
      return value(trim(tag.substr(1)));
    }
    tag = trim(tag);
    if (tag.empty()) return false;
    std::string_view name = trim(tag.substr(1));
    switch (tag.front()) {
      case '!':
        return true;
      case '&':
        return value(name);
      case '#':
      case '^':
        return open(tag.front(), name);
      case '/':
        return close(name);
      default:
        return value(tag);
    }
  }

  bool value(std::string_view name) {
    add(value_);
    return is_name(name);
  }

  bool open(char sigil, std::string_view name) {
    sections_.push_back({name, repeats_});
    if (sigil == '#' && is_function(name)) {
      add(value_);
      repeats_ = times(repeats_, kGrowthInFunction);
      return true;
    }
    if (sigil == '#') repeats_ = times(repeats_, params_.longest);
    return is_name(name);
  }

  bool close(std::string_view name) {
    if (sections_.empty() || sections_.back().name != name) return false;
    repeats_ = sections_.back().repeats_outside;
    sections_.pop_back();
    return true;
  }

  std::string_view rest_;
  TemplateParams params_;
  std::uint64_t value_;  // bytes that any value is written with at most
  std::uint64_t repeats_ = 1;
  std::uint64_t size_ = 0;
  std::string_view tag_;
  std::vector<Section> sections_;
};

}  // namespace

std::optional<DenyCode> check_template(std::string_view text, const TemplateParams& params,
                                       const Limits& limits, std::string_view& tag) {
  TemplateReader reader(text, params);
  while (!reader.at_end()) {
    if (!reader.next()) {
      tag = reader.tag();
      return DenyCode::kTemplateTag;
    }
  }
  if (reader.open_sections()) {
    tag = reader.tag();
    return DenyCode::kTemplateTag;
  }
  if (reader.size() > limits.max_template_growth) return DenyCode::kTemplateSize;
  return std::nullopt;
}

}  // namespace weir
