// Reading a policy from JSON (POLICY_FORMAT.md).
//
// Whoever writes a policy wants to hear everything that is wrong with it at once, so the reader
// goes on after a problem and notes its JSON pointer. Nothing is guessed: what decides who sees
// what (`unfiltered`, `filters`, `expires_at`) has to be written down, and a key that is not known
// is a problem, because a misspelt filter must not be a missing one.
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <set>
#include <string>

// An embedder may use RapidJSON too, configured otherwise.
#define RAPIDJSON_NAMESPACE weir_rapidjson
#include <rapidjson/document.h>
#include <rapidjson/error/en.h>

#include "http/percent.h"
#include "weir/policy.h"

namespace weir {
namespace {

using Json = weir_rapidjson::Value;

constexpr std::size_t kMaxProblems = 1000;
constexpr std::size_t kMaxQuotedBytes = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::array<std::string_view, 4> kPolicyKeys = {"unfiltered", "upstream_version",
                                                         "accounts", "tokens"};
constexpr std::array<std::string_view, 6> kAccountKeys = {"name",    "indices", "profile",
                                                          "scripts", "fields",  "catalog"};
constexpr std::array<std::string_view, 3> kCatalogKeys = {"index", "data_stream", "fields"};
constexpr std::array<std::string_view, 9> kTokenKeys = {
    "id",         "digest", "account",       "filters",     "filters_operator",
    "expires_at", "epoch",  "former_digest", "former_until"};
constexpr std::array<std::string_view, 2> kFilterKeys = {"field", "value"};

std::string_view text_of(const Json& value) { return {value.GetString(), value.GetStringLength()}; }

// The input as an error may show it: cut, without control bytes.
std::string quoted(std::string_view text) {
  std::string out = "`";
  for (char c : text.substr(0, kMaxQuotedBytes)) {
    out += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  }
  // Not in the middle of a character.
  while (!is_utf8(out)) out.pop_back();
  return out + (text.size() > kMaxQuotedBytes ? "...`" : "`");
}

std::string line_and_column(std::string_view json, std::size_t offset) {
  std::string_view before = json.substr(0, offset);
  std::size_t line = 1;
  std::size_t start = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (before[i] == '\n') {
      ++line;
      start = i + 1;
    }
  }
  return std::to_string(line) + ':' + std::to_string(before.size() - start + 1);
}

// RapidJSON's sentence as part of ours.
std::string parse_error(weir_rapidjson::ParseErrorCode code) {
  std::string what = weir_rapidjson::GetParseError_En(code);
  if (!what.empty() && what.back() == '.') what.pop_back();
  if (!what.empty() && what[0] >= 'A' && what[0] <= 'Z') {
    what[0] = static_cast<char>(what[0] - 'A' + 'a');
  }
  return "not JSON: " + what + "; correct it";
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view type_name(const Json& value) {
  switch (value.GetType()) {
    case weir_rapidjson::kNullType:
      return "null";
    case weir_rapidjson::kFalseType:
    case weir_rapidjson::kTrueType:
      return "a boolean";
    case weir_rapidjson::kObjectType:
      return "an object";
    case weir_rapidjson::kArrayType:
      return "an array";
    case weir_rapidjson::kStringType:
      return "a string";
    case weir_rapidjson::kNumberType:
      return "a number";
  }
  return "unknown";
}

// One step of the reader's place; the pointer is only written out for a problem.
struct Place {
  const Place* outer = nullptr;
  std::string_view key;
  std::size_t index = 0;

  void append_to(std::string& out) const {
    if (outer == nullptr) return;
    outer->append_to(out);
    out += '/';
    if (key.data() == nullptr) {
      out += std::to_string(index);
      return;
    }
    for (char c : key) out += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
  }
};

// Field -> column of a catalog.
using Columns = std::map<std::string, std::size_t>;

class PolicyReader {
 public:
  PolicySource source;
  std::vector<Problem> problems;

  void read_policy(const Json& json) {
    const Place root;
    if (!check_object(json, root, kPolicyKeys)) return;
    if (const Json* value = required(json, root, "unfiltered")) {
      Place at{&root, "unfiltered"};
      if (std::size_t choice = read_choice(*value, at, {"allow", "deny"}); choice < 2) {
        source.unfiltered = choice == 0 ? Unfiltered::kAllow : Unfiltered::kDeny;
      }
    }
    if (const Json* value = find(json, "upstream_version")) {
      read_version(*value, {&root, "upstream_version"});
    }
    if (const Json* value = required(json, root, "accounts")) {
      Place list{&root, "accounts"};
      if (check_array(*value, list, "accounts")) {
        for (std::size_t i = 0; i < value->Size(); ++i) read_account(at(*value, i), {&list, {}, i});
      }
    }
    if (const Json* value = required(json, root, "tokens")) {
      Place list{&root, "tokens"};
      if (check_array(*value, list, "tokens")) {
        for (std::size_t i = 0; i < value->Size(); ++i) read_token(at(*value, i), {&list, {}, i});
      }
    }
  }

 private:
  static const Json& at(const Json& array, std::size_t i) {
    return array[static_cast<weir_rapidjson::SizeType>(i)];
  }

  void problem(const Place& place, std::string what) {
    if (problems.size() == kMaxProblems) {
      problems.push_back({"", "there are more problems than are shown; mend these first"});
    }
    if (problems.size() > kMaxProblems) return;
    std::string where;
    place.append_to(where);
    problems.push_back({std::move(where), std::move(what)});
  }

  static const Json* find(const Json& object, std::string_view key) {
    for (const auto& member : object.GetObject()) {
      if (text_of(member.name) == key) return &member.value;
    }
    return nullptr;
  }

  const Json* required(const Json& object, const Place& place, std::string_view key) {
    const Json* value = find(object, key);
    if (value == nullptr) problem(place, quoted(key) + " is missing; add it");
    return value;
  }

  bool check_type(bool fits, const Json& json, const Place& place, std::string_view wanted) {
    if (!fits) {
      problem(place, std::string(type_name(json)) + " stands here; write " + std::string(wanted));
    }
    return fits;
  }

  bool check_object(const Json& json, const Place& place, std::span<const std::string_view> keys) {
    if (!check_type(json.IsObject(), json, place, "an object")) return false;
    for (std::size_t i = 0; i < json.MemberCount(); ++i) {
      std::string_view name = text_of((json.MemberBegin() + static_cast<std::ptrdiff_t>(i))->name);
      check_key(json, i, name, {&place, name}, keys);
    }
    return true;
  }

  void check_key(const Json& json, std::size_t i, std::string_view name, const Place& place,
                 std::span<const std::string_view> keys) {
    bool known = false;
    for (std::string_view key : keys) known = known || key == name;
    if (!known) {
      std::string what = "unknown key " + quoted(name) + "; known here are";
      for (std::string_view key : keys) what += " `" + std::string(key) + '`';
      problem(place, std::move(what));
      return;
    }
    // Known keys are few, so there are few members before the first one given twice.
    for (std::size_t j = 0; j < i; ++j) {
      if (text_of((json.MemberBegin() + static_cast<std::ptrdiff_t>(j))->name) == name) {
        problem(place, "the key " + quoted(name) + " is given twice; remove one");
        return;
      }
    }
  }

  bool check_array(const Json& json, const Place& place, std::string_view of_what) {
    return check_type(json.IsArray(), json, place, "an array of " + std::string(of_what));
  }

  bool read_string(const Json& json, const Place& place, std::string& out) {
    if (!check_type(json.IsString(), json, place, "a string")) return false;
    // RapidJSON lets a lone low surrogate through, as bytes that are not UTF-8.
    if (!is_utf8(text_of(json))) {
      problem(place, "a lone surrogate is no character; write the pair");
      return false;
    }
    out = text_of(json);
    return true;
  }

  // The index of the choice, or their number.
  std::size_t read_choice(const Json& json, const Place& place,
                          const std::array<std::string_view, 2>& choices) {
    std::string text;
    if (!read_string(json, place, text)) return choices.size();
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (text == choices[i]) return i;
    }
    problem(place, quoted(text) + " is not understood; write `" + std::string(choices[0]) +
                       "` or `" + std::string(choices[1]) + '`');
    return choices.size();
  }

  void read_version(const Json& json, const Place& place) {
    if (!read_string(json, place, source.upstream_version)) return;
    if (source.upstream_version.empty() || source.upstream_version.size() > kMaxQuotedBytes) {
      problem(place, "the version has 1 to 64 bytes; write one such as `3.4.0`");
    }
  }

  void read_account(const Json& json, const Place& place) {
    Account& account = source.accounts.emplace_back();
    if (!check_object(json, place, kAccountKeys)) return;
    if (const Json* value = required(json, place, "name")) {
      read_string(*value, {&place, "name"}, account.name);
    }
    if (const Json* value = find(json, "profile")) {
      bool kept = read_choice(*value, {&place, "profile"}, {"sealed", "relevance"}) == 1;
      account.profile = kept ? Profile::kRelevance : Profile::kSealed;
    }
    if (const Json* value = find(json, "scripts")) {
      bool open = read_choice(*value, {&place, "scripts"}, {"off", "doc"}) == 1;
      account.scripts = open ? Scripts::kDoc : Scripts::kOff;
    }
    if (const Json* value = find(json, "fields")) {
      bool all = read_choice(*value, {&place, "fields"}, {"visible", "mapping"}) == 1;
      account.fields = all ? Fields::kMapping : Fields::kVisible;
    }
    const Json* value = required(json, place, "indices");
    Place list{&place, "indices"};
    if (value != nullptr && check_array(*value, list, "index names and patterns")) {
      for (std::size_t i = 0; i < value->Size(); ++i) {
        read_string(at(*value, i), {&list, {}, i}, account.indices.emplace_back());
      }
    }
    if (const Json* catalog = find(json, "catalog")) {
      account.keeps_catalog = true;
      read_catalog(*catalog, {&place, "catalog"}, account);
    }
  }

  void read_catalog(const Json& json, const Place& place, Account& account) {
    if (json.IsNull()) return;
    if (!check_array(json, place, "indices, or null as long as nothing is known")) return;
    auto catalog = std::make_shared<Catalog>();
    Columns columns;
    for (std::size_t i = 0; i < json.Size(); ++i) {
      read_index(at(json, i), {&place, {}, i}, columns, catalog->indices.emplace_back());
    }
    catalog->fields.resize(columns.size());
    for (const auto& [field, column] : columns) catalog->fields[column] = field;
    account.catalog = std::move(catalog);
  }

  void read_index(const Json& json, const Place& place, Columns& columns, CatalogIndex& index) {
    if (!check_object(json, place, kCatalogKeys)) return;
    if (const Json* value = required(json, place, "index")) {
      read_string(*value, {&place, "index"}, index.name);
    }
    if (const Json* value = find(json, "data_stream")) {
      read_string(*value, {&place, "data_stream"}, index.data_stream);
    }
    const Json* value = required(json, place, "fields");
    Place fields{&place, "fields"};
    if (value == nullptr || !check_type(value->IsObject(), *value, fields, "an object")) return;
    std::set<std::size_t> seen;
    for (const auto& member : value->GetObject()) {
      Place at_field{&fields, text_of(member.name)};
      std::string kind;
      if (!read_string(member.value, at_field, kind)) continue;
      auto known = find_field_kind(kind);
      if (!known) problem(at_field, kind_problem(kind));
      std::size_t column =
          columns.try_emplace(std::string(text_of(member.name)), columns.size()).first->second;
      if (!is_utf8(text_of(member.name))) {
        problem(at_field, "a lone surrogate is no character; write the pair");
      }
      if (!seen.insert(column).second) problem(at_field, "the field is given twice; remove one");
      if (index.kinds.size() <= column) index.kinds.resize(column + 1, FieldKind::kNone);
      index.kinds[column] = known.value_or(FieldKind::kNone);
    }
  }

  static std::string kind_problem(std::string_view kind) {
    std::string what = quoted(kind) +
                       " is no kind of field on which filters are exact; leave the "
                       "field out, or write one of";
    for (unsigned i = 1; !field_kind_name(static_cast<FieldKind>(i)).empty(); ++i) {
      what += " `" + std::string(field_kind_name(static_cast<FieldKind>(i))) + '`';
    }
    return what;
  }

  void read_token(const Json& json, const Place& place) {
    Token& token = source.tokens.emplace_back();
    if (!check_object(json, place, kTokenKeys)) return;
    if (const Json* value = required(json, place, "id")) read_id(*value, {&place, "id"}, token);
    if (const Json* value = required(json, place, "digest")) {
      read_digest(*value, {&place, "digest"}, token.digest);
    }
    if (const Json* value = required(json, place, "account")) {
      read_string(*value, {&place, "account"}, token.account);
    }
    if (const Json* value = required(json, place, "filters")) {
      read_filters(*value, {&place, "filters"}, token.filters);
    }
    if (const Json* value = find(json, "filters_operator")) {
      bool any = read_choice(*value, {&place, "filters_operator"}, {"AND", "OR"}) == 1;
      token.filters_operator = any ? FiltersOperator::kOr : FiltersOperator::kAnd;
    }
    if (const Json* value = required(json, place, "expires_at")) {
      read_expiry(*value, {&place, "expires_at"}, token.expires_at);
    }
    if (const Json* value = find(json, "epoch")) {
      Place epoch{&place, "epoch"};
      if (check_type(value->IsUint64(), *value, epoch, "a whole number from 1")) {
        token.epoch = value->GetUint64();
      }
    }
    if (const Json* value = find(json, "former_digest"); value != nullptr && !value->IsNull()) {
      read_digest(*value, {&place, "former_digest"}, token.former_digest.emplace());
    }
    if (const Json* value = find(json, "former_until")) {
      read_expiry(*value, {&place, "former_until"}, token.former_until);
    }
  }

  void read_id(const Json& json, const Place& place, Token& token) {
    if (check_type(json.IsUint(), json, place, "a whole number from 1 to 4294967295")) {
      token.id = json.GetUint();
    }
  }

  void read_digest(const Json& json, const Place& place, TokenDigest& digest) {
    std::string text;
    if (!read_string(json, place, text)) return;
    bool good = text.size() == 2 * digest.bytes.size();
    for (std::size_t i = 0; good && i < digest.bytes.size(); ++i) {
      int high = hex_digit(text[2 * i]);
      int low = hex_digit(text[2 * i + 1]);
      good = high >= 0 && low >= 0;
      digest.bytes[i] = static_cast<std::uint8_t>(good ? high * 16 + low : 0);
    }
    // The digest itself stays out of the text: errors go to logs.
    if (!good) problem(place, "a digest is 64 hexadecimal digits; write the 32 bytes so");
  }

  void read_filters(const Json& json, const Place& place, std::vector<Filter>& filters) {
    if (!check_array(json, place, "filters, empty for none")) return;
    for (std::size_t i = 0; i < json.Size(); ++i) {
      Filter& filter = filters.emplace_back();
      Place at_filter{&place, {}, i};
      const Json& value = at(json, i);
      if (!check_object(value, at_filter, kFilterKeys)) continue;
      if (const Json* field = required(value, at_filter, "field")) {
        read_string(*field, {&at_filter, "field"}, filter.field);
      }
      if (const Json* text = required(value, at_filter, "value")) {
        read_string(*text, {&at_filter, "value"}, filter.value);
      }
    }
  }

  void read_expiry(const Json& json, const Place& place, std::optional<std::int64_t>& out) {
    if (json.IsNull()) return;
    if (check_type(json.IsInt64(), json, place, "whole seconds since 1970, or null for never")) {
      out = json.GetInt64();
    }
  }
};

}  // namespace

Result<PolicySource> load_policy(std::string_view json) {
  auto refuse = [&](std::size_t offset, std::string what) {
    return Result<PolicySource>({{line_and_column(json, offset), std::move(what)}});
  };
  if (json.starts_with(kByteOrderMark)) {
    return refuse(0, "a byte order mark stands here; save the file as UTF-8 without it");
  }
  // RapidJSON skips single bytes of the mark too.
  if (!json.empty() && static_cast<unsigned char>(json.front()) >= 0x80) {
    return refuse(0, "not JSON: the text begins with a byte that begins no value; correct it");
  }
  // It takes a NUL for the end.
  if (std::size_t nul = json.find('\0'); nul != std::string_view::npos) {
    return refuse(nul, "a NUL byte stands here; remove it");
  }
  constexpr unsigned kFlags = weir_rapidjson::kParseValidateEncodingFlag |
                              weir_rapidjson::kParseIterativeFlag;  // no recursion on the input
  weir_rapidjson::Document document;
  document.Parse<kFlags>(json.data(), json.size());
  if (document.HasParseError()) {
    return refuse(document.GetErrorOffset(), parse_error(document.GetParseError()));
  }
  PolicyReader reader;
  reader.read_policy(document);
  if (!reader.problems.empty()) return std::move(reader.problems);
  return std::move(reader.source);
}

}  // namespace weir
