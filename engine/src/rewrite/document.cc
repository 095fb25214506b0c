// Reads by id: _doc, _source, _mget and HEAD of an index, each a filtered search turned back, so
// that a hidden document and a missing one are the same answer.
#include <algorithm>

#include "dsl/section/hits.h"
#include "json/text.h"
#include "response/own_items.h"
#include "rewrite/parts.h"

namespace weir {
namespace {

// Where the document `id` lies if it was written without a routing value: a GET looks nowhere else.
// Empty: anywhere, for a search takes a value with a comma for two.
std::string_view routing_of(std::string_view id) {
  return id.find(',') == std::string_view::npos ? id : std::string_view();
}

// A search for one document by id. `source` and `stored_fields` are JSON or empty.
std::string_view document_search(const Context& context, std::string_view id,
                                 std::string_view source, std::string_view stored_fields,
                                 std::string_view more) {
  Wrap wrap = level_wrap(context);
  std::string body = R"({"query":)";
  body += wrap.open;
  body += R"({"ids":{"values":[)";
  append_json_string(id, body);
  body += "]}}";
  body += wrap.close;
  body += R"(,"size":1,"version":true,"track_total_hits":false)";
  // Stored fields stand in the place of the source, as in a GET; `_source` beside them brings it
  // back.
  if (!stored_fields.empty()) {
    body += R"(,"stored_fields":)";
    body += stored_fields;
  }
  if (!source.empty()) {
    body += R"(,"_source":)";
    body += source;
  }
  body += more;
  body += '}';
  return context.arena().copy(body);
}

Verdict forward_one(const Context& context, const IndexSelection& indices, std::string_view body,
                    PlanKind kind) {
  TargetText target = search_target(context, &indices, {});
  add_forwarded(context, target);
  std::string_view routing = routing_of(context.route.doc_id);
  if (context.target.find("routing") == nullptr && !routing.empty()) {
    target.param("routing", routing, context.arena());
  }
  context.work.pieces.push_back(body);
  ResponsePlan plan;
  plan.kind = kind;
  plan.head_only = context.request.method == Method::kHead;
  plan.index = indices.name;
  plan.id = context.route.doc_id;
  return context.build.forward(Method::kPost, target.take(), kJson,
                               context.work.pieces, plan);
}

bool good_id(const Context& context, std::string_view id) {
  return !id.empty() && id.size() <= context.limits().max_id_bytes;
}

std::optional<Verdict> stored_fields_from_params(const Context& context, std::string_view& out) {
  BodyMembers members(context.arena());
  const Param* param = context.target.find("stored_fields");
  if (param == nullptr) return std::nullopt;
  if (auto refused = fields_from_param(context, "stored_fields", members)) return refused;
  out = *members.find("stored_fields");
  return std::nullopt;
}

}  // namespace

Verdict rewrite_document(const Context& context) {
  IndexSelection indices;
  if (auto refused = select_concrete(context, indices)) return *refused;
  if (!good_id(context, context.route.doc_id)) return context.build.deny(DenyCode::kDocId);
  std::string_view stored;
  if (auto refused = stored_fields_from_params(context, stored)) return *refused;
  std::string_view source = source_from_params(context.target, context.arena());
  std::string_view body = document_search(context, context.route.doc_id, source, stored, {});
  return forward_one(context, indices, body, PlanKind::kDocument);
}

Verdict rewrite_source(const Context& context) {
  IndexSelection indices;
  if (auto refused = select_concrete(context, indices)) return *refused;
  if (!good_id(context, context.route.doc_id)) return context.build.deny(DenyCode::kDocId);
  std::string_view source = source_from_params(context.target, context.arena());
  std::string_view body = document_search(context, context.route.doc_id, source, {}, {});
  return forward_one(context, indices, body, PlanKind::kSource);
}

Verdict rewrite_index_exists(const Context& context) {
  IndexSelection indices;
  if (auto refused = select_indices(context, indices)) return *refused;
  IndexOptions options = index_options(context.target);
  // Without a match a pattern does not exist.
  if (context.target.find("allow_no_indices") == nullptr) options.allow_no_indices = false;
  TargetText target = search_target(context, &indices, options);
  context.work.pieces.push_back(R"({"size":0,"track_total_hits":false,"query":{"match_none":{}}})");
  ResponsePlan plan;
  plan.kind = PlanKind::kExists;
  plan.head_only = true;
  return context.build.forward(Method::kPost, target.take(), kJson,
                               context.work.pieces, plan);
}

namespace {

struct Wanted {
  std::string_view index;
  std::string_view id;
  std::string_view source;         // JSON, empty: the request's
  std::string_view stored_fields;  // JSON, empty: the request's
  std::string_view routing;
  bool has_id = false;
};

// The value as it stands, on one line: it goes into a line of an _msearch. Raw line ends can only
// be white space between tokens, for a string cannot hold them.
bool walk_span(Walk& walk, bool (*step)(Walk&), std::string_view& out) {
  std::size_t begin = walk.here();
  if (!step(walk)) return false;
  out = walk.json.text().substr(begin, walk.here() - begin);
  if (out.find_first_of("\n\r") == std::string_view::npos) return true;
  char* copy = walk.arena.allocate(out.size());
  std::transform(out.begin(), out.end(), copy,
                 [](char c) { return c == '\n' || c == '\r' ? ' ' : c; });
  out = {copy, out.size()};
  return true;
}

// An id or a routing value: a string, or a whole number, which OpenSearch takes as it is written.
bool walk_name(Walk& walk, std::string_view& out) {
  if (walk.json.type() != JsonType::kNumber) return walk.string(out);
  std::uint64_t number = 0;
  if (!walk.integer(number)) return false;
  out = walk.arena.copy(std::to_string(number));
  return true;
}

bool walk_doc_key(Walk& walk, std::string_view key, Wanted& doc) {
  if (key == "_index") return walk.string(doc.index);
  if (key == "_id") return doc.has_id = true, walk_name(walk, doc.id);
  if (key == "routing") return walk_name(walk, doc.routing);
  if (key == "_source")
    return walk_span(
        walk, [](Walk& w) { return w.skip(); }, doc.source);
  if (key == "stored_fields") return walk_span(walk, walk_stored_fields, doc.stored_fields);
  for (std::string_view known : {"fields", "version", "version_type", "_type"}) {
    if (key == known) return walk.fail(DenyCode::kBodyKeyDenied, key);
  }
  return walk.fail(DenyCode::kBodyKeyUnknown, key);
}

bool walk_docs(const Context& context, Walk& walk, std::vector<Wanted>& out) {
  return walk.array([&](std::uint32_t) {
    if (out.size() == context.limits().max_mget_docs) return walk.fail(DenyCode::kMgetTooMany);
    Wanted doc;
    doc.index = context.route.index;
    if (!walk.object([&](std::string_view key) { return walk_doc_key(walk, key, doc); }))
      return false;
    if (!doc.has_id || doc.index.empty()) return walk.fail(DenyCode::kMgetShape);
    out.push_back(doc);
    return true;
  });
}

bool walk_ids(const Context& context, Walk& walk, std::vector<Wanted>& out) {
  return walk.array([&](std::uint32_t) {
    if (out.size() == context.limits().max_mget_docs) return walk.fail(DenyCode::kMgetTooMany);
    Wanted doc;
    doc.index = context.route.index;
    if (!walk_name(walk, doc.id)) return false;
    out.push_back(doc);
    return true;
  });
}

std::optional<Failure> read_wanted(const Context& context, std::vector<Wanted>& out) {
  if (context.request.body.empty()) return Failure{DenyCode::kBodyRequired, {}, {}};
  Failure failure;
  auto walk = begin_walk(context, context.request.body, failure);
  if (!walk) return failure;
  bool walked = walk->object([&](std::string_view key) {
    if (!out.empty()) return walk->fail(DenyCode::kMgetShape, key);  // both `docs` and `ids`
    if (key == "docs") return walk_docs(context, *walk, out);
    if (key == "ids") return walk_ids(context, *walk, out);
    return walk->fail(DenyCode::kBodyKeyUnknown, key);
  });
  if (!walked || !walk->end()) return walk->failure();
  if (out.empty()) return Failure{DenyCode::kMgetShape, {}, {}};
  return std::nullopt;
}

std::string_view document_header(const Context& context, const IndexSelection& indices,
                                 std::string_view routing) {
  std::string out = R"({"index":)";
  append_json_string(indices.name, out);
  out += R"(,"expand_wildcards":"open","allow_partial_search_results":false)";
  if (!routing.empty()) {
    out += R"(,"routing":)";
    append_json_string(routing, out);
  }
  return context.arena().copy(out + "}\n");
}

// What the request's parameters say for every document that does not say otherwise.
struct Defaults {
  std::string_view source;
  std::string_view stored_fields;
  std::string_view routing;
};

void add_wanted(const Context& context, const Wanted& doc, const Defaults& defaults) {
  PlanItem item;
  item.index = doc.index;
  item.id = doc.id;
  IndexSelection indices;
  std::string_view detail;
  std::optional<DenyCode> code =
      concrete_index(doc.index, context.account.scope, context.arena(), indices, detail);
  if (!code && !good_id(context, doc.id)) code = DenyCode::kDocId;
  if (code) {
    item.denied = true;
    item.code = *code;
    item.deny_detail = context.arena().copy(printable_detail(detail));
  } else {
    std::string_view routing = doc.routing.empty() ? defaults.routing : doc.routing;
    if (routing.empty()) routing = routing_of(doc.id);
    context.work.pieces.push_back(document_header(context, indices, routing));
    context.work.pieces.push_back(
        document_search(context, doc.id, doc.source.empty() ? defaults.source : doc.source,
                        doc.stored_fields.empty() ? defaults.stored_fields : doc.stored_fields,
                        R"(,"search_pipeline":"_none")"));
    context.work.pieces.push_back("\n");
  }
  context.work.items.push_back(item);
}

}  // namespace

Verdict rewrite_multi_get(const Context& context) {
  std::vector<Wanted> wanted;
  if (auto broken = read_wanted(context, wanted)) return deny(context, *broken);
  Defaults defaults;
  defaults.source = source_from_params(context.target, context.arena());
  if (auto refused = stored_fields_from_params(context, defaults.stored_fields)) return *refused;
  if (const Param* routing = context.target.find("routing")) defaults.routing = routing->value;
  for (const Wanted& doc : wanted) add_wanted(context, doc, defaults);
  ResponsePlan plan;
  plan.kind = PlanKind::kMultiGet;
  plan.items = context.arena().copy_span(std::span<const PlanItem>(context.work.items));
  if (context.work.pieces.empty()) {
    std::string body;
    response::append_denied_multi_get(plan.items, body);
    return context.build.reply(200, context.arena().copy(body));
  }
  TargetText target({"/_msearch"}, context.arena());
  target.param("pre_filter_shard_size", "2147483647", context.arena());
  return context.build.forward(Method::kPost, target.take(), kNdjson,
                               context.work.pieces, plan);
}

}  // namespace weir
