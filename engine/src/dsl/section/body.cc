#include "dsl/section/body.h"

#include <algorithm>
#include <charconv>

#include "dsl/agg/agg.h"
#include "dsl/query/query.h"
#include "dsl/section/hits.h"
#include "dsl/section/scores.h"

namespace weir {
namespace {

bool walk_search_after(Walk& walk) {
  return walk.array([&](std::uint32_t) {
    return walk.json.type() == JsonType::kNull ? walk.skip() : walk.scalar();
  });
}

// One part of a scroll or point in time. A document's part follows from its id, or from its own
// value.
constexpr Key kSlice[] = {
    {"field", Rule::kField},
    {"id", Rule::kInteger},
    {"max", Rule::kInteger},
};

bool walk_slice(Walk& walk) { return walk_members(walk, kSlice, DenyCode::kBodyKeyUnknown); }

// Groups that the node counts searches under: no part of the answer, so none are named.
bool walk_groups(Walk& walk) {
  std::size_t begin = walk.here();
  bool walked = walk.array([&](std::uint32_t) {
    std::string_view name;
    return walk.string(name);
  });
  if (walked) walk.edits.replace(begin, walk.here() - begin, "[]");
  return walked;
}

// Keys whose value the rewriter need not know. Those it must know are handled in walk_known below.
constexpr Key kKeys[] = {
    {"query", Rule::kQuery},
    {"post_filter", Rule::kQuery},
    {"timeout", Rule::kString},
    {"terminate_after", Rule::kInteger},
    custom("search_after", walk_search_after),
    {"profile", Rule::kFalse, DenyCode::kBodyKeyDenied},
    custom("include_named_queries_score", walk_named_scores),
    custom("min_score", walk_min_score),
    custom("rescore", walk_rescore),
    denied("derived", DenyCode::kBodyKeyDenied),
    custom("slice", walk_slice),
    custom("collapse", walk_collapse),
    denied("suggest", DenyCode::kBodyKeyDenied),
    custom("stats", walk_groups),
    denied("ext", DenyCode::kBodyKeyDenied),
    denied("search_pipeline", DenyCode::kBodyKeyDenied),
    denied("verbose_pipeline", DenyCode::kBodyKeyDenied),
};

bool walk_total(Walk& walk, SearchBody& body) {
  if (walk.json.type() != JsonType::kNumber) return walk.boolean(body.exact_total);
  std::uint64_t up_to = 0;
  return walk.integer(up_to);
}

bool walk_pit(Walk& walk, SearchBody& body) {
  bool walked = walk.object([&](std::string_view name) {
    if (name == "keep_alive") return walk.string(body.pit_keep_alive);
    if (name != "id") return walk.fail(DenyCode::kBodyKeyUnknown, name);
    body.pit_id_value.begin = walk.here();
    if (!walk.string(body.pit_id)) return false;
    body.pit_id_value.end = walk.here();
    return true;
  });
  if (!walked) return false;
  return body.pit_id.empty() ? walk.fail(DenyCode::kCursorInvalid) : true;
}

bool add_boost(Walk& walk, std::string_view name, ArenaVector<IndexBoost>& boosts) {
  if (boosts.size() == walk.limits.max_index_items) return walk.fail(DenyCode::kIndexTooMany);
  std::size_t begin = walk.here();
  if (!walk_value(walk, {"", Rule::kNumber})) return false;
  boosts.push_back({name, walk.json.text().substr(begin, walk.here() - begin)});
  return true;
}

// One object with all names, or a list of objects with one name each.
bool walk_boosts(Walk& walk, SearchBody& body) {
  ArenaVector<IndexBoost> boosts{ArenaAllocator<IndexBoost>(walk.arena)};
  auto add = [&](std::string_view name) { return add_boost(walk, name, boosts); };
  auto add_one = [&](std::uint32_t i) {
    if (!walk.object(add)) return false;
    return boosts.size() == i + 1 || walk.fail(DenyCode::kBodyShape);
  };
  bool list = walk.json.type() == JsonType::kArray;
  bool walked = list ? walk.array(add_one) : walk.object(add);
  body.boosts = boosts;
  return walked;
}

// Templates can only write numbers as strings, which OpenSearch takes for what they say.
bool walk_number_in_string(Walk& walk, std::uint64_t& out) {
  std::string_view text;
  if (!walk.string(text)) return false;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  bool good = error == std::errc() && end == text.data() + text.size();
  return good || walk.fail(DenyCode::kBodyValue, text);
}

bool walk_count_of(Walk& walk, std::optional<std::uint64_t>& out) {
  std::uint64_t value = 0;
  bool text = walk.json.type() == JsonType::kString;
  if (!(text ? walk_number_in_string(walk, value) : walk.integer(value))) return false;
  out = value;
  return true;
}

bool walk_member(Walk& walk, const Name& name, SearchBody& body) {
  if (name == "aggs" || name == "aggregations") {
    // Both spellings at once: OpenSearch takes the later one.
    if (body.has_aggs) return walk.fail(DenyCode::kBodyDuplicateKey, name);
    body.has_aggs = true;
    return walk_aggs(walk);
  }
  if (name == "from") return walk_count_of(walk, body.from);
  if (name == "size") return walk_count_of(walk, body.size);
  if (name == "track_total_hits") return walk_total(walk, body);
  if (name == "pit") return walk_pit(walk, body);
  if (name == "indices_boost") return walk_boosts(walk, body);
  const Key* key = find_row<kKeys>(name);
  if (key == nullptr) key = find_hits_key(name);
  return key == nullptr ? walk.fail(DenyCode::kBodyKeyUnknown, name) : walk_value(walk, *key);
}

template <typename Member>
bool walk_top(Walk& walk, SearchBody& body, Member&& member) {
  constexpr std::size_t kUsualMembers = 16;
  ArenaVector<BodyMember> members{ArenaAllocator<BodyMember>(walk.arena)};
  members.reserve(kUsualMembers);
  body.inside = walk.here() + 1;
  bool walked = walk.object([&](const Name& name) {
    std::size_t begin = walk.here();
    if (!member(name)) return false;
    members.push_back({name, {begin, walk.here()}});
    return true;
  });
  body.members = members;
  return walked && walk.end();
}

}  // namespace

const Range* SearchBody::find(const Name& key) const {
  auto member = std::find_if(members.begin(), members.end(),
                             [&](const BodyMember& m) { return m.key == key; });
  return member == members.end() ? nullptr : &member->value;
}

bool walk_search_body(Walk& walk, SearchBody& body) {
  return walk_top(walk, body, [&](const Name& name) { return walk_member(walk, name, body); });
}

bool walk_count_body(Walk& walk, SearchBody& body) {
  return walk_top(walk, body, [&](std::string_view name) {
    return name == "query" ? walk_query(walk) : walk.fail(DenyCode::kBodyKeyUnknown, name);
  });
}

}  // namespace weir
