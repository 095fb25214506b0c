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

bool walk_header_key(Walk& walk, const Name& key, Header& header) {
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
    if (key.text == known) return walk.fail(DenyCode::kParamDenied, key);
  }
  for (std::string_view older :
       {"allowNoIndices", "cancelAfterTimeInterval", "ccsMinimizeRoundtrips", "expandWildcards",
        "ignoreThrottled", "ignoreUnavailable", "requestCache", "searchType"}) {
    if (key.text == older) return walk.fail(DenyCode::kBodyKeyDenied, key);
  }
  return walk.fail(DenyCode::kBodyKeyUnknown, key);
}

// One line of the body: from `begin` to the end of `text`, which begins where the body does.
struct Line {
  std::string_view text;
  std::size_t begin = 0;
  std::string_view bytes() const { return text.substr(begin); }
};

// A walk over a line, and where the line begins in the walk's text.
struct LineWalk {
  std::optional<Walk> walk;
  std::size_t begin = 0;
};

// The lines of a body. Their tokens are looked for in all of them at once. No line end is inside of
// a string then (it would be a control character there), so each line has the tokens it has by
// itself; where looking fails, each line is looked at by itself.
class Lines {
 public:
  explicit Lines(const Context& context) : context_(context), body_(context.request.body) {
    DenyCode ignored = DenyCode::kUndecided;
    tokens_ = context.work.tokens.find(body_, ignored);
  }

  bool at_end() const { return begin_ == body_.size(); }

  // REQUIRES: not at the end, and the body ends with a line end.
  Line take() {
    std::size_t end = body_.find('\n', begin_);
    Line line{body_.substr(0, end), begin_};
    begin_ = end + 1;
    return line;
  }

  // REQUIRES: `line` stands behind the lines that were walked before.
  LineWalk walk(const Line& line, Failure& failure) {
    if (!tokens_) return {begin_walk(context_, line.bytes(), failure), 0};
    *tokens_ = tokens_->subspan(count_before(line.begin));
    std::size_t count = count_before(line.text.size());
    if (count == 0 || begins_with_mark(line.bytes())) {
      failure.code = count == 0 ? DenyCode::kBodyMalformed : DenyCode::kBodyEncoding;
      return {};
    }
    auto own = tokens_->first(count);
    *tokens_ = tokens_->subspan(count);
    return {make_walk(context_, line.text, own), line.begin};
  }

 private:
  // How many tokens stand before `offset`. By halves without a branch that could be guessed wrong.
  std::size_t count_before(std::size_t offset) const {
    const std::uint32_t* first = tokens_->data();
    std::size_t left = tokens_->size();
    while (left > 0 && *first < offset) {
      std::size_t half = (left + 1) / 2;
      first += first[half - 1] < offset ? half : 0;
      left -= half;
    }
    return static_cast<std::size_t>(first - tokens_->data());
  }

  const Context& context_;
  std::string_view body_;
  std::size_t begin_ = 0;                                  // of the next line
  std::optional<std::span<const std::uint32_t>> tokens_;  // behind the last line that was walked
};

std::optional<Failure> read_header(Lines& lines, const Line& line, Header& header) {
  Failure failure;
  LineWalk at = lines.walk(line, failure);
  if (!at.walk) return failure;
  Walk& walk = *at.walk;
  bool walked = walk.object([&](const Name& key) { return walk_header_key(walk, key, header); });
  if (!walked || !walk.end()) return walk.failure();
  return std::nullopt;
}

void append_flag(std::string_view name, bool value, ArenaString& out) {
  out += ",\"";
  out += name;
  out += value ? "\":true" : "\":false";
}

// The header line that goes upstream, written anew.
std::string_view header_text(const Context& context, const Header& header,
                             const IndexSelection& indices) {
  constexpr std::size_t kUsualBytes = 256;
  std::string_view expression = indices.upstream;
  percent_decode(indices.upstream, false, context.arena(), expression);
  ArenaString out{ArenaAllocator<char>(context.arena())};
  out.reserve(kUsualBytes + expression.size());
  out += R"({"index":)";
  out += json_string(expression, context.arena());
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
    out += json_string(value, context.arena());
  }
  out += "}\n";
  return out;  // in the arena, as it was reserved there
}

// The last header and what it became: dashboards write the same one before each search.
struct LastHeader {
  std::string_view line;
  std::string_view text;
};

std::optional<Failure> add_header(const Context& context, Lines& lines, const Line& line,
                                  LastHeader& last) {
  if (!last.line.empty() && line.bytes() == last.line) {
    context.work.pieces.push_back(last.text);
    return std::nullopt;
  }
  Header header;
  header.options = index_options(context.target);
  if (auto broken = read_header(lines, line, header)) return broken;
  std::string_view expression = header.index.empty() ? context.route.index : header.index;
  IndexSelection indices;
  std::string_view detail;
  auto code = resolve_indices(expression, context.account.scope, context.limits(), context.arena(),
                              indices, detail);
  if (code) return Failure{*code, "/index", context.arena().copy(printable_detail(detail))};
  last = {line.bytes(), header_text(context, header, indices)};
  context.work.pieces.push_back(last.text);
  return std::nullopt;
}

std::optional<Failure> add_search(const Context& context, Lines& lines, const Line& line,
                                  PlanItem& item) {
  context.work.edits.clear();
  Failure failure;
  auto [walk, begin] = lines.walk(line, failure);
  if (!walk) return failure;
  SearchBody body;
  if (!walk_search_body(*walk, body)) return walk->failure();
  if (!body.pit_id.empty()) return Failure{DenyCode::kBodyKeyDenied, "/pit", "pit"};
  BodyMembers members(context.arena());
  if (auto broken = check_search(context, body, *walk, members)) return broken;
  wrap_query(context, body, *walk, {}, members);
  members.set("search_pipeline", R"("_none")");
  members.apply(body, context.work.edits, context.arena());
  context.work.edits.apply(walk->json.text(), context.work.pieces, begin);
  context.work.pieces.push_back("\n");
  item.turned_aggs = !walk->turned_aggs.empty();
  return std::nullopt;
}

void add_item(const Context& context, Lines& lines, const Line& header, const Line& search,
              LastHeader& last) {
  // What was denied on the first walk has looked nothing up for the second.
  std::size_t number = context.work.items.size();
  if (number < context.work.first_items.size() && context.work.first_items[number].denied) {
    context.work.items.push_back(context.work.first_items[number]);
    return;
  }
  std::size_t before = context.work.pieces.size();
  std::size_t looked_up = context.lookups.count();
  std::optional<Failure> broken = add_header(context, lines, header, last);
  PlanItem item;
  if (!broken) broken = add_search(context, lines, search, item);
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

}  // namespace

Verdict rewrite_multi_search(const Context& context) {
  std::string_view body = context.request.body;
  if (body.empty()) return context.build.deny(DenyCode::kBodyRequired);
  if (body.back() != '\n') return context.build.deny(DenyCode::kMsearchPairs);
  Lines lines(context);
  LastHeader last;
  while (!lines.at_end()) {
    if (context.work.items.size() == context.limits().max_msearch_items) {
      return context.build.deny(DenyCode::kMsearchTooMany);
    }
    Line header = lines.take();
    if (lines.at_end()) return context.build.deny(DenyCode::kMsearchPairs);
    Line search = lines.take();
    if (header.bytes().empty() || search.bytes().empty()) {
      return context.build.deny(DenyCode::kMsearchPairs);
    }
    add_item(context, lines, header, search, last);
  }
  ResponsePlan plan;
  plan.kind = PlanKind::kMultiSearch;
  plan.items = context.arena().copy_span(std::span<const PlanItem>(context.work.items));
  if (context.work.pieces.empty()) {
    std::string body;
    response::append_denied_multi_search(plan.items, body);
    return context.build.reply(200, context.arena().copy(body));
  }
  TargetText target({"/_msearch"}, context.arena());
  target.param("pre_filter_shard_size", "2147483647", context.arena());
  add_forwarded(context, target);
  return context.build.forward(Method::kPost, target.take(), kNdjson,
                               context.work.pieces, plan);
}

}  // namespace weir
