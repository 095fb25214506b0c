// Judging fields by mappings. Kinds are listed that are known to be exact (tried on real nodes);
// everything else, known or new, is not.
#include "weir/mapping.h"

#define RAPIDJSON_NAMESPACE weir_rapidjson
#include <arpa/inet.h>
#include <rapidjson/document.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>

namespace weir {
namespace {

using Json = weir_rapidjson::Value;

struct KindName {
  FieldKind kind;
  std::string_view name;
};
constexpr std::array<KindName, 8> kKinds = {{{FieldKind::kKeyword, "keyword"},
                                             {FieldKind::kBoolean, "boolean"},
                                             {FieldKind::kByte, "byte"},
                                             {FieldKind::kShort, "short"},
                                             {FieldKind::kInteger, "integer"},
                                             {FieldKind::kLong, "long"},
                                             {FieldKind::kUnsignedLong, "unsigned_long"},
                                             {FieldKind::kIp, "ip"}}};

struct Inexact {
  std::string_view type;
  std::string_view why;
};
constexpr std::string_view kWords = ", in which `term` finds single words";
constexpr std::string_view kRounds = ", which rounds";
constexpr std::string_view kDates = ", which rounds and calculates";
constexpr std::string_view kRange = ", which matches every value inside";
constexpr std::array<Inexact, 17> kInexact = {{
    {"text", kWords},
    {"match_only_text", kWords},
    {"search_as_you_type", kWords},
    {"annotated_text", kWords},
    {"float", kRounds},
    {"half_float", kRounds},
    {"double", kRounds},
    {"scaled_float", kRounds},
    {"date", kDates},
    {"date_nanos", kDates},
    {"integer_range", kRange},
    {"long_range", kRange},
    {"float_range", kRange},
    {"double_range", kRange},
    {"date_range", kRange},
    {"ip_range", kRange},
    {"constant_keyword", ", which takes patterns and holds for documents without it"},
}};

constexpr std::size_t kMaxShown = 64;

std::string_view text_of(const Json& value) { return {value.GetString(), value.GetStringLength()}; }

const Json* find(const Json& object, std::string_view key) {
  if (!object.IsObject()) return nullptr;
  for (const auto& member : object.GetObject()) {
    if (text_of(member.name) == key) return &member.value;
  }
  return nullptr;
}

std::string_view string_at(const Json& object, std::string_view key) {
  const Json* value = find(object, key);
  return value != nullptr && value->IsString() ? text_of(*value) : std::string_view();
}

std::string quoted(std::string_view text) {
  return "`" + std::string(text.substr(0, kMaxShown)) + "`";
}

FieldVerdict inexact(std::string why, std::string suggestion = {}) {
  return {FieldKind::kNone, true, std::move(why), std::move(suggestion)};
}

// The targets of `copy_to` anywhere below a `properties`.
std::set<std::string, std::less<>> copy_targets(const Json& mapping) {
  std::set<std::string, std::less<>> out;
  std::vector<const Json*> open = {&mapping};
  while (!open.empty()) {
    const Json& node = *open.back();
    open.pop_back();
    const Json* copy = find(node, "copy_to");
    if (copy != nullptr && copy->IsString()) out.emplace(text_of(*copy));
    if (copy != nullptr && copy->IsArray()) {
      for (const Json& target : copy->GetArray()) {
        if (target.IsString()) out.emplace(text_of(target));
      }
    }
    const Json* properties = find(node, "properties");
    if (properties == nullptr || !properties->IsObject()) continue;
    for (const auto& member : properties->GetObject()) open.push_back(&member.value);
  }
  return out;
}

// One index's mapping.
class Judge {
 public:
  explicit Judge(const Json& mapping) : mapping_(mapping), copies_(copy_targets(mapping)) {}

  FieldVerdict judge(std::string_view field) const {
    if (const Json* derived = find(mapping_, "derived"); derived && find(*derived, field)) {
      return inexact("is a derived field, whose script may answer anything");
    }
    const Json* node = &mapping_;
    for (std::size_t begin = 0;;) {
      std::size_t dot = field.find('.', begin);
      std::string_view step = field.substr(begin, dot - begin);
      const Json* properties = find(*node, "properties");
      const Json* child = properties == nullptr ? nullptr : find(*properties, step);
      if (child == nullptr) return {};
      if (dot == std::string_view::npos) return judge_leaf(field, *child, field, true);
      std::string_view above = field.substr(0, dot);
      if (auto verdict = judge_parent(field, above, field.substr(dot + 1), *child)) return *verdict;
      node = child;
      begin = dot + 1;
    }
  }

 private:
  // Nothing if the field may lie deeper.
  std::optional<FieldVerdict> judge_parent(std::string_view field, std::string_view above,
                                           std::string_view rest, const Json& node) const {
    std::string_view type = string_at(node, "type");
    if (type == "nested") {
      return inexact("lies inside the nested field " + quoted(above) +
                     ", so that a filter cannot see it");
    }
    if (type.empty() || type == "object") return std::nullopt;
    if (type == "flat_object") return inexact("lies inside a `flat_object` field");
    const Json* fields = find(node, "fields");
    const Json* sub = fields == nullptr ? nullptr : find(*fields, rest);
    if (sub == nullptr) return FieldVerdict();
    return judge_leaf(field, *sub, above, false);
  }

  // `filled`: the field whose copies count.
  FieldVerdict judge_leaf(std::string_view field, const Json& node, std::string_view filled,
                          bool look_below) const {
    std::string_view type = string_at(node, "type");
    std::string better = look_below ? exact_below(field, node) : std::string();
    if (type.empty()) return inexact("is an object; name a field in it");
    if (type == "alias") {
      return inexact("is another name of " + quoted(string_at(node, "path")) +
                         ", and can be turned to any field",
                     std::string(string_at(node, "path")));
    }
    if (copies_.contains(filled)) return inexact("is filled by `copy_to` from other fields");
    std::optional<FieldKind> kind = find_field_kind(type);
    if (!kind) return inexact(why_not(type), std::move(better));
    if (std::string_view normalizer = string_at(node, "normalizer"); !normalizer.empty()) {
      return inexact(
          "has the normalizer " + quoted(normalizer) + ", which makes different values equal",
          std::move(better));
    }
    if (find(node, "normalizer") != nullptr) return inexact("has a normalizer", std::move(better));
    if (const Json* null_value = find(node, "null_value"); null_value && !null_value->IsNull()) {
      return inexact("has a `null_value`, which puts documents without a value into a filter",
                     std::move(better));
    }
    if (const Json* index = find(node, "index"); index && !index->IsTrue()) {
      return inexact("is not indexed (`\"index\": false`)", std::move(better));
    }
    return {*kind, true, {}, {}};
  }

  static std::string why_not(std::string_view type) {
    for (const Inexact& row : kInexact) {
      if (row.type == type) return "is a " + quoted(type) + " field" + std::string(row.why);
    }
    return "is a " + quoted(type) + " field, of which `term` is not known to be exact";
  }

  // A keyword among the field's own sub-fields.
  std::string exact_below(std::string_view field, const Json& node) const {
    const Json* fields = find(node, "fields");
    if (fields == nullptr || !fields->IsObject()) return {};
    std::string found;
    for (const auto& member : fields->GetObject()) {
      std::string name = std::string(field) + "." + std::string(text_of(member.name));
      FieldVerdict verdict = judge_leaf(name, member.value, field, false);
      if (verdict.kind != FieldKind::kKeyword) continue;
      if (found.empty() || text_of(member.name) == "keyword") found = std::move(name);
    }
    return found;
  }

  const Json& mapping_;
  const std::set<std::string, std::less<>> copies_;
};

template <typename Integer>
bool fits_integer(std::string_view value, std::uint64_t largest, std::int64_t least) {
  Integer number = 0;
  auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size()) return false;
  if (std::to_string(number) != value) return false;  // `08`, `-0`
  if (number < 0) return static_cast<std::int64_t>(number) >= least;
  return static_cast<std::uint64_t>(number) <= largest;
}

template <typename Integer>
bool fits_type(std::string_view value) {
  return fits_integer<std::int64_t>(value, std::numeric_limits<Integer>::max(),
                                    std::numeric_limits<Integer>::min());
}

// As `inet_ntop` writes it: other spellings of an address are refused by some versions of
// OpenSearch.
bool fits_ip(std::string_view value) {
  std::string text(value);
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  std::array<char, INET6_ADDRSTRLEN> back{};
  for (int family : {AF_INET, AF_INET6}) {
    if (inet_pton(family, text.c_str(), bytes.data()) != 1) continue;
    return inet_ntop(family, bytes.data(), back.data(), back.size()) != nullptr &&
           value == back.data();
  }
  return false;
}

// A step of a path that `filter_path` would not take literally stands for any name.
std::string path_step(std::string_view step) {
  bool plain = !step.empty() && std::all_of(step.begin(), step.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '@';
  });
  return plain ? std::string(step) : "*";
}

}  // namespace

std::string_view field_kind_name(FieldKind kind) noexcept {
  for (const KindName& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return {};
}

std::optional<FieldKind> find_field_kind(std::string_view name) noexcept {
  for (const KindName& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return std::nullopt;
}

bool fits(FieldKind kind, std::string_view value) {
  switch (kind) {
    case FieldKind::kNone:
      return false;
    case FieldKind::kKeyword:
      return true;
    case FieldKind::kBoolean:
      return value == "true" || value == "false";
    case FieldKind::kByte:
      return fits_type<std::int8_t>(value);
    case FieldKind::kShort:
      return fits_type<std::int16_t>(value);
    case FieldKind::kInteger:
      return fits_type<std::int32_t>(value);
    case FieldKind::kLong:
      return fits_type<std::int64_t>(value);
    case FieldKind::kUnsignedLong:
      return fits_integer<std::uint64_t>(value, std::numeric_limits<std::uint64_t>::max(), 0);
    case FieldKind::kIp:
      return fits_ip(value);
  }
  return false;
}

Result<std::vector<IndexVerdict>> judge_mappings(std::string_view answer,
                                                 std::span<const std::string> fields) {
  constexpr unsigned kFlags =
      weir_rapidjson::kParseValidateEncodingFlag | weir_rapidjson::kParseIterativeFlag;
  auto refuse = [] {
    return std::vector<Problem>{{"", "this is not an answer of `_mapping`; ask the cluster again"}};
  };
  weir_rapidjson::Document document;
  document.Parse<kFlags>(answer.data(), answer.size());
  if (document.HasParseError() || !document.IsObject()) return refuse();
  std::vector<IndexVerdict> out;
  out.reserve(document.MemberCount());
  for (const auto& member : document.GetObject()) {
    const Json* mapping = find(member.value, "mappings");
    if (mapping == nullptr || !mapping->IsObject()) return refuse();
    Judge judge(*mapping);
    IndexVerdict& verdict = out.emplace_back();
    verdict.index = text_of(member.name);
    verdict.fields.reserve(fields.size());
    for (const std::string& field : fields) verdict.fields.push_back(judge.judge(field));
  }
  return out;
}

std::string mapping_paths(std::span<const std::string> fields) {
  // Whoever copies into a field makes it inexact, and so does a script in its place.
  std::string out = "*.mappings.properties.**.copy_to,*.mappings.derived";
  for (const std::string& field : fields) {
    std::string place = "*.mappings.properties.";
    for (std::size_t begin = 0;;) {
      std::size_t dot = field.find('.', begin);
      place += path_step(std::string_view(field).substr(begin, dot - begin));
      if (dot == std::string::npos) break;
      // The parent may be nested, an object, or a field with sub-fields.
      out += ',' + place + ".type," + place + ".fields";
      place += ".properties.";
      begin = dot + 1;
    }
    out += ',' + place;
  }
  return out;
}

}  // namespace weir
