// _msearch: pairs of lines. Each search is walked and wrapped by itself under its own index
// expression; one that is denied is answered in its place while the others run.
#include "http/percent.h"
#include "json/text.h"
#include "response/own_items.h"
#include "rewrite/parts.h"

namespace weir {

namespace {

struct Header {
  std::string_view index;  // empty: the path's
  IndexOptions options;
  std::string_view preference;
  std::string_view routing;
  bool request_cache_given = false;
  bool request_cache = false;
};

bool walk_index(Walk& walk, std::string_view& out) {
  if (walk.json.type() == JsonType::kString) return walk.string(out);
  std::string joined;
  bool walked = walk.array([&](std::uint32_t i) {
    std::string_view item;
    if (!walk.string(item)) return false;
    // An array's items are not split at commas upstream; accept only those that mean the same
    // either way.
    if (item.empty() || item.find(',') != std::string_view::npos)
      return walk.fail(DenyCode::kIndexName, item);
    joined += i == 0 ? "" : ",";
    joined += item;
    return true;
  });
  if (walked) out = walk.arena.copy(joined);
  return walked;
}

bool walk_token(Walk& walk, std::string_view& out) {
  if (!walk.string(out)) {
    return false;
  }
  return out.starts_with('_') ? walk.fail(DenyCode::kParamValue, out) : true;
}

// Dashboards sends its preference, a time in milliseconds, as a number.
bool walk_preference(Walk& walk, std::string_view& out) {
  if (walk.json.type() == JsonType::kString) return walk_token(walk, out);
  std::uint64_t number = 0;
  if (!walk.integer(number)) return false;
  out = walk.arena.copy(std::to_string(number));
  return true;
}

bool walk_expand(Walk& walk, IndexOptions& options) {
  std::string_view value;
  if (!walk_index(walk, value)) return false;
  options.expand_none = value == "none";
  return value == "open" || value == "none" ? true : walk.fail(DenyCode::kIndexHidden, value);
}

bool walk_fixed(Walk& walk, std::string_view only) {
  std::string_view value;
  if (!walk.string(value)) return false;
  return value == only ? true : walk.fail(DenyCode::kParamDenied, value);
}

bool walk_no_partial(Walk& walk) {
  bool partial = false;
  if (!walk.boolean(partial)) return false;
  return partial ? walk.fail(DenyCode::kParamDenied) : true;
}

bool walk_header_key(Walk& walk, std::string_view key, Header& header) {
  if (key == "index" || key == "indices") {
    return header.index.empty() ? walk_index(walk, header.index)
                                : walk.fail(DenyCode::kBodyDuplicateKey, key);
  }
  if (key == "ignore_unavailable") return walk.boolean(header.options.ignore_unavailable);
  if (key == "allow_no_indices") return walk.boolean(header.options.allow_no_indices);
  if (key == "ignore_throttled") return walk.boolean(header.options.ignore_throttled);
  if (key == "expand_wildcards") return walk_expand(walk, header.options);
  if (key == "preference") return walk_preference(walk, header.preference);
  if (key == "routing") return walk_token(walk, header.routing);
  if (key == "search_type") return walk_fixed(walk, "query_then_fetch");
  if (key == "allow_partial_search_results") return walk_no_partial(walk);
  if (key == "request_cache") {
    header.request_cache_given = true;
    return walk.boolean(header.request_cache);
  }
  for (std::string_view known :
       {"ccs_minimize_roundtrips", "cancel_after_time_interval", "phase_took"}) {
    if (key == known) return walk.fail(DenyCode::kParamDenied, key);
  }
  for (std::string_view older :
       {"allowNoIndices", "cancelAfterTimeInterval", "ccsMinimizeRoundtrips", "expandWildcards",
        "ignoreThrottled", "ignoreUnavailable", "requestCache", "searchType"}) {
    if (key == older) return walk.fail(DenyCode::kBodyKeyDenied, key);
  }
  return walk.fail(DenyCode::kBodyKeyUnknown, key);
}

std::optional<Failure> read_header(const Context& context, std::string_view line, Header& header) {
  Failure failure;
  auto walk = begin_walk(context, line, failure);
  if (!walk) return failure;
  bool walked =
      walk->object([&](std::string_view key) { return walk_header_key(*walk, key, header); });
  if (!walked || !walk->end()) return walk->failure();
  return std::nullopt;
}

void append_flag(std::string_view name, bool value, std::string& out) {
  out += ",\"";
  out += name;
  out += value ? "\":true" : "\":false";
}

// The header line that goes upstream, written anew.
std::string_view header_text(const Context& context, const Header& header,
                             const IndexSelection& indices) {
  std::string_view expression = indices.upstream;
  percent_decode(indices.upstream, false, context.arena(), expression);
  std::string out = R"({"index":)";
  append_json_string(expression, out);
  out += R"(,"expand_wildcards":)";
  out += header.options.expand_none ? R"("none")" : R"("open")";
  append_flag("ignore_unavailable", header.options.ignore_unavailable || indices.names_for_pattern,
              out);
  append_flag("allow_no_indices", header.options.allow_no_indices, out);
  append_flag("allow_partial_search_results", false, out);
  if (header.options.ignore_throttled) append_flag("ignore_throttled", true, out);
  if (header.request_cache_given) append_flag("request_cache", header.request_cache, out);
  for (auto [name, value] :
       {std::pair{"preference", header.preference}, {"routing", header.routing}}) {
    if (value.empty()) continue;
    out += ",\"";
    out += name;
    out += "\":";
    append_json_string(value, out);
  }
  out += "}\n";
  return context.arena().copy(out);
}

std::optional<Failure> add_header(const Context& context, std::string_view line) {
  Header header;
  header.options = index_options(context.target);
  if (auto broken = read_header(context, line, header)) return broken;
  std::string_view expression = header.index.empty() ? context.route.index : header.index;
  IndexSelection indices;
  std::string_view detail;
  auto code = resolve_indices(expression, context.account.scope, context.limits(), context.arena(),
                              indices, detail);
  if (code) return Failure{*code, "/index", context.arena().copy(printable_detail(detail))};
  context.work.pieces.push_back(header_text(context, header, indices));
  return std::nullopt;
}

std::optional<Failure> add_search(const Context& context, std::string_view line, PlanItem& item) {
  context.work.edits.clear();
  Failure failure;
  auto walk = begin_walk(context, line, failure);
  if (!walk) return failure;
  SearchBody body;
  if (!walk_search_body(*walk, body)) return walk->failure();
  if (!body.pit_id.empty()) return Failure{DenyCode::kBodyKeyDenied, "/pit", "pit"};
  BodyMembers members(context.arena());
  if (auto broken = check_search(context, body, *walk, members)) return broken;
  wrap_query(context, body, *walk, {}, members);
  members.set("search_pipeline", R"("_none")");
  members.apply(body, context.work.edits, context.arena());
  context.work.edits.apply(line, context.work.pieces);
  context.work.pieces.push_back("\n");
  item.turned_aggs = !walk->turned_aggs.empty();
  return std::nullopt;
}

void add_item(const Context& context, std::string_view header, std::string_view search) {
  // What was denied on the first walk has looked nothing up for the second.
  std::size_t number = context.work.items.size();
  if (number < context.work.first_items.size() && context.work.first_items[number].denied) {
    context.work.items.push_back(context.work.first_items[number]);
    return;
  }
  std::size_t before = context.work.pieces.size();
  std::size_t looked_up = context.lookups.count();
  std::optional<Failure> broken = add_header(context, header);
  PlanItem item;
  if (!broken) broken = add_search(context, search, item);
  if (broken) {
    context.work.pieces.resize(before);
    context.lookups.take_back(looked_up);
    item.denied = true;
    item.code = broken->code;
    item.deny_path = broken->path;
    item.deny_detail = broken->detail;
  }
  context.work.items.push_back(item);
}

std::string_view take_line(std::string_view& rest) {
  std::size_t end = rest.find('\n');
  std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

}  // namespace

Verdict rewrite_multi_search(const Context& context) {
  std::string_view rest = context.request.body;
  if (rest.empty()) return context.build.deny(DenyCode::kBodyRequired);
  if (rest.back() != '\n') return context.build.deny(DenyCode::kMsearchPairs);
  while (!rest.empty()) {
    if (context.work.items.size() == context.limits().max_msearch_items) {
      return context.build.deny(DenyCode::kMsearchTooMany);
    }
    std::string_view header = take_line(rest);
    if (rest.empty()) return context.build.deny(DenyCode::kMsearchPairs);
    std::string_view search = take_line(rest);
    if (header.empty() || search.empty()) return context.build.deny(DenyCode::kMsearchPairs);
    add_item(context, header, search);
  }
  ResponsePlan plan;
  plan.kind = PlanKind::kMultiSearch;
  plan.items = context.arena().copy_span(std::span<const PlanItem>(context.work.items));
  if (context.work.pieces.empty()) {
    std::string body;
    response::append_denied_multi_search(plan.items, body);
    return context.build.reply(200, context.arena().copy(body));
  }
  TargetText target("/_msearch", context.arena());
  target.param("pre_filter_shard_size", "2147483647", context.arena());
  add_forwarded(context, target);
  return context.build.forward(Method::kPost, target.take(context.arena()), kNdjson,
                               context.work.pieces, plan);
}

}  // namespace weir
