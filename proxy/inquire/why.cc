#include "inquire/why.h"

#include <utility>

#include "inquire/json.h"
#include "learn/judgement.h"

namespace weir::proxy {
namespace {

using Problems = std::vector<Problem>;

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~';
    const auto byte = static_cast<unsigned char>(c);
    out += plain ? std::string(1, c) : std::string{'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
  }
  return out;
}

/// Whether the document is visible under these filters.
Result<bool> sees(Asker& asker, const Scene& scene, const std::vector<Filter>& filters,
                  const std::string& target) {
  auto from = viewpoint(scene.account, filters, scene.filters_operator);
  if (!from) return from.problems();
  const Asker::Answer answer = asker.ask(*from.value().policy, from.value().credential,
                                         {Method::kGet, target}, scene.now_seconds);
  if (answer.good()) return true;
  if (answer.status == 404 || answer.problem == DenyCode::kIndexScope) return false;
  const DenyInfo& info = deny_info(answer.problem);
  return Problems{{std::string(info.code), std::string(info.reason)}};
}

std::string reason_of(bool in_scope, bool visible, std::size_t filters, std::size_t matching,
                      bool any) {
  if (!in_scope) {
    return "there is no such document in the account's indices, or it is not searchable yet";
  }
  if (filters == 0) return "the token has no filter: every document of the account is visible";
  if (visible && any) return "at least one filter matches";
  if (visible) return "every filter matches";
  return matching == 0 ? "no filter matches" : "not every filter matches";
}

}  // namespace

Result<std::string> why_json(Asker& asker, const Scene& scene, const WhyRequest& request) {
  const std::string target =
      "/" + percent_encoded(request.index) + "/_doc/" + percent_encoded(request.id);
  const auto in_scope = sees(asker, scene, {}, target);
  if (!in_scope) return in_scope.problems();
  const auto visible = sees(asker, scene, scene.plain_filters(), target);
  if (!visible) return visible.problems();
  rapidjson::StringBuffer buffer;
  JsonWriter out(buffer);
  out.StartObject();
  put_key(out, "visible");
  out.Bool(visible.value());
  put_key(out, "inScope");
  out.Bool(in_scope.value());
  put_member(out, "filtersOperator", scene.filters_operator == FiltersOperator::kOr ? "OR" : "AND");
  put_key(out, "filters");
  out.StartArray();
  std::size_t matching = 0;
  for (const AskedFilter& asked : scene.filters) {
    const auto alone = sees(asker, scene, {asked.filter}, target);
    if (!alone) return alone.problems();
    matching += alone.value() ? 1 : 0;
    out.StartObject();
    if (asked.id != 0) put_member(out, "id", static_cast<std::uint64_t>(asked.id));
    put_member(out, "field", asked.filter.field);
    put_member(out, "value", asked.filter.value);
    put_key(out, "matches");
    out.Bool(alone.value());
    if (scene.learned != nullptr) {
      const Judgement judgement = judge_filter(*scene.learned, scene.account, asked.filter);
      const std::string& verdict =
          judgement.refusal.empty() ? judgement.warning : judgement.refusal;
      if (!verdict.empty()) put_member(out, "verdict", verdict);
    }
    out.EndObject();
  }
  out.EndArray();
  put_member(out, "reason",
             reason_of(in_scope.value(), visible.value(), scene.filters.size(), matching,
                       scene.filters_operator == FiltersOperator::kOr));
  out.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace weir::proxy
