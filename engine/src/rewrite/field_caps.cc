// _field_caps: names and types of fields in scope. The scope's own clause goes along as
// index_filter, so that an alias cannot lead to an index outside; the client's index_filter never
// does, because it is answered from the bounds of all documents.
#include "rewrite/parts.h"

namespace weir {

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
  Arena& arena = context.arena();
  TargetText target(arena.concat({"/", indices.upstream, "/_field_caps"}), arena);
  IndexOptions options = index_options(context.target);
  options.ignore_unavailable = options.ignore_unavailable || indices.names_for_pattern;
  add_index_options(options, target, arena);
  add_forwarded(context, target);
  context.work.pieces.push_back(
      arena.concat({R"({"index_filter":)", context.sight.scope, "}"}));
  return context.build.forward(Method::kPost, target.take(arena), kJson, context.work.pieces, {});
}

}  // namespace weir
