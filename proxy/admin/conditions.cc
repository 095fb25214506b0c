#include "admin/conditions.h"

#include "http/text.h"

namespace weir::proxy {
namespace {

std::optional<int> hex_digit(char c) {
  const char lower = to_lower(c);
  if (is_digit(c)) return c - '0';
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i] == '+' ? ' ' : text[i]);
      continue;
    }
    const bool whole = i + 2 < text.size();
    const auto high = whole ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = whole ? hex_digit(text[i + 2]) : std::nullopt;
    if (!high || !low) {
      return std::nullopt;
    }
    out.push_back(static_cast<char>(*high * 16 + *low));
    i += 2;
  }
  return out;
}

bool is_known(std::string_view known, std::string_view name) {
  while (!known.empty()) {
    if (next_item(known, ' ') == name) {
      return !name.empty();
    }
  }
  return false;
}

/// All lines of a list header as one.
std::optional<std::string> joined_header(const SmallRequest& request, std::string_view name) {
  std::optional<std::string> all;
  for (const auto& [key, value] : request.headers) {
    if (key == name) {
      all = all ? *all + "," + value : value;
    }
  }
  return all;
}

/// The next entity tag with its quotes, off the front of `rest`; empty if none stands there.
std::string_view next_tag(std::string_view& rest, bool& weak) {
  weak = rest.starts_with("W/");
  const std::string_view tag = weak ? rest.substr(2) : rest;
  const std::size_t end = tag.starts_with('"') ? tag.find('"', 1) : std::string_view::npos;
  if (end == std::string_view::npos) {
    return {};
  }
  rest = trim(tag.substr(end + 1));
  return tag.substr(0, end + 1);
}

/// Whether the list names `etag`; kMalformed if it is no list of entity tags.
Condition listed(std::string_view list, std::string_view etag, bool weak_too) {
  std::string_view rest = trim(list);
  if (rest == "*") {
    return Condition::kHolds;
  }
  Condition found = Condition::kFails;
  for (;;) {
    bool weak = false;
    const std::string_view tag = next_tag(rest, weak);
    if (tag.empty()) {
      return Condition::kMalformed;
    }
    if (tag == etag && (weak_too || !weak)) {
      found = Condition::kHolds;
    }
    if (rest.empty()) {
      return found;
    }
    if (rest.front() != ',') {
      return Condition::kMalformed;
    }
    rest = trim(rest.substr(1));
  }
}

}  // namespace

std::string parse_uri_parameters(std::string_view target, std::string_view known,
                                 UriParameters& out) {
  const std::size_t mark = target.find('?');
  if (mark == std::string_view::npos) {
    return {};
  }
  if (known.empty()) {
    return "this endpoint takes no URI parameters";
  }
  std::string_view rest = target.substr(mark + 1);
  while (!rest.empty()) {
    std::string_view item = next_item(rest, '&');
    const std::string_view name = next_item(item, '=');
    if (!is_known(known, name)) {
      return "this endpoint takes no such URI parameter; it takes " + std::string(known);
    }
    auto value = decoded(item);
    if (!value) {
      return "the value of the URI parameter `" + std::string(name) +
             "` has a bad percent-encoding";
    }
    if (!out.emplace(name, std::move(*value)).second) {
      return "the URI parameter `" + std::string(name) + "` is given twice";
    }
  }
  return {};
}

std::string etag_of(std::uint64_t revision) { return "\"" + std::to_string(revision) + "\""; }

Condition if_match(const SmallRequest& request, std::string_view etag) {
  const auto list = joined_header(request, "if-match");
  return list ? listed(*list, etag, false) : Condition::kAbsent;
}

Condition if_none_match(const SmallRequest& request, std::string_view etag) {
  const auto list = joined_header(request, "if-none-match");
  if (!list) {
    return Condition::kAbsent;
  }
  switch (listed(*list, etag, true)) {
    case Condition::kHolds:
      return Condition::kFails;
    case Condition::kFails:
      return Condition::kHolds;
    case Condition::kAbsent:
    case Condition::kMalformed:
      break;
  }
  return Condition::kMalformed;
}

}  // namespace weir::proxy
