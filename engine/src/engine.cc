// The life of a request inside the engine: token, target, route, parameters, body, verdict. Each
// door decides once and hands on a value; nothing behind it looks again.
#include "weir/engine.h"

#include <new>

#include "http/media_type.h"
#include "rewrite/rewrite.h"
#include "route/params.h"

namespace weir {

Workspace::Workspace(const Limits& limits) : impl_(std::make_unique<Impl>(limits)) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;
const Limits& Workspace::limits() const noexcept { return impl_->limits; }

namespace {

Verdict reply_info(const Context& context) {
  return context.build.reply(200, context.policy.frame->info_body);
}

Verdict rewrite(const Context& context) {
  switch (context.route.id) {
    case RouteId::kNone:
      break;
    case RouteId::kInfo:
    case RouteId::kPing:
      return reply_info(context);
    case RouteId::kIndexExists:
      return rewrite_index_exists(context);
    case RouteId::kSearch:
      return rewrite_search(context);
    case RouteId::kMultiSearch:
      return rewrite_multi_search(context);
    case RouteId::kCount:
      return rewrite_count(context);
    case RouteId::kDocument:
      return rewrite_document(context);
    case RouteId::kSource:
      return rewrite_source(context);
    case RouteId::kMultiGet:
      return rewrite_multi_get(context);
    case RouteId::kScrollNext:
      return rewrite_scroll_next(context);
    case RouteId::kScrollClear:
      return rewrite_scroll_clear(context);
    case RouteId::kPitCreate:
      return rewrite_pit_create(context);
    case RouteId::kPitDelete:
      return rewrite_pit_delete(context);
    case RouteId::kFieldCaps:
      return rewrite_field_caps(context);
    case RouteId::kSearchTemplate:
      return rewrite_search_template(context);
    case RouteId::kRenderTemplate:
      return rewrite_render_template(context);
    case RouteId::kStoredTemplate:
      return rewrite_stored_template(context);
  }
  return context.build.deny(context.route.deny);
}

bool takes_body(RouteId id) {
  switch (id) {
    case RouteId::kSearch:
    case RouteId::kMultiSearch:
    case RouteId::kCount:
    case RouteId::kMultiGet:
    case RouteId::kScrollNext:
    case RouteId::kScrollClear:
    case RouteId::kPitDelete:
    case RouteId::kFieldCaps:
    case RouteId::kSearchTemplate:
    case RouteId::kRenderTemplate:
      return true;
    case RouteId::kNone:
    case RouteId::kInfo:
    case RouteId::kPing:
    case RouteId::kIndexExists:
    case RouteId::kDocument:
    case RouteId::kSource:
    case RouteId::kPitCreate:
    case RouteId::kStoredTemplate:
      return false;
  }
  return false;
}

// The body as such, before anybody reads it.
std::optional<DenyCode> check_body(const RequestView& request, RouteId route,
                                   const Limits& limits) {
  if (request.body.empty()) return std::nullopt;
  if (request.body.size() > limits.max_body_bytes) return DenyCode::kBodyTooLarge;
  if (!takes_body(route)) return DenyCode::kBodyUnexpected;
  MediaType type = parse_media_type(request.content_type);
  bool lines = route == RouteId::kMultiSearch && type == MediaType::kNdjson;
  return type == MediaType::kJson || lines ? std::nullopt : std::optional(DenyCode::kBodyMediaType);
}

// The token's filters as one clause.
std::string_view filter_of(const Visibility& visibility, Arena& arena) {
  if (visibility.groups.empty()) return visibility.clause;
  ArenaString out{ArenaAllocator<char>(arena)};
  for (const FilterGroup& group : visibility.groups) {
    out += out.empty() ? R"({"bool":{"should":[{"bool":{"filter":[)" : R"(,{"bool":{"filter":[)";
    out += group.indices;
    out += ',';
    out += group.clause;
    out += "]}}";
  }
  out += R"(],"minimum_should_match":1}})";
  return arena.copy(out);
}

// What refers to documents is decided once to know which, and once more to put them into their
// places.
Verdict decide_rounds(const Context& context) {
  Verdict verdict = rewrite(context);
  if (verdict.outcome() != Outcome::kForward) return verdict;
  if (context.lookups.count() > 0) {
    if (context.request.looked_up.empty()) return context.lookups.ask(context);
    if (auto broken = context.lookups.load(context, context.request.looked_up))
      return context.build.deny(*broken);
    context.work.begin_again();
    verdict = rewrite(context);
  }
  if (verdict.body_bytes() > context.limits().max_forward_bytes)
    return context.build.deny(DenyCode::kBodyTooLarge);
  return verdict;
}

Verdict decide_or_throw(const PolicySnapshot::Data& policy, const RequestView& request,
                        Workspace::Impl& work) {
  work.reset();
  VerdictBuilder build;
  if (request.credential == nullptr) return build.deny(DenyCode::kTokenInvalid);
  const Opening opens = policy.find(*request.credential, request.now_seconds);
  const CompiledToken* token = opens.token;
  if (token == nullptr) return build.deny(DenyCode::kTokenInvalid);
  const CompiledAccount& account = policy.frame->accounts[token->account];
  build.granted(*token, opens.link, account);
  if (token->unfiltered && policy.frame->unfiltered == Unfiltered::kDeny)
    return build.deny(DenyCode::kTokenUnfiltered);

  Target target;
  std::string_view detail;
  if (auto bad = parse_target(request.target, work.limits, work.arena, target, detail)) {
    return build.deny(*bad, {}, detail);
  }
  RouteMatch route = match_route(request.method, target);
  build.matched(route.name);
  if (route.id == RouteId::kNone) return build.deny(route.deny);
  if (auto bad = check_params(route, target, work.limits, detail)) {
    return build.deny(*bad, work.arena.concat({"?", detail}));
  }
  if (auto bad = check_body(request, route.id, work.limits)) return build.deny(*bad);
  if (account.awaits_catalog && route.id != RouteId::kInfo && route.id != RouteId::kPing)
    return build.deny(DenyCode::kMappingsUnknown);
  const Visibility& visibility = *token->visibility;
  Sight sight{filter_of(visibility, work.arena), visibility.scope, account.profile, account.scripts};
  DocumentLookups lookups(account.scope, work.limits, work.arena);
  return decide_rounds(
      {request, target, route, *token, account, policy, build, work, sight, lookups});
}

}  // namespace

Verdict decide(const PolicySnapshot& snapshot, const RequestView& request,
               Workspace& workspace) noexcept {
  try {
    return decide_or_throw(snapshot.data(), request, workspace.impl());
  } catch (...) {  // only memory can run out
    return VerdictBuilder().deny(DenyCode::kLimitMemory);
  }
}

}  // namespace weir
