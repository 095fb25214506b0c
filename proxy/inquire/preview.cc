#include "inquire/preview.h"

#include <algorithm>
#include <utility>

#include "inquire/json.h"
#include "learn/judgement.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kMaxListBytes = 2048;  // request lines are bounded
constexpr unsigned kMaxIndices = 100;        // listed by name; the rest is in the total

/// One search of everything visible; nothing in it comes from a token's holder.
class Searches {
 public:
  Searches(Asker& asker, const Scene& scene) : asker_(asker), scene_(scene) {}

  /// Problems as in make_preview().
  std::vector<Problem> run(const std::vector<Filter>& filters, const std::string& body,
                           rapidjson::Document& answer, const std::string& target = "/_search") {
    auto from = viewpoint(scene_.account, filters, scene_.filters_operator);
    if (!from) return from.problems();
    const Asker::Question question{Method::kPost, target, "application/json", body};
    const Asker::Answer got =
        asker_.ask(*from.value().policy, from.value().credential, question, scene_.now_seconds);
    if (!got.good()) {
      const DenyInfo& info = deny_info(got.problem);
      return {{std::string(info.code), std::string(info.reason)}};
    }
    if (answer.Parse(got.body.data(), got.body.size()).HasParseError()) {
      const DenyInfo& info = deny_info(DenyCode::kUpstreamProtocol);
      return {{std::string(info.code), std::string(info.reason)}};
    }
    return {};
  }

 private:
  Asker& asker_;
  const Scene& scene_;
};

/// Counts, and tells whether some of the documents hold several values in the field.
std::string count_body(const std::string& field) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_member(out, "size", 0U);
  put_key(out, "track_total_hits");
  out.Bool(true);
  if (!field.empty()) {
    for (const char* name : {"aggs", "values", "value_count"}) {
      put_key(out, name);
      out.StartObject();
    }
    put_member(out, "field", field);
    for (int i = 0; i < 3; ++i) out.EndObject();
  }
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

std::string main_body(const PreviewRequest& request) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_member(out, "size", request.samples);
  put_key(out, "track_total_hits");
  out.Bool(true);
  put_key(out, "sort");
  out.StartArray();
  out.StartObject();
  put_key(out, request.time_field);
  out.StartObject();
  put_member(out, "order", "desc");
  put_member(out, "unmapped_type", "date");
  out.EndObject();
  out.EndObject();
  out.EndArray();
  put_key(out, "aggs");
  out.StartObject();
  put_key(out, "indices");
  out.StartObject();
  put_key(out, "terms");
  out.StartObject();
  put_member(out, "field", "_index");
  put_member(out, "size", kMaxIndices);
  out.EndObject();
  out.EndObject();
  put_key(out, "time");
  out.StartObject();
  put_key(out, "auto_date_histogram");
  out.StartObject();
  put_member(out, "field", request.time_field);
  put_member(out, "buckets", request.intervals);
  out.EndObject();
  out.EndObject();
  out.EndObject();
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

void read_main(const rapidjson::Document& answer, Preview& preview) {
  preview.documents = count_at(answer, {"hits", "total", "value"});
  if (const auto* buckets = find_value(answer, {"aggregations", "indices", "buckets"})) {
    for (const auto& bucket : buckets->GetArray()) {
      preview.indices.push_back({text_at(bucket, {"key"}), count_at(bucket, {"doc_count"})});
    }
  }
  preview.interval = text_at(answer, {"aggregations", "time", "interval"});
  if (const auto* buckets = find_value(answer, {"aggregations", "time", "buckets"})) {
    for (const auto& bucket : buckets->GetArray()) {
      preview.histogram.push_back(
          {text_at(bucket, {"key_as_string"}), count_at(bucket, {"doc_count"})});
    }
  }
  if (const auto* hits = find_value(answer, {"hits", "hits"})) {
    for (const auto& hit : hits->GetArray()) {
      rapidjson::StringBuffer buffer;
      JsonWriter out(buffer);
      out.StartObject();
      for (std::string_view name : {"_index", "_id", "_source"}) {
        if (const auto* value = find_value(hit, {name})) {
          put_key(out, name);
          value->Accept(out);
        }
      }
      out.EndObject();
      preview.newest.emplace_back(buffer.GetString(), buffer.GetSize());
    }
  }
}

/// What the mappings of the scope say of one filter. Returns the indices in which it is exact, as a
/// list for a path; empty if there are too many for one.
std::string judge_part(const Scene& scene, Preview::FilterPart& part) {
  std::string exact_list;
  if (scene.learned == nullptr) return exact_list;
  const auto& fields = scene.learned->fields;
  const auto at = static_cast<std::size_t>(
      std::lower_bound(fields.begin(), fields.end(), part.filter.field) - fields.begin());
  const Catalog catalog = catalog_of(*scene.learned);
  for (const std::size_t index : indices_in_scope(scene.account, catalog)) {
    const bool exact = at < fields.size() && fields[at] == part.filter.field &&
                       fits(catalog.indices[index].kinds[at], part.filter.value);
    ++(exact ? part.exact_in : part.not_exact_in);
    if (exact) exact_list += (exact_list.empty() ? "" : ",") + catalog.indices[index].name;
  }
  const Judgement judgement = judge_filter(*scene.learned, scene.account, part.filter);
  part.verdict = judgement.refusal.empty() ? judgement.warning : judgement.refusal;
  return exact_list.size() <= kMaxListBytes ? exact_list : std::string();
}

/// The filter alone: what it shows, and whether its field has several values there. The values are
/// counted where the filter is exact only, because in a `text` field OpenSearch cannot count them.
std::vector<Problem> look_at(Searches& searches, const Scene& scene, Preview::FilterPart& part) {
  rapidjson::Document answer;
  auto problems = searches.run({part.filter}, count_body({}), answer);
  if (!problems.empty()) return problems;
  part.documents = count_at(answer, {"hits", "total", "value"});
  const std::string exact = judge_part(scene, part);
  if (exact.empty() || part.documents == 0) return {};
  problems =
      searches.run({part.filter}, count_body(part.filter.field), answer, "/" + exact + "/_search");
  if (!problems.empty()) return problems;
  part.multi_valued = count_at(answer, {"aggregations", "values", "value"}) >
                      count_at(answer, {"hits", "total", "value"});
  return {};
}

void warn(Preview& preview, const Scene& scene) {
  auto add = [&](std::string code, std::string text) {
    preview.warnings.emplace_back(std::move(code), std::move(text));
  };
  if (preview.documents_in_scope == 0) {
    add("SCOPE_EMPTY", "the account's indices hold no documents at all");
  } else if (preview.documents == 0) {
    add("MATCHES_NOTHING", "no document is visible under these filters");
  } else if (scene.filters.empty()) {
    add("NO_FILTER", "without a filter every document of the account is visible");
  } else if (preview.documents == preview.documents_in_scope) {
    add("MATCHES_EVERYTHING", "every document of the account is visible under these filters");
  }
  for (const Preview::FilterPart& part : preview.filters) {
    const std::string name = "`" + part.filter.field + "` = `" + part.filter.value + "`";
    if (part.multi_valued) {
      add("MULTI_VALUED",
          "some documents hold several values in `" + part.filter.field +
              "`; each of them is visible to everybody who is given one of its values");
    }
    if (!part.verdict.empty()) add("INDEX_EXCLUDED", name + ": " + part.verdict);
    if (part.documents == 0 && preview.documents_in_scope > 0 && preview.filters.size() > 1) {
      add("FILTER_MATCHES_NOTHING", name + " alone matches no document");
    }
  }
}

}  // namespace

std::vector<Filter> Scene::plain_filters() const {
  std::vector<Filter> plain;
  for (const AskedFilter& asked : filters) plain.push_back(asked.filter);
  return plain;
}

Result<Preview> make_preview(Asker& asker, const Scene& scene, const PreviewRequest& request) {
  Searches searches(asker, scene);
  Preview preview;
  rapidjson::Document answer;
  auto problems = searches.run(scene.plain_filters(), main_body(request), answer);
  if (!problems.empty()) return problems;
  read_main(answer, preview);
  rapidjson::Document all;
  problems = searches.run({}, count_body({}), all);
  if (!problems.empty()) return problems;
  preview.documents_in_scope = count_at(all, {"hits", "total", "value"});
  for (const AskedFilter& asked : scene.filters) {
    Preview::FilterPart part;
    part.id = asked.id;
    part.filter = asked.filter;
    problems = look_at(searches, scene, part);
    if (!problems.empty()) return problems;
    preview.filters.push_back(std::move(part));
  }
  warn(preview, scene);
  return preview;
}

namespace {

void put_filter_part(JsonWriter& out, const Preview::FilterPart& part) {
  out.StartObject();
  if (part.id != 0) put_member(out, "id", static_cast<std::uint64_t>(part.id));
  put_member(out, "field", part.filter.field);
  put_member(out, "value", part.filter.value);
  put_member(out, "documents", part.documents);
  put_key(out, "multiValued");
  out.Bool(part.multi_valued);
  put_member(out, "exactIndices", part.exact_in);
  put_member(out, "excludedIndices", part.not_exact_in);
  if (!part.verdict.empty()) put_member(out, "verdict", part.verdict);
  out.EndObject();
}

template <typename Items, typename Put>
void put_list(JsonWriter& out, std::string_view name, const Items& items, Put put) {
  put_key(out, name);
  out.StartArray();
  for (const auto& item : items) put(item);
  out.EndArray();
}

}  // namespace

std::string preview_json(const Preview& preview, const PreviewRequest& request) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_member(out, "documents", preview.documents);
  put_member(out, "documentsInScope", preview.documents_in_scope);
  put_list(out, "indices", preview.indices, [&](const Preview::IndexCount& item) {
    out.StartObject();
    put_member(out, "index", item.index);
    put_member(out, "documents", item.documents);
    out.EndObject();
  });
  put_list(out, "filters", preview.filters,
           [&](const Preview::FilterPart& part) { put_filter_part(out, part); });
  put_member(out, "timeField", request.time_field);
  put_member(out, "interval", preview.interval);
  put_list(out, "histogram", preview.histogram, [&](const Preview::Interval& item) {
    out.StartObject();
    put_member(out, "from", item.from);
    put_member(out, "documents", item.documents);
    out.EndObject();
  });
  put_list(out, "newest", preview.newest, [&](const std::string& hit) {
    out.RawValue(hit.data(), hit.size(), rapidjson::kObjectType);
  });
  put_list(out, "warnings", preview.warnings, [&](const Preview::Warning& warning) {
    out.StartObject();
    put_member(out, "code", warning.first);
    put_member(out, "message", warning.second);
    out.EndObject();
  });
  out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace weir::proxy
