#include "rewrite/parts.h"

#include <algorithm>
#include <charconv>

#include "dsl/script.h"
#include "http/percent.h"
#include "json/text.h"
#include "route/params.h"

namespace weir {
namespace {
constexpr std::string_view kWrapOpen = R"({"constant_score":{"filter":{"bool":{"filter":[)";
constexpr std::string_view kWrapClose = "]}}}}";
constexpr std::string_view kScoredOpen = R"({"bool":{"filter":[)";
constexpr std::string_view kScoredMust = R"(],"must":[)";
constexpr std::string_view kScoredClose = "]}}";
constexpr std::string_view kMatchAll = R"({"match_all":{}})";
constexpr std::string_view kEmptyBody = "{}";

bool is_true(const Param* param) { return param != nullptr && bool_value(*param); }
}  // namespace

Wrap level_wrap(const Context& context) {
  Arena& arena = context.arena();
  std::string_view filter = context.sight.filter;
  std::string_view scope = context.sight.scope;
  std::string_view comma = filter.empty() ? "" : ",";
  std::string_view alone = arena.concat({kWrapOpen, filter, comma, scope, kWrapClose});
  return {arena.concat({kWrapOpen, filter, comma, scope, ","}), kWrapClose, alone};
}

Wrap make_wrap(const Context& context) {
  Wrap& wrap = context.work.wrap;
  if (!wrap.open.empty()) return wrap;
  if (context.sight.profile == Profile::kSealed) return wrap = level_wrap(context);
  Arena& arena = context.arena();
  std::string_view filter = context.sight.filter;
  std::string_view comma = filter.empty() ? "" : ",";
  std::string_view open =
      arena.concat({kScoredOpen, filter, comma, context.sight.scope, kScoredMust});
  return wrap = {open, kScoredClose, arena.concat({open, kMatchAll, kScoredClose})};
}

IndexOptions index_options(const Target& target) {
  IndexOptions options;
  if (target.params.empty()) return options;
  options.ignore_unavailable = is_true(target.find("ignore_unavailable"));
  if (const Param* allow = target.find("allow_no_indices"))
    options.allow_no_indices = is_true(allow);
  const Param* expand = target.find("expand_wildcards");
  options.expand_none = expand != nullptr && expand->value == "none";
  options.ignore_throttled = is_true(target.find("ignore_throttled"));
  return options;
}

TargetText& TargetText::param(std::string_view name, std::string_view value, Arena& arena) {
  text_ += has_params_ ? '&' : '?';
  has_params_ = true;
  text_ += name;
  text_ += '=';
  text_ += percent_encode(value, "*,:", arena);
  return *this;
}

TargetText& TargetText::params(std::string_view params) {
  text_ += has_params_ ? '&' : '?';
  has_params_ = true;
  text_ += params;
  return *this;
}

void add_index_options(const IndexOptions& options, TargetText& target) {
  // Nearly all are the first.
  constexpr std::string_view kUsual =
      "expand_wildcards=open&ignore_unavailable=false&allow_no_indices=true";
  if (!options.expand_none && !options.ignore_unavailable && options.allow_no_indices) {
    target.params(kUsual);
  } else {
    target.params(options.expand_none ? "expand_wildcards=none" : "expand_wildcards=open");
    target.params(options.ignore_unavailable ? "ignore_unavailable=true"
                                             : "ignore_unavailable=false");
    target.params(options.allow_no_indices ? "allow_no_indices=true" : "allow_no_indices=false");
  }
  if (options.ignore_throttled) target.params("ignore_throttled=true");
}

void add_forwarded(const Context& context, TargetText& target) {
  for (const Param& param : context.target.params) {
    const ParamRow* row = find_param(context.route.id, param.name);
    if (row == nullptr || row->use != ParamUse::kForward) continue;
    target.param(row->name, param.has_value ? param.value : "true", context.arena());
  }
}

TargetText search_target(const Context& context, const IndexSelection* indices,
                         const IndexOptions& options) {
  std::string_view index = indices == nullptr ? std::string_view() : indices->upstream;
  TargetText target({indices == nullptr ? "" : "/", index, "/_search"}, context.arena());
  target.params(
      "allow_partial_search_results=false&pre_filter_shard_size=2147483647&search_pipeline=_none");
  if (indices == nullptr) return target;
  IndexOptions all = options;
  all.ignore_unavailable = all.ignore_unavailable || indices->names_for_pattern;
  add_index_options(all, target);
  return target;
}

namespace {
std::optional<Verdict> denied_index(const Context& context, std::optional<DenyCode> code,
                                    std::string_view detail) {
  if (!code) return std::nullopt;
  return context.build.deny(*code, {}, context.arena().copy(printable_detail(detail)));
}
}  // namespace

std::optional<Verdict> select_indices(const Context& context, IndexSelection& out) {
  std::string_view detail;
  auto code = resolve_indices(context.route.index, context.account.scope, context.limits(),
                              context.arena(), out, detail);
  return denied_index(context, code, detail);
}

std::optional<Verdict> select_concrete(const Context& context, IndexSelection& out) {
  std::string_view detail;
  auto code =
      concrete_index(context.route.index, context.account.scope, context.arena(), out, detail);
  return denied_index(context, code, detail);
}

std::optional<Walk> make_walk(const Context& context, std::string_view text,
                              std::span<const std::uint32_t> tokens) {
  Workspace::Impl& work = context.work;
  auto walk = std::make_optional<Walk>(Cursor(text, tokens), work.limits, context.sight, work.arena,
                                       work.edits);
  walk->lookups = &context.lookups;
  return walk;
}

std::optional<Walk> begin_walk(const Context& context, std::string_view text, Failure& failure) {
  auto tokens = context.work.tokens.find(text, failure.code);
  if (!tokens) return std::nullopt;
  return make_walk(context, text, *tokens);
}

Verdict deny(const Context& context, const Failure& failure) {
  return context.build.deny(failure.code, failure.path, failure.detail);
}

std::string_view body_or_empty(const Context& context) {
  return context.request.body.empty() ? kEmptyBody : context.request.body;
}

const std::string_view* BodyMembers::find(const Name& name) const {
  for (const Member& member : members_) {
    if (member.name == name) return &member.value;
  }
  return nullptr;
}

void BodyMembers::drop(const Name& name) {
  std::erase_if(members_, [&](const Member& member) { return member.name == name; });
}

void BodyMembers::apply(const SearchBody& body, Edits& edits, Arena& arena) const {
  bool comma = false;
  for (const Member& member : members_) {
    if (const Range* value = body.find(member.name)) {
      edits.replace(value->begin, value->size(), member.value);
      continue;
    }
    edits.insert(body.inside, arena.concat({comma ? "," : "", "\"", member.name, "\":"}));
    edits.insert(body.inside, member.value);
    comma = true;
  }
  if (comma && !body.members.empty()) edits.insert(body.inside, ",");
}

void wrap_query(const Context& context, const SearchBody& body, const Walk& walk,
                std::string_view q, BodyMembers& members) {
  Edits& edits = context.work.edits;
  Wrap wrap = make_wrap(context);
  const Range* query = body.find("query");
  bool own = query != nullptr && q.empty();
  if (own) {
    edits.wrap(query->begin, wrap.open);
    if (walk.query_scripts.in_query) {
      edits.guard(query->begin, kGateOpen);
      edits.guard(query->end, kGateClose);
    }
    edits.wrap(query->end, wrap.close);
  } else if (q.empty()) {
    members.set("query", wrap.alone);
  } else {
    members.set("query", context.arena().concat({wrap.open, q, wrap.close}));
  }
  for (const Walk::HighlightPlace& place : walk.highlights) {
    edits.insert(place.offset, R"("highlight_query":)");
    if (own) {
      edits.insert_copy(place.offset, query->begin, query->end);
    } else {
      edits.insert(place.offset, q.empty() ? kMatchAll : q);
    }
    if (place.has_members) edits.insert(place.offset, ",");
  }
}

namespace {

// A body value overridden by a URI parameter counts with the parameter's value.
std::uint64_t effective(const BodyMembers& members, const Name& name,
                        std::optional<std::uint64_t> in_body, std::uint64_t fallback) {
  const std::string_view* member = members.find(name);
  if (member == nullptr) return in_body.value_or(fallback);
  std::uint64_t value = 0;
  std::from_chars(member->data(), member->data() + member->size(), value);
  return value;
}

// The searches for the other hits of collapsed values: by the query as it stands, but outside of a
// point in time, and many.
std::optional<Failure> check_groups(const Context& context, const SearchBody& body,
                                    const Walk& walk, std::uint64_t size) {
  if (walk.rescores && body.find("collapse") != nullptr) {  // as in OpenSearch
    return Failure{DenyCode::kBodyValue, "/rescore", "beside collapse"};
  }
  if (walk.group_searches == 0) return std::nullopt;
  constexpr std::string_view kPlace = "/collapse/inner_hits";
  if (!body.pit_id.empty()) return Failure{DenyCode::kBodyKeyDenied, kPlace, "beside pit"};
  if (walk.query_scripts.in_query) return Failure{DenyCode::kScriptPlace, kPlace, {}};
  // Without a query OpenSearch scores the first hits 1 and the others 0; with the filter they are
  // alike.
  bool by_text = context.target.find("q") != nullptr;
  bool asked = body.find("query") != nullptr || by_text;
  if (context.sight.profile == Profile::kRelevance && walk.group_scores && !asked) {
    return Failure{DenyCode::kBodyKeyDenied, kPlace, "beside no query"};
  }
  // OpenSearch 3 runs these searches in several threads, and shares segments out among them.
  if (context.sight.profile == Profile::kSealed && (walk.loses_in_threads || by_text)) {
    return Failure{DenyCode::kBodyKeyDenied, kPlace, "beside this query"};
  }
  bool many = size > context.limits().max_group_searches / walk.group_searches;
  return many ? std::optional(Failure{DenyCode::kSearchWindow, kPlace, {}}) : std::nullopt;
}

}  // namespace

std::optional<Failure> rewrite_boosts(const Context& context, const SearchBody& body) {
  const Range* place = body.find("indices_boost");
  if (place == nullptr) return std::nullopt;
  Arena& arena = context.arena();
  auto refuse = [&](DenyCode code, std::string_view detail) {
    return Failure{code, "/indices_boost", arena.copy(printable_detail(detail))};
  };
  std::string out = "[";
  for (const IndexBoost& boost : body.boosts) {
    // OpenSearch takes each name as it is: neither a list nor an exclusion.
    if (boost.name.empty() || boost.name.front() == '-' ||
        boost.name.find(',') != std::string_view::npos)
      return refuse(DenyCode::kIndexName, boost.name);
    IndexSelection indices;
    std::string_view detail;
    auto code = resolve_indices(boost.name, context.account.scope, context.limits(), arena, indices,
                                detail);
    if (code) return refuse(*code, detail);
    // A name in the place of a pattern fails where it is missing; a pattern does not.
    if (indices.names_for_pattern) return refuse(DenyCode::kIndexPattern, boost.name);
    std::string_view names = indices.upstream;
    percent_decode(indices.upstream, false, arena, names);
    while (!names.empty()) {
      std::string_view name = names.substr(0, names.find(','));
      names.remove_prefix(std::min(name.size() + 1, names.size()));
      out += out.size() == 1 ? "{" : ",{";
      append_json_string(name, out);
      out += ':';
      out += boost.boost;
      out += '}';
    }
  }
  context.work.edits.replace(place->begin, place->size(), arena.copy(out + "]"));
  return std::nullopt;
}

std::optional<Failure> check_search(const Context& context, const SearchBody& body,
                                    const Walk& walk, BodyMembers& members) {
  std::uint64_t from = effective(members, "from", body.from, 0);
  std::uint64_t size = effective(members, "size", body.size, 10);
  std::uint64_t window = context.limits().max_result_window;
  if (from > window || size > window - from) return Failure{DenyCode::kSearchWindow, {}, {}};

  if (auto broken = check_groups(context, body, walk, size)) return broken;
  bool level = context.sight.profile == Profile::kSealed;
  if (walk.rescores && level) return Failure{DenyCode::kSearchScores, "/rescore", {}};
  if (auto broken = rewrite_boosts(context, body)) return broken;

  const std::string_view* total = members.find("track_total_hits");
  bool exact = total == nullptr ? body.exact_total : *total == "true";
  if (walk.nested_sort && !exact) return Failure{DenyCode::kSortNestedTotal, "/sort", {}};

  if (walk.percolates && !walk.highlights.empty()) {
    return Failure{DenyCode::kHighlightPercolate, "/highlight", {}};
  }

  if (walk.query_scripts.gated && walk.query_inner_hits) {
    return Failure{DenyCode::kScriptPlace, "/query", "inner_hits"};
  }

  // A page after `_doc` would lose documents that tie: the level score in its place does not tell
  // them apart.
  if ((walk.doc_sort || members.doc_sort) &&
      (body.find("search_after") != nullptr || !body.pit_id.empty())) {
    return Failure{DenyCode::kSortDoc, "/sort", {}};
  }

  // OpenSearch fails at it as if it were out of order itself.
  bool parts = !body.pit_id.empty() || context.target.find("scroll") != nullptr;
  if (body.find("slice") != nullptr && !parts) {
    return Failure{DenyCode::kBodyValue, "/slice", "a slice of neither scroll nor pit"};
  }

  // Which documents come first depends on hidden ones. Beside aggregations the complete answer is
  // the better one.
  bool given =
      members.find("terminate_after") != nullptr || body.find("terminate_after") != nullptr;
  if (given && !body.has_aggs) return Failure{DenyCode::kTerminateAfter, "/terminate_after", {}};
  bool sealed = walk.sight.profile == Profile::kSealed;
  if (body.has_aggs || size == 0 || sealed) {
    members.drop("terminate_after");
    members.set("terminate_after", kNeverTerminate);
  }
  return std::nullopt;
}

bool is_keep_alive(std::string_view text, const Limits& limits) {
  std::optional<std::uint64_t> ms = parse_time_ms(text);
  return ms && *ms > 0 && *ms <= limits.max_keep_alive_seconds * 1000;
}

std::string_view json_list(std::string_view comma_list, Arena& arena) {
  std::string out = "[";
  while (true) {
    std::size_t comma = comma_list.find(',');
    append_json_string(comma_list.substr(0, comma), out);
    if (comma == std::string_view::npos) break;
    out += ',';
    comma_list.remove_prefix(comma + 1);
  }
  out += ']';
  return arena.copy(out);
}

}  // namespace weir
