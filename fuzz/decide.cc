// Any request, and what may go upstream for it. The oracle knows the promise, not the rewriters: it
// parses what is sent with RapidJSON and looks for the token's filter at the one place where it
// decides which documents are seen, for index names outside the scope, and for constructs that no
// filter around a query holds in.
//
// An input is written as the golden requests are: `METHOD target`, header lines (`content-type: …`,
// `token: …`), an empty line, the body; `=== ` at the beginning of a line ends it.
#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "fuzz.h"
#include "http/percent.h"
#include "policy/scope.h"
#include "support/policy.h"
#include "weir/engine.h"

namespace {

using rapidjson::Document;
using rapidjson::Value;
using weir::fuzz::find;
using weir::fuzz::has_duplicate_keys;
using weir::fuzz::parse_json;
using weir::fuzz::require;
using weir::fuzz::text_of;

struct Input {
  weir::Method method = weir::Method::kGet;
  std::string_view target;
  std::string_view content_type;
  std::string_view token = "payments";
  std::string_view body;
  std::string_view looked_up;
  std::string_view rendered;
  std::string_view field_caps;
  std::string_view fields_seen;
};

Input read_input(std::string_view text) {
  Input input;
  if (std::size_t end = text.find("\n=== "); end != std::string_view::npos)
    text = text.substr(0, end);
  std::string_view line = weir::fuzz::take_until(text, '\n');
  std::string_view method = weir::fuzz::take_until(line, ' ');
  for (int i = 0; i < 7; ++i) {
    if (method == weir::method_name(static_cast<weir::Method>(i)))
      input.method = static_cast<weir::Method>(i);
  }
  input.target = line;
  while (!text.empty()) {
    line = weir::fuzz::take_until(text, '\n');
    if (line.empty()) break;
    if (line.starts_with("content-type: ")) input.content_type = line.substr(14);
    if (line.starts_with("looked-up: ")) input.looked_up = line.substr(11);
    if (line.starts_with("rendered: ")) input.rendered = line.substr(10);
    if (line.starts_with("field-caps: ")) input.field_caps = line.substr(12);
    if (line.starts_with("fields-seen: ")) input.fields_seen = line.substr(13);
    // Test digests are padded with NUL, so that one at the end of a name makes no other token.
    if (line.starts_with("token: ")) input.token = line.substr(7, line.find('\0') - 7);
  }
  input.body = text;
  return input;
}

// What the filters of support/policy.h mean, written by hand. Empty: the token has none.
std::string_view expected_filter(std::string_view token) {
  if (token == "payments") return R"({"bool":{"filter":[{"term":{"team":{"value":"payments"}}}]}})";
  if (token == "either") {
    return R"({"bool":{"should":[{"term":{"team":{"value":"a"}}},{"term":{"team":{"value":"b"}}}],"minimum_should_match":1}})";
  }
  return {};
}

class Oracle {
 public:
  Oracle(const Input& input, const weir::Verdict& verdict) : input_(input), verdict_(verdict) {}

  void check() {
    switch (verdict_.outcome()) {
      case weir::Outcome::kDeny:
        check_deny();
        break;
      case weir::Outcome::kReply:
        check_reply();
        break;
      case weir::Outcome::kForward:
        check_forward();
        break;
    }
  }

 private:
  static bool is_json(std::string_view text) {
    Document document;
    return parse_json(text, document) && !has_duplicate_keys(document);
  }

  void check_deny() {
    require(verdict_.deny_code() != weir::DenyCode::kUndecided, "every refusal has its reason");
    require(verdict_.status() == weir::deny_info(verdict_.deny_code()).status,
            "the status of its code");
    require(verdict_.body().empty() && verdict_.target().empty(), "a refusal sends nothing");
    std::string body;
    weir::append_error_body(verdict_.deny_code(), verdict_.deny_path(), verdict_.deny_detail(),
                            body);
    require(is_json(body), "an error is JSON");
  }

  void check_reply() {
    require(verdict_.status() == 200 && is_json(verdict_.reply_body()), "a reply is JSON");
    require(verdict_.body().empty() && verdict_.target().empty(), "a reply sends nothing");
  }

  void check_forward() {
    require(input_.token == "payments" || input_.token == "either" || input_.token == "open",
            "the token is live");
    for (std::string_view piece : verdict_.body()) sent_ += piece;
    require(sent_.size() == verdict_.body_bytes(), "the pieces add up");
    require(sent_.empty() == verdict_.content_type().empty(), "a media type exactly with a body");
    read_target();
    bool post = verdict_.method() == weir::Method::kPost;
    bool drop = verdict_.method() == weir::Method::kDelete;
    if (post && ends_with({"*", "_search"}))
      return check_index(segments_[0]), check_search_target(), check_search(sent_, false);
    if (post && ends_with({"_search"})) return check_search_target(), check_search(sent_, true);
    if (post && ends_with({"_msearch"})) return check_multi_search();
    if (post && ends_with({"*", "_field_caps"}))
      return check_index(segments_[0]), check_field_caps();
    if (post && ends_with({"*", "_search", "point_in_time"}))
      return check_index(segments_[0]), require(sent_.empty(), "no body");
    if ((post || drop) && ends_with({"_search", "scroll"}))
      return check_cursors({"scroll_id", "scroll"});
    if (drop && ends_with({"_search", "point_in_time"})) return check_cursors({"pit_id"});
    if (post && ends_with({"_render", "template"}))
      return require(is_json(sent_), "what is rendered is JSON");
    if (verdict_.method() == weir::Method::kGet && ends_with({"_scripts", "*"}))
      return require(sent_.empty(), "no body");
    require(false, "only these endpoints are asked");
  }

  // --- the target

  void read_target() {
    std::string_view target = verdict_.target();
    require(target.starts_with('/'), "the target is in origin form");
    for (char c : target) require(c > 0x20 && c < 0x7F && c != '#', "the target is visible ASCII");
    std::string_view query = target;
    std::string_view path = weir::fuzz::take_until(query, '?').substr(1);
    while (!path.empty()) segments_.push_back(decode(weir::fuzz::take_until(path, '/')));
    while (!query.empty()) {
      std::string_view value = weir::fuzz::take_until(query, '&');
      std::string name = decode(weir::fuzz::take_until(value, '='));
      require(!param(name), "a parameter is sent once");
      params_.push_back({name, decode(value)});
    }
    for (std::string_view bad : {"q", "df", "source", "source_content_type", "explain",
                                 "suggest_field", "suggest_text", "index", "seq_no_primary_term",
                                 "min_score", "stored_fields", "docvalue_fields", "search_type"}) {
      require(!param(bad), "these parameters are never sent");
    }
  }

  std::string decode(std::string_view text) {
    std::string_view out;
    require(weir::percent_decode(text, true, arena_, out), "the target is well encoded");
    return std::string(out);
  }

  const std::string* param(std::string_view name) const {
    for (const auto& [key, value] : params_) {
      if (key == name) return &value;
    }
    return nullptr;
  }

  bool is(std::string_view name, std::string_view value) const {
    const std::string* found = param(name);
    return found != nullptr && *found == value;
  }

  // `*` stands for any segment.
  bool ends_with(std::initializer_list<std::string_view> path) const {
    return std::equal(path.begin(), path.end(), segments_.begin(), segments_.end(),
                      [](std::string_view wanted, const std::string& segment) {
                        return wanted == "*" || wanted == segment;
                      });
  }

  // Exclusions (`-name`) only take away, but need something before them to take it from.
  static void check_index(std::string_view expression) {
    require(expression.starts_with("logs-"), "an index in scope is named");
    while (!expression.empty()) {
      std::string_view item = weir::fuzz::take_until(expression, ',');
      if (item.starts_with('-')) item.remove_prefix(1);
      require(item.find_first_of(":<>/\\ \"") == std::string_view::npos, "an index name is a name");
      require(item.starts_with("logs-"), "the index is in scope");
    }
  }

  void check_search_target() {
    require(is("search_pipeline", "_none"), "no pipeline");
    require(is("allow_partial_search_results", "false"), "no partial answers");
    require(is("pre_filter_shard_size", "2147483647"), "no pruning by bounds");
  }

  // --- bodies

  void check_search(std::string_view text, bool in_pit) {
    Document body;
    require(parse_json(text, body) && body.IsObject() && !has_duplicate_keys(body),
            "what is sent is JSON");
    require((find(body, "pit") != nullptr) == in_pit, "no index exactly with a point in time");
    for (std::string_view bad : {"derived", "suggest", "rescore", "min_score", "ext",
                                 "runtime_mappings", "script_fields", "indices_boost"}) {
      require(find(body, bad) == nullptr, "these keys are never sent");
    }
    const Value* collapse = find(body, "collapse");
    require(collapse == nullptr || find(*collapse, "inner_hits") == nullptr, "no further searches");
    const Value* groups = find(body, "stats");
    require(groups == nullptr || *groups == parsed("[]"), "no group of statistics is counted");
    for (std::string_view flag : {"explain", "profile", "seq_no_primary_term"}) {
      const Value* value = find(body, flag);
      require(value == nullptr || value->IsFalse(), "these are never on");
    }
    require(find(body, "slice") == nullptr || in_pit || param("scroll"), "slices are of cursors");
    check_query(find(body, "query"));
    for (std::string_view key : {"aggs", "aggregations"}) {
      if (const Value* aggs = find(body, key)) check_aggs(*aggs);
    }
    check_anywhere(body);
  }

  // {"constant_score":{"filter":{"bool":{"filter":[the token's, the scope's, the client's]}}}}
  void check_query(const Value* query) {
    require(query != nullptr, "a search has a query");
    if (verdict_.plan().kind == weir::PlanKind::kExists) {
      require(only(*query, "match_none") != nullptr, "existence matches nothing");
      return;
    }
    const Value* filters = query;
    for (std::string_view key : {"constant_score", "filter", "bool", "filter"}) {
      filters = only(*filters, key);
      require(filters != nullptr, "the filter stands around the query, alone");
    }
    require(filters->IsArray(), "the filters are a list");
    std::string_view own = expected_filter(input_.token);
    rapidjson::SizeType scope_at = own.empty() ? 0 : 1;
    require(filters->Size() > scope_at && filters->Size() <= scope_at + 2,
            "the filters are the token's, the scope's, the client's");
    require(own.empty() || (*filters)[0] == parsed(own), "the token's filter is enforced");
    require((*filters)[scope_at] == parsed(scope_clause()), "the scope is enforced");
  }

  static std::string_view scope_clause() {
    static const std::vector<std::string> kPatterns = {"logs-*"};
    static const weir::Scope kScope = weir::compile_scope(kPatterns, "").value();
    return kScope.clause();
  }

  Document parsed(std::string_view json) {
    Document document;
    require(parse_json(json, document), "the oracle's own JSON");
    return document;
  }

  // The value of the only member, if it has this name.
  static const Value* only(const Value& object, std::string_view key) {
    return object.IsObject() && object.MemberCount() == 1 ? find(object, key) : nullptr;
  }

  void check_aggs(const Value& aggs) {
    require(aggs.IsObject(), "aggregations are an object");
    for (const auto& agg : aggs.GetObject()) {
      require(agg.value.IsObject(), "an aggregation is an object");
      check_turned(agg.value);
      for (const auto& member : agg.value.GetObject())
        check_agg_member(text_of(member.name), member.value);
    }
  }

  // {"bool":{"filter":[the token's, the scope's]}}
  bool is_visible(const Value* query) {
    std::string_view own = expected_filter(input_.token);
    std::string text = R"({"bool":{"filter":[)" + std::string(own) + (own.empty() ? "" : ",");
    return query != nullptr && *query == parsed(text + std::string(scope_clause()) + "]}}");
  }

  // What collects documents outside of the query has a filter for visible ones below it, alone.
  void check_turned(const Value& agg) {
    for (std::string_view wide : {"global", "children", "parent"}) {
      if (find(agg, wide) == nullptr) continue;
      const Value* below = find(agg, "aggs");
      if (below == nullptr) below = find(agg, "aggregations");
      const Value* filter = below == nullptr ? nullptr : only(*below, "weir.visible");
      require(filter != nullptr && is_visible(find(*filter, "filter")), "only what is visible");
      require(verdict_.plan().turned_aggs || !verdict_.plan().items.empty(), "turned back");
    }
  }

  // The filter alone, or the first of a list.
  void check_background(const Value& significant) {
    const Value* background = find(significant, "background_filter");
    require(background != nullptr, "a background of its own");
    if (is_visible(background)) return;
    for (std::string_view key : {"bool", "filter"}) {
      background = only(*background, key);
      require(background != nullptr, "a background that is filtered");
    }
    require(background->IsArray() && background->Size() == 2 && is_visible(&(*background)[0]),
            "the background is filtered");
  }

  void check_agg_member(std::string_view key, const Value& value) {
    if (key == "aggs" || key == "aggregations") return check_aggs(value);
    for (std::string_view bad :
         {"scripted_metric", "sampler", "diversified_sampler", "variable_width_histogram"}) {
      require(key != bad, "these aggregations are never sent");
    }
    if (key == "significant_terms" || key == "significant_text") check_background(value);
    const Value* least = find(value, "min_doc_count");
    bool fills_gaps = key == "histogram" || key == "date_histogram";
    require(least == nullptr || fills_gaps || !least->IsUint64() || least->GetUint64() > 0,
            "no buckets of hidden terms");
  }

  // Values read from other documents (`terms` and shapes by id) have an object with `index` and
  // `id` or `path`, wherever they stand.
  static void check_anywhere(const Value& value) {
    if (value.IsArray()) {
      for (const auto& element : value.GetArray()) check_anywhere(element);
    }
    if (!value.IsObject()) return;
    require(find(value, "index") == nullptr ||
                (find(value, "id") == nullptr && find(value, "path") == nullptr),
            "nothing is looked up in another document");
    for (const auto& member : value.GetObject()) {
      require(text_of(member.name) != "indexed_shape", "shapes are inline");
      check_anywhere(member.value);
    }
  }

  void check_multi_search() {
    require(is("pre_filter_shard_size", "2147483647"), "no pruning by bounds");
    auto items = verdict_.plan().items;
    auto asked = std::count_if(items.begin(), items.end(),
                               [](const weir::PlanItem& item) { return !item.denied; });
    require(sent_.ends_with('\n'), "the last line ends");
    std::string_view rest = sent_;
    std::ptrdiff_t pairs = 0;
    for (; !rest.empty(); ++pairs) {
      check_header(weir::fuzz::take_until(rest, '\n'));
      std::string_view line = weir::fuzz::take_until(rest, '\n');
      check_search(line, false);
      require(is_pipeline_off(line), "no pipeline");
    }
    bool lookup = verdict_.plan().kind == weir::PlanKind::kLookup;
    require(lookup ? pairs > 0 && pairs <= 64 : pairs == asked,
            "one pair of lines for each search asked");
  }

  static bool is_pipeline_off(std::string_view line) {
    Document body;
    parse_json(line, body);
    const Value* pipeline = find(body, "search_pipeline");
    return pipeline != nullptr && pipeline->IsString() && text_of(*pipeline) == "_none";
  }

  static void check_header(std::string_view line) {
    Document header;
    require(parse_json(line, header) && header.IsObject() && !has_duplicate_keys(header),
            "a header is JSON");
    const Value* index = find(header, "index");
    require(index != nullptr && index->IsString(), "a header names its index");
    check_index(text_of(*index));
    const Value* partial = find(header, "allow_partial_search_results");
    require(partial != nullptr && partial->IsFalse(), "no partial answers");
  }

  void check_field_caps() {
    Document body;
    require(parse_json(sent_, body), "what is sent is JSON");
    const Value* filter = only(body, "index_filter");
    require(filter != nullptr && *filter == parsed(scope_clause()), "the scope is enforced");
  }

  void check_cursors(std::initializer_list<std::string_view> keys) {
    Document body;
    require(parse_json(sent_, body) && body.IsObject() && !has_duplicate_keys(body),
            "what is sent is JSON");
    for (const auto& member : body.GetObject()) {
      require(std::find(keys.begin(), keys.end(), text_of(member.name)) != keys.end(),
              "only these keys");
    }
    require(find(body, *keys.begin()) != nullptr, "the cursor is named");
  }

  const Input& input_;
  const weir::Verdict& verdict_;
  std::string sent_;
  weir::Arena arena_;
  std::vector<std::string> segments_;
  std::vector<std::pair<std::string, std::string>> params_;
};

std::string describe(const weir::Verdict& verdict) {
  std::string out = std::to_string(static_cast<int>(verdict.outcome())) + ' ' +
                    std::to_string(verdict.status()) + ' ' +
                    std::to_string(static_cast<int>(verdict.deny_code()));
  for (std::string_view part : {verdict.route(), verdict.target(), verdict.deny_path(),
                                verdict.deny_detail(), verdict.reply_body()}) {
    out += '\n';
    out += part;
  }
  for (std::string_view piece : verdict.body()) out += piece;
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto kSnapshot = weir::support::sample_snapshot();
  static const weir::support::PlainSealer kSealer;
  static weir::Workspace workspace;
  Input input = read_input(weir::fuzz::as_text(data, size));
  weir::TokenDigest digest = weir::support::digest_of(input.token);
  weir::RequestView request;
  request.method = input.method;
  request.target = input.target;
  request.content_type = input.content_type;
  request.looked_up = input.looked_up;
  request.rendered = input.rendered;
  request.field_caps = input.field_caps;
  request.fields_seen = input.fields_seen;
  request.body = input.body;
  request.credential = input.token == "none" ? nullptr : &digest;
  request.now_seconds = weir::support::kNow;
  request.sealer = &kSealer;

  weir::Verdict verdict = weir::decide(*kSnapshot, request, workspace);
  Oracle(input, verdict).check();
  std::string first = describe(verdict);
  require(describe(weir::decide(*kSnapshot, request, workspace)) == first,
          "the same request, the same verdict");
  return 0;
}
