// _field_caps: names and types of fields in scope. The scope's own clause goes along as
// index_filter, so that an alias cannot lead to an index outside; the client's index_filter never
// does, because it is answered from the bounds of all documents.
//
// Fields that only hidden documents have are in the mappings, too. Unless the account lists what
// the mappings hold, the answer is read (rewrite/seen_fields.h), a filtered search asks which of
// its fields visible documents have, and the answer is given without the others.
#include "rewrite/parts.h"
#include "rewrite/seen_fields.h"

namespace weir {
namespace {

Verdict ask_mappings(const Context& context, const IndexSelection& indices, PlanKind kind) {
  Arena& arena = context.arena();
  TargetText target({"/", indices.upstream, "/_field_caps"}, arena);
  IndexOptions options = index_options(context.target);
  options.ignore_unavailable = options.ignore_unavailable || indices.names_for_pattern;
  add_index_options(options, target);
  add_forwarded(context, target);
  context.work.pieces.push_back(arena.concat({R"({"index_filter":)", context.sight.scope, "}"}));
  ResponsePlan plan;
  plan.kind = kind;
  return context.build.forward(Method::kPost, target.take(), kJson, context.work.pieces, plan);
}

Verdict ask_documents(const Context& context, const IndexSelection& indices,
                      const SeenFields& fields) {
  Arena& arena = context.arena();
  TargetText target = search_target(context, &indices, index_options(context.target));
  context.work.pieces.push_back(
      arena.concat({R"({"size":0,"track_total_hits":false,"terminate_after":)", kNeverTerminate,
                    R"(,"query":)", level_wrap(context).alone, R"(,"aggs":)", fields.aggs(), "}"}));
  ResponsePlan plan;
  plan.kind = PlanKind::kFieldsSeen;
  return context.build.forward(Method::kPost, target.take(), kJson, context.work.pieces, plan);
}

// A walk over an answer of the cluster's; nothing if it cannot be JSON.
std::optional<Walk> walk_answer(const Context& context, std::string_view answer) {
  DenyCode ignored = DenyCode::kUndecided;
  auto tokens = context.work.answer_tokens.find(answer, ignored);
  if (!tokens) return std::nullopt;
  return std::make_optional<Walk>(Cursor(answer, *tokens), context.limits(), context.sight,
                                  context.arena(), context.work.edits);
}

Verdict show_visible(const Context& context, const IndexSelection& indices) {
  const RequestView& request = context.request;
  SeenFields fields(request.field_caps, context.arena());
  auto caps = walk_answer(context, request.field_caps);
  if (!caps) return context.build.deny(DenyCode::kUpstreamProtocol);
  if (auto broken = fields.read(*caps, context.limits())) return context.build.deny(*broken);
  if (fields.asked() > 0) {
    if (request.fields_seen.empty()) return ask_documents(context, indices, fields);
    auto seen = walk_answer(context, request.fields_seen);
    if (!seen) return context.build.deny(DenyCode::kUpstreamProtocol);
    if (auto broken = fields.read_seen(*seen)) return context.build.deny(*broken);
  }
  return context.build.reply(200, fields.visible());
}

}  // namespace

Verdict rewrite_field_caps(const Context& context) {
  if (!context.request.body.empty()) {
    Failure failure;
    auto walk = begin_walk(context, context.request.body, failure);
    if (!walk) return deny(context, failure);
    bool walked = walk->object([&](std::string_view key) {
      return walk->fail(
          key == "index_filter" ? DenyCode::kBodyKeyDenied : DenyCode::kBodyKeyUnknown, key);
    });
    if (!walked || !walk->end()) return deny(context, walk->failure());
  }
  IndexSelection indices;
  if (auto refused = select_indices(context, indices)) return *refused;
  if (context.token.unfiltered || context.account.fields == Fields::kMapping)
    return ask_mappings(context, indices, PlanKind::kStream);
  // A part of the answer does not tell what its fields are.
  if (context.target.find("filter_path") != nullptr)
    return context.build.deny(DenyCode::kParamDenied, "?filter_path");
  if (context.request.field_caps.empty())
    return ask_mappings(context, indices, PlanKind::kFieldCaps);
  return show_visible(context, indices);
}

}  // namespace weir
