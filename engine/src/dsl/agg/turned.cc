#include "dsl/agg/turned.h"

#include <algorithm>

#include "dsl/agg/types.h"

namespace weir {
namespace {

constexpr Key kJoin[] = {{"type", Rule::kString}};

// True if a step of `path` (`a>b[key]>c.value`) is the aggregation `name`.
bool leads_to(std::string_view path, std::string_view name) {
  while (true) {
    std::size_t end = path.find('>');
    std::string_view step = path.substr(0, end);
    if (step.starts_with(name)) {
      std::string_view rest = step.substr(name.size());
      if (rest.empty() || rest.front() == '.' || rest.front() == '[' || rest.front() == ' ') {
        return true;
      }
    }
    if (end == std::string_view::npos) return false;
    path.remove_prefix(end + 1);
    path.remove_prefix(std::min(path.find_first_not_of(' '), path.size()));
  }
}

}  // namespace

bool is_turned_agg(std::string_view type) {
  return type == "global" || type == "children" || type == "parent";
}

void turn_agg(Walk& walk, std::string_view name, std::size_t inside,
              const std::optional<Range>& children) {
  walk.turned_aggs.push_back(name);
  std::string_view filter = walk.arena.concat({R"({"weir.visible":{"filter":)", walk.visible()});
  if (children) {
    walk.edits.insert(children->begin, walk.arena.concat({filter, R"(,"aggs":)"}));
    walk.edits.insert(children->end, "}}");
  } else {
    walk.edits.insert(inside, walk.arena.concat({R"("aggs":)", filter, "}},"}));
  }
}

bool check_agg_name(Walk& walk, std::string_view name) {
  if (name == "weir.visible") return walk.fail(DenyCode::kAggName, name);
  if (name == "hits" || name == "meta" || name == "buckets") walk.hiding_agg = name;
  return true;
}

bool check_turned_names(Walk& walk) {
  if (walk.turned_aggs.empty()) return true;
  if (!walk.hiding_agg.empty()) return walk.fail(DenyCode::kAggName, walk.hiding_agg);
  for (std::string_view path : walk.agg_paths) {
    for (std::string_view name : walk.turned_aggs) {
      if (leads_to(path, name)) return walk.fail(DenyCode::kAggPath, path);
    }
  }
  return true;
}

bool walk_agg_path(Walk& walk, std::string_view& path) {
  if (!walk.string(path)) return false;
  walk.agg_paths.push_back(path);
  return true;
}

bool walk_global(Walk& walk) {
  if (walk.agg_depth != 1) return walk.fail(DenyCode::kAggGlobal, "global");
  return walk.object([&](std::string_view key) { return walk.fail(DenyCode::kAggGlobal, key); });
}

bool walk_join_agg(Walk& walk) { return walk_agg_members(walk, kJoin); }

}  // namespace weir
