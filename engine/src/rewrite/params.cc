// URI parameters that say what body keys say: each becomes the body key, so that one walk and one
// set of rules holds.
#include "route/params.h"

#include <algorithm>

#include "dsl/query/query_text.h"
#include "dsl/rules.h"
#include "dsl/section/hits.h"
#include "json/text.h"
#include "rewrite/parts.h"

namespace weir {
namespace {

Verdict bad_param(const Context& context, DenyCode code, std::string_view name) {
  return context.build.deny(code, context.arena().concat({"?", name}), {});
}

// Calls `each(item)` for the items of a comma list; stops at the first that is refused.
template <typename Each>
bool for_items(std::string_view list, Each&& each) {
  while (true) {
    std::size_t comma = list.find(',');
    if (!each(list.substr(0, comma))) return false;
    if (comma == std::string_view::npos) return true;
    list.remove_prefix(comma + 1);
  }
}

std::optional<Verdict> add_sort(const Context& context, BodyMembers& out) {
  const Param* param = context.target.find("sort");
  if (param == nullptr) return std::nullopt;
  std::string list = "[";
  DenyCode why = DenyCode::kSortShape;
  bool open = for_items(param->value, [&](std::string_view item) {
    std::string_view sort = sort_from_parameter(item, context.sight.profile, context.arena(), why);
    if (list.size() > 1) list += ',';
    out.doc_sort = out.doc_sort || item == "_doc" || item.starts_with("_doc:");
    list += sort;
    return !sort.empty();
  });
  if (!open) return bad_param(context, why, "sort");
  out.set("sort", context.arena().copy(list + "]"));
  return std::nullopt;
}

// A URI parameter may have leading zeros, a JSON number may not.
std::string_view plain_number(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// Parameters whose checked value is already the JSON text of the body's value (numbers and
// booleans), or its string.
void add_plain(const Context& context, BodyMembers& out) {
  for (std::string_view name :
       {"from", "size", "terminate_after", "track_total_hits", "version", "track_scores"}) {
    const Param* param = context.target.find(name);
    if (param != nullptr) out.set(name, param->value.empty() ? "true" : plain_number(param->value));
  }
  if (const Param* timeout = context.target.find("timeout")) {
    out.set("timeout", json_string(timeout->value, context.arena()));
  }
}

// A decimal number as JSON writes it, without exponent.
bool is_decimal(std::string_view text) {
  auto digits = [&] {
    std::size_t count = std::min(text.find_first_not_of("0123456789"), text.size());
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  bool zero = text.starts_with('0');
  std::size_t whole = digits();
  if (whole == 0 || (zero && whole > 1)) return false;
  if (text.empty()) return true;
  if (text.front() != '.') return false;
  text.remove_prefix(1);
  return digits() > 0 && text.empty();
}

}  // namespace

std::optional<Verdict> min_score_from_param(const Context& context, BodyMembers& out) {
  const Param* param = context.target.find("min_score");
  if (param == nullptr) return std::nullopt;
  if (context.sight.profile == Profile::kSealed)
    return bad_param(context, DenyCode::kSearchScores, "min_score");
  if (!is_decimal(param->value)) return bad_param(context, DenyCode::kParamValue, "min_score");
  out.set("min_score", param->value);
  return std::nullopt;
}

std::optional<Verdict> fields_from_param(const Context& context, std::string_view name,
                                         BodyMembers& out) {
  const Param* param = context.target.find(name);
  if (param == nullptr) return std::nullopt;
  bool open = for_items(param->value, [&](std::string_view field) {
    if (name == "stored_fields" && is_stored_metadata(field)) return true;
    if (name == "docvalue_fields" && field == "*") return false;
    return is_open_field_pattern(field);
  });
  if (!open) return bad_param(context, DenyCode::kFieldDenied, name);
  out.set(name, json_list(param->value, context.arena()));
  return std::nullopt;
}

std::string_view source_from_params(const Target& target, Arena& arena) {
  const Param* source = target.find("_source");
  const Param* includes = target.find("_source_includes");
  const Param* excludes = target.find("_source_excludes");
  if (includes == nullptr && excludes == nullptr) {
    if (source == nullptr) return {};
    if (source->value == "true" || source->value == "false") return source->value;
    return source->value.empty() ? "true" : json_list(source->value, arena);
  }
  // `_source=false` wins over patterns, as in OpenSearch.
  if (source != nullptr && source->value == "false") return "false";
  std::string_view only = includes != nullptr ? json_list(includes->value, arena)
                          : source != nullptr && source->value != "true" && !source->value.empty()
                              ? json_list(source->value, arena)
                              : std::string_view("[]");
  std::string_view without = excludes != nullptr ? json_list(excludes->value, arena) : "[]";
  return arena.concat({R"({"includes":)", only, R"(,"excludes":)", without, "}"});
}

std::optional<Verdict> members_from_params(const Context& context, BodyMembers& out) {
  if (context.target.params.empty()) return std::nullopt;
  add_plain(context, out);
  std::string_view source = source_from_params(context.target, context.arena());
  if (!source.empty()) out.set("_source", source);
  for (std::string_view name : {"stored_fields", "docvalue_fields"}) {
    if (auto refused = fields_from_param(context, name, out)) return refused;
  }
  if (const Param* named = context.target.find("include_named_queries_score")) {
    if (bool_value(*named) && context.sight.profile == Profile::kSealed)
      return bad_param(context, DenyCode::kSearchScores, named->name);
  }
  return add_sort(context, out);
}

std::optional<Verdict> check_search_type(const Context& context) {
  const Param* type = context.target.find("search_type");
  bool levelled = context.sight.profile == Profile::kSealed;
  if (type == nullptr || levelled || type->value == "query_then_fetch") return std::nullopt;
  return bad_param(context, DenyCode::kParamDenied, type->name);
}

std::optional<Verdict> query_from_params(const Context& context, std::string_view& out) {
  if (context.target.params.empty()) return std::nullopt;
  const Param* q = context.target.find("q");
  constexpr std::string_view kCompanions[] = {"df", "default_operator", "analyzer",
                                              "analyze_wildcard", "lenient"};
  if (q == nullptr) {
    for (std::string_view name : kCompanions) {
      if (context.target.find(name) != nullptr)
        return bad_param(context, DenyCode::kParamValue, name);
    }
    return std::nullopt;
  }
  if (q->value.empty()) {
    out = R"({"match_none":{}})";
    return std::nullopt;
  }
  std::string_view offending;
  if (q->value.size() > context.limits().max_query_string_bytes ||
      !check_query_text(q->value, offending)) {
    return context.build.deny(DenyCode::kQuerySyntax, "?q", printable_detail(offending));
  }
  std::string json = R"({"query_string":{"fuzzy_rewrite":"constant_score","query":)";
  append_json_string(q->value, json);
  for (std::string_view name : kCompanions) {
    const Param* param = context.target.find(name);
    if (param == nullptr) continue;
    if (name == "df" && !is_open_field_pattern(param->value)) {
      return bad_param(context, DenyCode::kFieldDenied, name);
    }
    json += ",\"";
    json += name == "df" ? "default_field" : name;
    json += "\":";
    bool flag = name == "analyze_wildcard" || name == "lenient";
    if (flag) {
      json += param->value.empty() ? "true" : param->value;
    } else {
      append_json_string(param->value, json);
    }
  }
  out = context.arena().copy(json + "}}");
  return std::nullopt;
}

}  // namespace weir
