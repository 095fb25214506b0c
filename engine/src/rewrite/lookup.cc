#include "rewrite/lookup.h"

#include <algorithm>

#include "json/text.h"
#include "response/upstream_error.h"
#include "rewrite/parts.h"

namespace weir {
namespace {

// Where the sources stand in the answer: that much deeper than by themselves.
constexpr std::uint32_t kDepthAround = 8;

// A GET looks into one shard: that of the routing, or else of the id. A search takes a list there,
// so that an id with a comma is searched for in every shard.
std::string_view shard_of(const Reference& reference) {
  std::string_view routing = reference.routing.empty() ? reference.id : reference.routing;
  return routing.find(',') == std::string_view::npos ? routing : std::string_view();
}

std::string_view lookup_lines(const Wrap& wrap, const Reference& reference, Arena& arena) {
  std::string out = R"({"index":)";
  append_json_string(reference.index, out);
  out += R"(,"expand_wildcards":"open","allow_partial_search_results":false)";
  if (std::string_view shard = shard_of(reference); !shard.empty()) {
    out += R"(,"routing":)";
    append_json_string(shard, out);
  }
  out += "}\n{\"query\":";
  out += wrap.open;
  out += R"({"ids":{"values":[)";
  append_json_string(reference.id, out);
  out += "]}}";
  out += wrap.close;
  out += R"(,"size":1,"track_total_hits":false,"search_pipeline":"_none",)";
  out += reference.stored ? R"("_source":false,"stored_fields":)" : R"("_source":)";
  out += reference.source;
  out += "}\n";
  return arena.copy(out);
}

}  // namespace

bool DocumentLookups::look_up(Walk& walk, const Reference& reference, const Document*& out) {
  IndexSelection indices;
  std::string_view detail;
  auto code = concrete_index(reference.index, scope_, walk.arena, indices, detail);
  if (code) return walk.fail(*code, detail);
  if (reference.id.empty() || reference.id.size() > limits_.max_id_bytes)
    return walk.fail(DenyCode::kDocId);
  if (reference.routing.find(',') != std::string_view::npos)
    return walk.fail(DenyCode::kQueryLookup, "routing");
  auto same = std::find_if(wanted_.begin(), wanted_.end(),
                           [&](const Wanted& wanted) { return wanted.reference == reference; });
  if (loaded_) {
    // INVARIANT: the second walk asks for what the first one did.
    if (same == wanted_.end()) return walk.fail(DenyCode::kUndecided);
    if (same->problem != DenyCode::kUndecided) return walk.fail(same->problem);
    out = &same->document;
    return true;
  }
  if (same != wanted_.end()) return true;
  if (wanted_.size() == limits_.max_lookups) return walk.fail(DenyCode::kQueryTooMany);
  wanted_.push_back({reference, {}});
  return true;
}

Verdict DocumentLookups::ask(const Context& context) const {
  context.work.pieces.clear();
  Wrap wrap = make_wrap(context);
  for (const Wanted& wanted : wanted_) {
    context.work.pieces.push_back(lookup_lines(wrap, wanted.reference, context.arena()));
  }
  TargetText target({"/_msearch"}, context.arena());
  target.param("pre_filter_shard_size", "2147483647", context.arena());
  ResponsePlan plan;
  plan.kind = PlanKind::kLookup;
  return context.build.forward(Method::kPost, target.take(), kNdjson,
                               context.work.pieces, plan);
}

namespace {

bool walk_hit(Walk& walk, const Reference& reference, Document& document) {
  document.found = true;
  return walk.object([&](std::string_view key) {
    if (key == "_id") {
      std::string_view id;
      return walk.string(id) && (id == reference.id || walk.fail(DenyCode::kUpstreamProtocol));
    }
    if (key == (reference.stored ? "fields" : "_source")) {
      document.has_source = walk.json.type() == JsonType::kObject;
      document.source = walk.json;
    }
    return walk.skip();
  });
}

bool walk_hits(Walk& walk, const Reference& reference, Document& document) {
  return walk.object([&](std::string_view key) {
    if (key != "hits") return walk.skip();
    return walk.array([&](std::uint32_t i) {
      return i == 0 ? walk_hit(walk, reference, document) : walk.fail(DenyCode::kUpstreamProtocol);
    });
  });
}

}  // namespace

bool DocumentLookups::read_response(Walk& walk, Wanted& wanted) {
  std::string error;
  std::uint64_t status = 0;
  bool has_hits = false;
  bool timed_out = false;
  bool walked = walk.object([&](std::string_view key) {
    if (key == "status") return walk.integer(status);
    if (key == "timed_out") return walk.boolean(timed_out);
    if (key == "hits") {
      has_hits = true;
      return walk_hits(walk, wanted.reference, wanted.document);
    }
    if (key != "error") return walk.skip();
    std::size_t begin = walk.here();
    if (!walk.skip()) return false;
    error = R"({"error":)";
    error += walk.json.text().substr(begin, walk.here() - begin);
    error += '}';
    return true;
  });
  if (!walked) return false;
  wanted.answered = true;
  if (!error.empty()) {
    wanted.problem =
        response::map_upstream_error(PlanKind::kLookup, static_cast<int>(status), error);
  } else if (timed_out) {
    wanted.problem = DenyCode::kUpstreamTimeout;
  } else if (!has_hits) {
    wanted.problem = DenyCode::kUpstreamProtocol;
  }
  return true;
}

std::optional<DenyCode> DocumentLookups::load(const Context& context, std::string_view answer) {
  DenyCode why = DenyCode::kUpstreamProtocol;
  auto tokens = context.work.answer_tokens.find(answer, why);
  if (!tokens) return DenyCode::kUpstreamProtocol;
  Limits limits = limits_;
  limits.max_json_depth += kDepthAround;
  Walk walk(Cursor(answer, *tokens), limits, context.sight, context.arena(), context.work.edits);
  bool walked = walk.object([&](std::string_view key) {
    if (key != "responses") return walk.skip();
    return walk.array([&](std::uint32_t i) {
      return i < wanted_.size() ? read_response(walk, wanted_[i])
                                : walk.fail(DenyCode::kUpstreamProtocol);
    });
  });
  bool whole =
      walked && walk.end() &&
      std::all_of(wanted_.begin(), wanted_.end(), [](auto& wanted) { return wanted.answered; });
  if (!whole)
    return walk.failure().code == DenyCode::kBodyTooDeep ? DenyCode::kLookupTooLarge
                                                         : DenyCode::kUpstreamProtocol;
  loaded_ = true;
  return std::nullopt;
}

}  // namespace weir
