#include "inquire/fields.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "inquire/json.h"

namespace weir::proxy {
namespace {

using Problems = std::vector<Problem>;

constexpr std::size_t kMaxListBytes = 2048;  // request lines are bounded

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool holds(const std::string& text, const std::string& lower_part) {
  return lower(text).find(lower_part) != std::string::npos;
}

/// As somebody who sees the whole account would be answered.
Result<Asker::Answer> ask_unfiltered(Asker& asker, const Scene& scene,
                                     const Asker::Question& question) {
  Account account = scene.account;
  account.fields = Fields::kMapping;
  auto from = viewpoint(account, {}, FiltersOperator::kAnd);
  if (!from) return from.problems();
  return asker.ask(*from.value().policy, from.value().credential, question, scene.now_seconds);
}

Problems problems_of(DenyCode code) {
  const DenyInfo& info = deny_info(code);
  return {{std::string(info.code), std::string(info.reason)}};
}

struct ListedField {
  std::string name;
  std::vector<std::string> types;
};

/// Those that hold values. An object, and what the cluster keeps for itself, is none.
std::vector<ListedField> listed_fields(const rapidjson::Document& caps, const std::string& part) {
  std::vector<ListedField> out;
  const auto* fields = find_value(caps, {"fields"});
  if (fields == nullptr || !fields->IsObject()) return out;
  for (const auto& field : fields->GetObject()) {
    ListedField listed{{field.name.GetString(), field.name.GetStringLength()}, {}};
    for (const auto& type : field.value.GetObject()) {
      const std::string name(type.name.GetString(), type.name.GetStringLength());
      if (name != "object" && name != "nested" && name != "unmapped" && !name.starts_with('_'))
        listed.types.push_back(name);
    }
    if (!listed.types.empty() && !listed.name.starts_with('_') && holds(listed.name, part))
      out.push_back(std::move(listed));
  }
  std::sort(out.begin(), out.end(), [&](const ListedField& a, const ListedField& b) {
    return std::tuple(!lower(a.name).starts_with(part), a.name) <
           std::tuple(!lower(b.name).starts_with(part), b.name);
  });
  return out;
}

struct FieldWorth {
  std::size_t exact_in = 0;
  std::size_t not_exact_in = 0;
  std::string why;
  std::string suggestion;
};

FieldWorth worth_of(const Learned& learned, const Account& account, const std::string& field) {
  FieldWorth worth;
  const auto at = std::lower_bound(learned.fields.begin(), learned.fields.end(), field);
  if (at == learned.fields.end() || *at != field) return worth;
  const auto column = static_cast<std::size_t>(at - learned.fields.begin());
  for (const std::size_t index : indices_in_scope(account, catalog_of(learned))) {
    const FieldVerdict& verdict = learned.indices[index].fields.at(column);
    if (!verdict.mapped) continue;
    ++(verdict.kind == FieldKind::kNone ? worth.not_exact_in : worth.exact_in);
    if (verdict.kind != FieldKind::kNone || !worth.suggestion.empty()) continue;
    // Of several reasons the one that comes with a way out.
    if (worth.why.empty() || !verdict.suggestion.empty()) worth.why = verdict.why;
    worth.suggestion = verdict.suggestion;
  }
  return worth;
}

void put_field(JsonWriter& out, const ListedField& field, const FieldWorth& worth) {
  out.StartObject();
  put_member(out, "name", field.name);
  put_key(out, "types");
  out.StartArray();
  for (const std::string& type : field.types) put_text(out, type);
  out.EndArray();
  put_member(out, "exactIndices", std::uint64_t{worth.exact_in});
  put_member(out, "otherIndices", std::uint64_t{worth.not_exact_in});
  if (!worth.why.empty()) put_member(out, "why", worth.why);
  if (!worth.suggestion.empty()) put_member(out, "useInstead", worth.suggestion);
  out.EndObject();
}

std::string values_body(const ValuesRequest& request, bool narrowed) {
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_member(out, "size", std::uint64_t{0});
  if (narrowed) {
    std::string pattern = "*";
    for (const char c : request.search)
      pattern += (c == '*' || c == '?' || c == '\\' ? "\\" : "") + std::string(1, c);
    for (const std::string_view name : {std::string_view("query"), std::string_view("wildcard"),
                                        std::string_view(request.field)}) {
      put_key(out, name);
      out.StartObject();
    }
    put_member(out, "value", pattern + "*");
    put_key(out, "case_insensitive");
    out.Bool(true);
    for (int i = 0; i < 3; ++i) out.EndObject();
  }
  for (const char* name : {"aggs", "values", "terms"}) {
    put_key(out, name);
    out.StartObject();
  }
  put_member(out, "field", request.field);
  // What a search narrows is found among more, because a document may have other values beside.
  put_member(out, "size",
             std::uint64_t{request.search.empty() ? request.limit : request.limit * 10});
  for (int i = 0; i < 4; ++i) out.EndObject();
  return {buffer.GetString(), buffer.GetSize()};
}

/// `/{indices}/_search` for those in which the field has exact values; empty if there are none.
std::string values_target(const Scene& scene, const std::string& field) {
  if (scene.learned == nullptr) return "/_search";
  const auto& fields = scene.learned->fields;
  const auto at = std::lower_bound(fields.begin(), fields.end(), field);
  if (at == fields.end() || *at != field) return {};
  const auto column = static_cast<std::size_t>(at - fields.begin());
  std::string list;
  for (const std::size_t index : indices_in_scope(scene.account, catalog_of(*scene.learned))) {
    const LearnedIndex& learned = scene.learned->indices[index];
    if (learned.fields.at(column).kind != FieldKind::kNone)
      list += (list.empty() ? "" : ",") + learned.name;
    if (list.size() > kMaxListBytes) return "/_search";
  }
  return list.empty() ? std::string() : "/" + list + "/_search";
}

std::string value_of(const rapidjson::Value& bucket) {
  const std::string text = text_at(bucket, {"key_as_string"});
  if (!text.empty()) return text;
  const auto* key = find_value(bucket, {"key"});
  if (key == nullptr) return {};
  return key->IsString() ? text_at(bucket, {"key"}) : text_of_value(*key);
}

}  // namespace

Result<std::string> fields_json(Asker& asker, const Scene& scene, Knowledge* knowledge,
                                const FieldsRequest& request) {
  const auto answer = ask_unfiltered(asker, scene, {Method::kGet, "/_field_caps?fields=*"});
  if (!answer) return answer.problems();
  if (!answer.value().good()) return problems_of(answer.value().problem);
  rapidjson::Document caps;
  if (caps.Parse(answer.value().body.data(), answer.value().body.size()).HasParseError())
    return problems_of(DenyCode::kUpstreamProtocol);
  std::vector<ListedField> fields = listed_fields(caps, lower(request.search));
  const bool more = fields.size() > request.limit;
  if (more) fields.resize(request.limit);
  std::shared_ptr<const Learned> learned;
  if (knowledge != nullptr) {
    std::set<std::string> names;
    for (const ListedField& field : fields) names.insert(field.name);
    learned = knowledge->learn(scene.account, names);
    if (learned == nullptr) return problems_of(DenyCode::kMappingsUnknown);
  }
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_key(out, "fields");
  out.StartArray();
  for (const ListedField& field : fields)
    put_field(out, field, learned ? worth_of(*learned, scene.account, field.name) : FieldWorth{1});
  out.EndArray();
  put_key(out, "more");
  out.Bool(more);
  out.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

Result<std::string> values_json(Asker& asker, const Scene& scene, const ValuesRequest& request) {
  rapidjson::Document found;
  found.SetObject();
  if (const std::string target = values_target(scene, request.field); !target.empty()) {
    auto search = [&](bool narrowed) {
      return ask_unfiltered(
          asker, scene,
          {Method::kPost, target, "application/json", values_body(request, narrowed)});
    };
    auto answer = search(!request.search.empty());
    // Only keywords know wildcards; of other kinds the most frequent values are looked through.
    if (answer && !answer.value().good() && !request.search.empty()) answer = search(false);
    if (!answer) return answer.problems();
    if (!answer.value().good()) return problems_of(answer.value().problem);
    if (found.Parse(answer.value().body.data(), answer.value().body.size()).HasParseError())
      return problems_of(DenyCode::kUpstreamProtocol);
  }
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_member(out, "field", request.field);
  put_key(out, "values");
  out.StartArray();
  bool more = count_at(found, {"aggregations", "values", "sum_other_doc_count"}) > 0;
  std::uint32_t listed = 0;
  if (const auto* buckets = find_value(found, {"aggregations", "values", "buckets"})) {
    for (const auto& bucket : buckets->GetArray()) {
      const std::string value = value_of(bucket);
      if (!holds(value, lower(request.search))) continue;
      if (++listed > request.limit) {
        more = true;
        break;
      }
      out.StartObject();
      put_member(out, "value", value);
      put_member(out, "documents", count_at(bucket, {"doc_count"}));
      out.EndObject();
    }
  }
  out.EndArray();
  put_key(out, "more");
  out.Bool(more);
  out.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace weir::proxy
