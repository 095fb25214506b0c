#include "dsl/lookup.h"

#include <algorithm>
#include <utility>

namespace weir {
namespace {

bool is_line_end(char c) { return c == '\n' || c == '\r'; }

// Finds the scalars under a path. A key of the source may itself have dots: of the keys that are
// beginnings of the path, the shortest whose value is not null leads on.
class ValueFinder {
 public:
  ValueFinder(Walk& walk, std::uint32_t max, std::string& out)
      : walk_({}, walk.limits, walk.sight, walk.arena, walk.edits), max_(max), out_(out) {}

  DenyCode problem() const { return walk_.failure().code; }

  // INVARIANT: the recursion is as deep as the source, which was held to a depth when it was read.
  bool find(Cursor at, std::string_view path) {
    switch (at.type()) {
      case JsonType::kObject:
        return path.empty() || in_object(at, path);
      case JsonType::kArray:
        return in_array(at, path);
      case JsonType::kNull:
      case JsonType::kNone:
        return true;
      case JsonType::kString:
      case JsonType::kNumber:
      case JsonType::kTrue:
      case JsonType::kFalse:
        return !path.empty() || add(at);
    }
    return true;
  }

 private:
  bool in_object(Cursor at, std::string_view path) {
    Cursor best;
    std::size_t best_size = path.size() + 1;
    Cursor outside = std::exchange(walk_.json, at);
    bool walked = walk_.object([&](std::string_view key) {
      bool leads = path.starts_with(key) && (key.size() == path.size() || path[key.size()] == '.');
      if (leads && key.size() < best_size && walk_.json.type() != JsonType::kNull) {
        best = walk_.json;
        best_size = key.size();
      }
      return walk_.skip();
    });
    walk_.json = outside;
    if (!walked) return false;
    if (best_size > path.size()) return true;
    return find(best, path.substr(std::min(best_size + 1, path.size())));
  }

  bool in_array(Cursor at, std::string_view path) {
    Cursor outside = std::exchange(walk_.json, at);
    bool walked =
        walk_.array([&](std::uint32_t) { return find(walk_.json, path) && walk_.skip(); });
    walk_.json = outside;
    return walked;
  }

  bool add(Cursor at) {
    if (count_ == max_) return walk_.fail(DenyCode::kQueryTooMany);
    if (count_++ > 0) out_ += ',';
    Cursor behind = at;
    bool read = behind.type() == JsonType::kString ? behind.read_string(walk_.arena).has_value()
                                                   : behind.read_literal().has_value();
    if (!read) return walk_.fail(DenyCode::kUpstreamProtocol);
    std::string_view text = at.text().substr(at.offset(), behind.offset() - at.offset());
    // The white space behind it: a line end would break an _msearch.
    for (char c : text) out_ += is_line_end(c) ? ' ' : c;
    return true;
  }

  Walk walk_;  // of the sources: where it stands is nothing to the request's own
  std::uint32_t max_;
  std::string& out_;
  std::uint32_t count_ = 0;
};

bool fail_as(Walk& walk, const Walk& inside) {
  DenyCode code = inside.failure().code;
  return walk.fail(code == DenyCode::kBodyTooDeep ? DenyCode::kLookupTooLarge : code);
}

}  // namespace

bool is_source_path(std::string_view path) {
  return !path.empty() && path.front() != '.' && path.back() != '.' &&
         path.find("..") == std::string_view::npos;
}

bool find_source_value(Walk& walk, Cursor source, std::string_view path, Cursor& out) {
  Walk inside(source, walk.limits, walk.sight, walk.arena, walk.edits);
  while (inside.json.type() == JsonType::kObject) {
    std::string_view name = path.substr(0, path.find('.'));
    Cursor found;
    bool walked = inside.object([&](std::string_view key) {
      if (key == name) found = inside.json;
      return inside.skip();
    });
    if (!walked) return fail_as(walk, inside);
    bool is_last = name.size() == path.size();
    if (is_last) out = found;
    if (is_last) return true;
    path.remove_prefix(name.size() + 1);
    inside.json = found;
  }
  out = Cursor();
  return true;
}

bool copy_source_value(Walk& walk, Cursor value, std::string_view& out) {
  Walk inside(value, walk.limits, walk.sight, walk.arena, walk.edits);
  if (!inside.skip()) return fail_as(walk, inside);
  std::string text(value.text().substr(value.offset(), inside.here() - value.offset()));
  std::replace_if(text.begin(), text.end(), is_line_end, ' ');
  out = walk.arena.copy(text);
  return true;
}

bool append_source_values(Walk& walk, Cursor source, std::string_view path, std::uint32_t max,
                          std::string& out) {
  ValueFinder finder(walk, max, out);
  return finder.find(source, path) || walk.fail(finder.problem());
}

}  // namespace weir
