#include "learn/cluster.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <utility>

namespace weir::proxy {
namespace {

constexpr Millis kPatience{5000};
// Ten thousand indices with a dozen filter fields are some megabytes.
constexpr std::size_t kMaxBodyBytes = 64U << 20U;
// OpenSearch takes request lines of 4,096 bytes.
constexpr std::size_t kMaxExpressionBytes = 1200;
constexpr std::size_t kMaxPathsBytes = 2400;
constexpr std::string_view kIndexOptions = "expand_wildcards=open&ignore_unavailable=true";

std::string encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 c == '-' || c == '_' || c == '.' || c == '*' || c == ',';
    if (plain) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

// Cuts a list into parts of which each fits into a request line. `size` gives the bytes of an item.
template <typename Items, typename Size>
std::vector<std::vector<std::string>> parts_of(const Items& items, std::size_t most, Size size) {
  std::vector<std::vector<std::string>> parts;
  std::size_t used = most;
  for (const std::string& item : items) {
    std::size_t bytes = size(item) + 1;
    if (parts.empty() || used + bytes > most) {
      parts.emplace_back();
      used = 0;
    }
    used += bytes;
    parts.back().push_back(item);
  }
  return parts;
}

std::vector<std::string> expressions_of(const std::vector<std::string>& patterns) {
  std::vector<std::string> out;
  for (const auto& part : parts_of(patterns, kMaxExpressionBytes,
                                   [](const std::string& item) { return encoded(item).size(); })) {
    std::string& expression = out.emplace_back();
    for (const std::string& pattern : part) {
      expression += (expression.empty() ? "" : ",") + encoded(pattern);
    }
  }
  return out;
}

std::string_view text_of(const rapidjson::Value& value) {
  return {value.GetString(), value.GetStringLength()};
}

bool parse(const std::string& body, rapidjson::Document& document) {
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag;
  return !document.Parse<kFlags>(body.data(), body.size()).HasParseError() && document.IsObject();
}

LearnedIndex* find_index(Learned& learned, std::string_view name) {
  auto found = std::lower_bound(
      learned.indices.begin(), learned.indices.end(), name,
      [](const LearnedIndex& index, std::string_view wanted) { return index.name < wanted; });
  return found == learned.indices.end() || found->name != name ? nullptr : &*found;
}

}  // namespace

Catalog catalog_of(const Learned& learned) {
  Catalog catalog;
  catalog.fields = learned.fields;
  catalog.indices.reserve(learned.indices.size());
  for (const LearnedIndex& index : learned.indices) {
    CatalogIndex& row = catalog.indices.emplace_back();
    row.name = index.name;
    row.data_stream = index.data_stream;
    for (const FieldVerdict& verdict : index.fields) row.kinds.push_back(verdict.kind);
  }
  return catalog;
}

Cluster::Cluster(UpstreamSettings upstream) : client_(std::move(upstream), kPatience) {}

void Cluster::want(std::set<std::string> patterns, std::set<std::string> fields) {
  const std::lock_guard lock(mutex_);
  wanted_ = {std::move(patterns), std::move(fields)};
}

void Cluster::want_also(const std::vector<std::string>& patterns,
                        const std::set<std::string>& fields) {
  const std::lock_guard lock(mutex_);
  wanted_.patterns.insert(patterns.begin(), patterns.end());
  wanted_.fields.insert(fields.begin(), fields.end());
}

Cluster::Known Cluster::known() const {
  const std::lock_guard lock(mutex_);
  return known_;
}

Cluster::Round Cluster::ask() {
  const std::lock_guard round(asking_);
  Wanted wanted;
  {
    const std::lock_guard lock(mutex_);
    wanted = wanted_;
  }
  // INVARIANT: the name is read before what it stands for, so that a change in between makes
  // another round.
  std::optional<std::string> state = state_name();
  const std::shared_ptr<const Learned> before = known().learned;
  if (before != nullptr && state && state == state_ && wanted == asked_) return Round::kSame;
  const std::shared_ptr<const Learned> after = fetch(wanted);
  if (after == nullptr) return Round::kFailed;
  state_ = std::move(state);
  asked_ = std::move(wanted);
  if (before != nullptr && *before == *after) return Round::kSame;
  auto catalog = std::make_shared<const Catalog>(catalog_of(*after));
  const std::lock_guard lock(mutex_);
  known_ = {after, std::move(catalog)};
  return Round::kChanged;
}

std::optional<std::string> Cluster::get(const std::string& target) {
  auto answer = client_.get(target, kMaxBodyBytes);
  if (!answer || answer->status != 200) return std::nullopt;
  return std::move(answer->body);
}

std::optional<std::string> Cluster::state_name() {
  const auto body = get("/_cluster/state/version?filter_path=state_uuid");
  rapidjson::Document document;
  if (!body || !parse(*body, document)) return std::nullopt;
  const auto name = document.FindMember("state_uuid");
  if (name == document.MemberEnd() || !name->value.IsString()) return std::nullopt;
  return std::string(text_of(name->value));
}

std::shared_ptr<Learned> Cluster::fetch(const Wanted& wanted) {
  auto out = std::make_shared<Learned>();
  out->patterns.assign(wanted.patterns.begin(), wanted.patterns.end());
  out->fields.assign(wanted.fields.begin(), wanted.fields.end());
  const std::vector<std::string> expressions = expressions_of(out->patterns);
  for (const std::string& expression : expressions) {
    if (!fetch_names(expression, *out)) return nullptr;
  }
  auto by_name = [](const LearnedIndex& a, const LearnedIndex& b) { return a.name < b.name; };
  auto same_name = [](const LearnedIndex& a, const LearnedIndex& b) { return a.name == b.name; };
  std::sort(out->indices.begin(), out->indices.end(), by_name);
  out->indices.erase(std::unique(out->indices.begin(), out->indices.end(), same_name),
                     out->indices.end());
  if (!fetch_data_streams(*out)) return nullptr;
  for (const std::string& expression : expressions) {
    if (!fetch_mappings(expression, *out)) return nullptr;
  }
  return out;
}

bool Cluster::fetch_names(const std::string& expression, Learned& out) {
  const auto body = get("/" + expression + "/_settings/index.uuid?" + std::string(kIndexOptions));
  rapidjson::Document document;
  if (!body || !parse(*body, document)) return false;
  for (const auto& member : document.GetObject()) {
    LearnedIndex& index = out.indices.emplace_back();
    index.name = text_of(member.name);
    index.fields.resize(out.fields.size());
  }
  return true;
}

// Only a data stream itself says which indices back it; a name alone may lie.
bool Cluster::fetch_data_streams(Learned& out) {
  const bool any =
      std::any_of(out.indices.begin(), out.indices.end(),
                  [](const LearnedIndex& index) { return index.name.starts_with(".ds-"); });
  if (!any) return true;
  const auto body =
      get("/_data_stream/*?filter_path=data_streams.name,data_streams.indices.index_name");
  rapidjson::Document document;
  if (!body || !parse(*body, document)) return false;
  const auto streams = document.FindMember("data_streams");
  if (streams == document.MemberEnd()) return true;
  if (!streams->value.IsArray()) return false;
  for (const auto& stream : streams->value.GetArray()) {
    if (!stream.IsObject() || !stream.HasMember("name") || !stream["name"].IsString()) return false;
    if (!stream.HasMember("indices") || !stream["indices"].IsArray()) continue;
    for (const auto& backing : stream["indices"].GetArray()) {
      if (!backing.IsObject() || !backing.HasMember("index_name") ||
          !backing["index_name"].IsString()) {
        return false;
      }
      if (LearnedIndex* index = find_index(out, text_of(backing["index_name"]))) {
        index->data_stream = text_of(stream["name"]);
      }
    }
  }
  return true;
}

bool Cluster::fetch_mappings(const std::string& expression, Learned& out) {
  auto paths_size = [](const std::string& field) {
    return encoded(mapping_paths({&field, 1})).size();
  };
  std::size_t first = 0;
  for (const auto& fields : parts_of(out.fields, kMaxPathsBytes, paths_size)) {
    const auto body = get("/" + expression + "/_mapping?" + std::string(kIndexOptions) +
                          "&filter_path=" + encoded(mapping_paths(fields)));
    if (!body) return false;
    auto verdicts = judge_mappings(*body, fields);
    if (!verdicts) return false;
    for (IndexVerdict& verdict : std::move(verdicts).value()) {
      // One that has come since has no name yet, and waits for the next round.
      LearnedIndex* index = find_index(out, verdict.index);
      if (index == nullptr) continue;
      std::move(verdict.fields.begin(), verdict.fields.end(),
                index->fields.begin() + static_cast<std::ptrdiff_t>(first));
    }
    first += fields.size();
  }
  return true;
}

}  // namespace weir::proxy
