// _search and _count: the client's query goes into the filter context beside the token's filter.
#include "json/text.h"
#include "rewrite/parts.h"

namespace weir {
namespace {

// Opens the body's sealed point-in-time id and puts the upstream's id in its place.
std::optional<Failure> open_pit(const Context& context, const SearchBody& body) {
  if (context.request.sealer == nullptr) return Failure{DenyCode::kCursorUnavailable, "/pit", {}};
  std::string id;
  if (!context.request.sealer->open(context.seal(CursorKind::kPointInTime), body.pit_id, id)) {
    return Failure{DenyCode::kCursorInvalid, "/pit/id", {}};
  }
  if (!body.pit_keep_alive.empty() && !is_keep_alive(body.pit_keep_alive, context.limits())) {
    return Failure{DenyCode::kCursorKeepAlive, "/pit/keep_alive", {}};
  }
  if (!context.route.index.empty())
    return Failure{DenyCode::kBodyValue, "/pit", "an index beside `pit`"};
  context.work.edits.replace(body.pit_id_value.begin, body.pit_id_value.size(),
                             json_string(id, context.arena()));
  return std::nullopt;
}

struct Cursors {
  bool scroll = false;
  bool pit = false;
  bool any() const { return scroll || pit; }
};

// OpenSearch adds these to the body's; a gate that put one in the other's place would answer
// another request.
std::optional<Verdict> check_in_one_place(const Context& context, const SearchBody& body) {
  for (std::string_view name : {"sort", "docvalue_fields"}) {
    if (context.target.find(name) == nullptr || body.find(name) == nullptr) continue;
    return context.build.deny(DenyCode::kParamValue, context.arena().concat({"?", name}),
                              "also in the body");
  }
  return std::nullopt;
}

// A part of the answer that does not show where it was cut out cannot be turned back.
std::optional<Verdict> check_filter_path(const Context& context, const Walk& walk) {
  if (walk.turned_aggs.empty() || context.target.find("filter_path") == nullptr) {
    return std::nullopt;
  }
  return context.build.deny(DenyCode::kParamDenied, "?filter_path", walk.turned_aggs.front());
}

std::optional<Verdict> check_scroll(const Context& context, Cursors& cursors) {
  const Param* scroll = context.target.find("scroll");
  if (scroll == nullptr) return std::nullopt;
  if (context.request.sealer == nullptr)
    return context.build.deny(DenyCode::kCursorUnavailable, "?scroll");
  cursors.scroll = true;
  return std::nullopt;
}

std::optional<Verdict> make_search_target(const Context& context, const Cursors& cursors,
                                          std::string_view& out) {
  IndexSelection indices;
  if (!cursors.pit) {
    if (auto refused = select_indices(context, indices)) return refused;
  }
  TargetText target =
      search_target(context, cursors.pit ? nullptr : &indices, index_options(context.target));
  if (cursors.scroll) target.param("scroll", context.target.find("scroll")->value, context.arena());
  add_forwarded(context, target);
  out = target.take();
  return std::nullopt;
}

}  // namespace

Verdict rewrite_search(const Context& context) {
  return rewrite_search_text(context, body_or_empty(context));
}

Verdict rewrite_search_text(const Context& context, std::string_view text) {
  Failure failure;
  auto walk = begin_walk(context, text, failure);
  if (!walk) return deny(context, failure);
  SearchBody body;
  if (!walk_search_body(*walk, body)) return deny(context, walk->failure());

  if (auto refused = check_in_one_place(context, body)) return *refused;
  if (auto refused = check_filter_path(context, *walk)) return *refused;
  if (auto refused = check_search_type(context)) return *refused;
  BodyMembers members(context.arena());
  std::string_view q;
  if (auto refused = members_from_params(context, members)) return *refused;
  if (auto refused = query_from_params(context, q)) return *refused;
  if (auto broken = check_search(context, body, *walk, members)) return deny(context, *broken);

  Cursors cursors;
  if (auto refused = check_scroll(context, cursors)) return *refused;
  if (!body.pit_id.empty()) {
    if (auto broken = open_pit(context, body)) return deny(context, *broken);
    cursors.pit = true;
  }
  std::string_view target;
  if (auto refused = make_search_target(context, cursors, target)) return *refused;

  wrap_query(context, body, *walk, q, members);
  members.apply(body, context.work.edits, context.arena());
  context.work.edits.apply(text, context.work.pieces);

  ResponsePlan plan;
  plan.turned_aggs = !walk->turned_aggs.empty();
  plan.kind = cursors.any() || plan.turned_aggs ? PlanKind::kSealCursors : PlanKind::kStream;
  plan.seal = context.seal(cursors.scroll ? CursorKind::kScroll : CursorKind::kPointInTime);
  return context.build.forward(Method::kPost, target, kJson, context.work.pieces, plan);
}

Verdict rewrite_count(const Context& context) {
  std::string_view text = body_or_empty(context);
  Failure failure;
  auto walk = begin_walk(context, text, failure);
  if (!walk) return deny(context, failure);
  SearchBody body;
  if (!walk_count_body(*walk, body)) return deny(context, walk->failure());
  std::string_view q;
  if (auto refused = query_from_params(context, q)) return *refused;
  // OpenSearch refuses `q` beside a body.
  if (!q.empty() && !context.request.body.empty())
    return context.build.deny(DenyCode::kParamValue, "?q");

  std::string_view target;
  if (auto refused = make_search_target(context, {}, target)) return *refused;
  BodyMembers members(context.arena());
  members.set("size", "0");
  members.set("track_total_hits", "true");
  members.set("terminate_after", kNeverTerminate);
  if (auto refused = min_score_from_param(context, members)) return *refused;
  wrap_query(context, body, *walk, q, members);
  members.apply(body, context.work.edits, context.arena());
  context.work.edits.apply(text, context.work.pieces);
  ResponsePlan plan;
  plan.kind = PlanKind::kCount;
  plan.count_only = context.target.find("filter_path") != nullptr;
  return context.build.forward(Method::kPost, target, kJson, context.work.pieces, plan);
}

}  // namespace weir
