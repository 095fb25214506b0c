// From a matched route to a verdict: one function per served route, and what they share.
//
// A rewriter reads only what earlier doors decided (Context) and builds what goes upstream from
// nothing but recognised values: the client's bytes go on only as spans of a body that was walked
// to its end.
#pragma once

#include <optional>
#include <string_view>

#include "dsl/walk.h"
#include "http/target.h"
#include "policy/snapshot.h"
#include "rewrite/lookup.h"
#include "rewrite/verdict_builder.h"
#include "rewrite/workspace.h"
#include "route/route.h"

namespace weir {

struct Context {
  const RequestView& request;
  const Target& target;
  const RouteMatch& route;
  const CompiledToken& token;
  const CompiledAccount& account;
  const PolicySnapshot::Data& policy;
  const VerdictBuilder& build;
  Workspace::Impl& work;
  Sight sight;
  DocumentLookups& lookups;

  Arena& arena() const { return work.arena; }
  const Limits& limits() const { return work.limits; }
  SealContext seal(CursorKind kind) const { return {kind, token.id, token.epoch}; }
};

Verdict rewrite_search(const Context& context);
Verdict rewrite_count(const Context& context);
Verdict rewrite_multi_search(const Context& context);
Verdict rewrite_document(const Context& context);
Verdict rewrite_source(const Context& context);
Verdict rewrite_multi_get(const Context& context);
Verdict rewrite_scroll_next(const Context& context);
Verdict rewrite_scroll_clear(const Context& context);
Verdict rewrite_pit_create(const Context& context);
Verdict rewrite_pit_delete(const Context& context);
Verdict rewrite_field_caps(const Context& context);
Verdict rewrite_index_exists(const Context& context);
Verdict rewrite_search_template(const Context& context);
Verdict rewrite_render_template(const Context& context);
Verdict rewrite_stored_template(const Context& context);

/// rewrite_search() with `text` in the place of the request's body.
Verdict rewrite_search_text(const Context& context, std::string_view text);

}  // namespace weir
