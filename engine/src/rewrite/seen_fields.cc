#include "rewrite/seen_fields.h"

#include <algorithm>

#include "dsl/walk.h"
#include "json/text.h"

namespace weir {
namespace {

constexpr std::string_view kSpace = " \t\r\n";

// Kinds that OpenSearch fails to ask `exists` of. They are listed as the mappings have them.
bool is_silent(std::string_view kind) { return kind == "rank_features" || kind == "parent_join"; }

// Kinds that put fields of their own below themselves, which exist with them.
bool is_family(std::string_view kind) { return kind == "percolator" || kind == "flat_object"; }

std::string_view until_last_dot(std::string_view name) {
  std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(0, dot);
}

}  // namespace

std::optional<DenyCode> SeenFields::read(Walk& walk, const Limits& limits) {
  bool has_fields = false;
  bool walked = walk.object([&](std::string_view key) {
    if (key != "fields") return walk.skip();
    has_fields = true;
    return read_fields(walk, limits);
  });
  if (walked && walk.end() && has_fields) {
    std::sort(fields_.begin(), fields_.end(),
              [](const Field& a, const Field& b) { return a.name < b.name; });
    for (Field& field : fields_) {
      const Field* above = find(until_last_dot(field.name));
      bool member = above != nullptr && above->family && !above->group;
      if (member && !field.asked_as.empty()) field.asked_as = above->name;
    }
    return std::nullopt;
  }
  bool too_many = walk.failure().code == DenyCode::kFieldsTooMany;
  return too_many ? DenyCode::kFieldsTooMany : DenyCode::kUpstreamProtocol;
}

// A member without the blanks around it.
bool SeenFields::read_fields(Walk& walk, const Limits& limits) {
  begin_ = walk.here() + 1;
  std::size_t at = begin_;
  last_ = begin_;
  bool walked = walk.object([&](std::string_view name) {
    Field field;
    field.name = name;
    if (!read_field(walk, field)) return false;
    std::size_t next = walk.here();
    last_ = answer_.find_last_not_of(kSpace, next - 1) + 1;
    at = answer_.find_first_not_of(kSpace, at);
    field.text = answer_.substr(at, last_ - at);
    at = next + 1;
    end_ = next;
    if (!field.asked_as.empty() && ++asked_ > limits.max_fields_asked)
      return walk.fail(DenyCode::kFieldsTooMany);
    fields_.push_back(field);
    return true;
  });
  if (fields_.empty()) end_ = answer_.find('}', begin_);
  return walked;
}

bool SeenFields::read_field(Walk& walk, Field& field) {
  bool leaf = false;
  bool silent = false;
  bool dumb = true;  // neither searchable nor aggregatable, whatever the kind
  bool prefix = false;
  bool own = false;
  bool walked = walk.object([&](std::string_view kind) {
    own = own || (kind == field.name && kind.starts_with('_'));
    bool group = kind == "object" || kind == "nested";
    field.nested = field.nested || kind == "nested";
    field.object = field.object || kind == "object";
    leaf = leaf || (!group && kind != "unmapped");
    silent = silent || is_silent(kind);
    field.family = field.family || is_family(kind);
    prefix = prefix || kind == "prefix";
    return walk.object([&](std::string_view key) {
      if (key != "searchable" && key != "aggregatable") return walk.skip();
      bool yes = false;
      if (!walk.boolean(yes)) return false;
      dumb = dumb && !yes;
      return true;
    });
  });
  field.group = field.nested || field.object;
  // Metadata, of which the kind has the name, are in every index.
  field.kept = own || silent || (leaf && dumb && !field.group);
  if (field.kept || !leaf) return walked;
  // The prefixes of a text exist with it.
  field.asked_as = prefix ? until_last_dot(field.name) : field.name;
  return walked;
}

SeenFields::Field* SeenFields::find(std::string_view name) {
  return const_cast<Field*>(static_cast<const SeenFields*>(this)->find(name));
}

const SeenFields::Field* SeenFields::find(std::string_view name) const {
  auto at = std::lower_bound(fields_.begin(), fields_.end(), name,
                             [](const Field& a, std::string_view b) { return a.name < b; });
  return at != fields_.end() && at->name == name ? &*at : nullptr;
}

// What is nested in one index and no more than an object in another cannot be asked for as nested:
// there, a field counts as seen only where it is not nested.
std::string_view SeenFields::nested_path(std::string_view name) const {
  for (std::string_view above = until_last_dot(name); !above.empty();
       above = until_last_dot(above)) {
    const Field* field = find(above);
    if (field == nullptr || !field->nested) continue;
    return field->object ? std::string_view() : above;
  }
  return {};
}

std::string_view SeenFields::aggs() const {
  ArenaString out(R"({"seen":{"filters":{"filters":[)", ArenaAllocator<char>(arena_));
  bool first = true;
  for (const Field& field : fields_) {
    if (field.asked_as.empty()) continue;
    if (!first) out += ',';
    first = false;
    std::string_view path = nested_path(field.name);
    if (!path.empty()) {
      out += R"({"nested":{"ignore_unmapped":true,"path":)";
      out += json_string(path, arena_);
      out += R"(,"query":)";
    }
    out += R"({"exists":{"field":)";
    out += json_string(field.asked_as, arena_);
    out += "}}";
    if (!path.empty()) out += "}}";
  }
  out += "]}}}";
  return arena_.copy(out);
}

bool SeenFields::read_buckets(Walk& walk) {
  auto field = fields_.begin();
  return walk.array([&](std::uint32_t) {
    field = std::find_if(field, fields_.end(), [](const Field& f) { return !f.asked_as.empty(); });
    if (field == fields_.end()) return walk.fail(DenyCode::kUpstreamProtocol);
    std::uint64_t count = 0;
    bool counted = false;
    bool walked = walk.object([&](std::string_view key) {
      if (key != "doc_count") return walk.skip();
      counted = true;
      return walk.integer(count);
    });
    field->kept = count > 0;
    ++field;
    answered_ += counted ? 1 : 0;
    return walked;
  });
}

std::optional<DenyCode> SeenFields::read_seen(Walk& walk) {
  bool timed_out = false;
  bool walked = walk.object([&](std::string_view key) {
    if (key == "timed_out") return walk.boolean(timed_out);
    if (key != "aggregations") return walk.skip();
    return walk.object([&](std::string_view name) {
      if (name != "seen") return walk.skip();
      return walk.object([&](std::string_view inside) {
        return inside == "buckets" ? read_buckets(walk) : walk.skip();
      });
    });
  });
  if (!walked || !walk.end()) return DenyCode::kUpstreamProtocol;
  if (timed_out) return DenyCode::kUpstreamTimeout;
  return answered_ == asked_ ? std::nullopt : std::optional(DenyCode::kUpstreamProtocol);
}

void SeenFields::keep_groups() {
  for (const Field& field : fields_) {
    if (!field.kept) continue;
    for (std::string_view above = until_last_dot(field.name); !above.empty();
         above = until_last_dot(above)) {
      Field* group = find(above);
      if (group != nullptr && group->group) group->kept = true;
    }
  }
}

std::string_view SeenFields::visible() {
  keep_groups();
  ArenaString out{ArenaAllocator<char>(arena_)};
  out.reserve(answer_.size());
  out += answer_.substr(0, begin_);
  // The blanks before the first member stand before each.
  std::size_t lead = answer_.find_first_not_of(kSpace, begin_) - begin_;
  bool first = true;
  for (const Field& field : fields_) {
    if (!field.kept) continue;
    if (!first) out += ',';
    first = false;
    out += answer_.substr(begin_, lead);
    out += field.text;
  }
  // As OpenSearch writes an empty object: with a blank, if it is to be pretty.
  std::string_view tail = answer_.substr(last_, end_ - last_);
  out += first && !tail.empty() ? std::string_view(" ") : tail;
  out += answer_.substr(end_);
  return arena_.copy(out);
}

}  // namespace weir
