#include "learn/judgement.h"

#include <algorithm>

namespace weir::proxy {
namespace {

constexpr std::size_t kShownIndices = 3;
constexpr std::size_t kShownReasons = 3;

// Indices with one reason.
struct Reason {
  std::string why;
  std::string suggestion;
  std::vector<std::string_view> indices;
};

std::string joined(const Reason& reason) {
  std::string out;
  for (std::size_t i = 0; i < reason.indices.size() && i < kShownIndices; ++i) {
    out += (i == 0 ? "`" : ", `") + std::string(reason.indices[i]) + "`";
  }
  if (reason.indices.size() > kShownIndices) {
    out += " and " + std::to_string(reason.indices.size() - kShownIndices) + " more";
  }
  return out;
}

std::string text_of(const Filter& filter, const std::vector<Reason>& reasons) {
  std::string out;
  for (std::size_t i = 0; i < reasons.size() && i < kShownReasons; ++i) {
    out += (i == 0 ? "`" : "; `") + filter.field + "` " + reasons[i].why + " (in " +
           joined(reasons[i]) + ")";
    if (!reasons[i].suggestion.empty()) out += ", filter by `" + reasons[i].suggestion + "`";
  }
  if (reasons.size() > kShownReasons) out += "; and more";
  return out;
}

// Why the filter is not exact where a field has this verdict; nothing if it is.
std::string why_not(const FieldVerdict& verdict, const Filter& filter) {
  if (verdict.kind == FieldKind::kNone) return verdict.why;
  if (fits(verdict.kind, filter.value)) return {};
  return "is of type `" + std::string(field_kind_name(verdict.kind)) +
         "`, whose values are not written `" + filter.value.substr(0, 64) + "`";
}

}  // namespace

Judgement judge_filter(const Learned& learned, const Account& account, const Filter& filter) {
  const auto column = static_cast<std::size_t>(
      std::lower_bound(learned.fields.begin(), learned.fields.end(), filter.field) -
      learned.fields.begin());
  std::vector<Reason> reasons;
  bool exact = false;
  for (const std::size_t i : indices_in_scope(account, catalog_of(learned))) {
    const LearnedIndex& index = learned.indices[i];
    const FieldVerdict& verdict = index.fields.at(column);
    if (!verdict.mapped) continue;
    std::string why = why_not(verdict, filter);
    if (why.empty()) {
      exact = true;
      continue;
    }
    auto same = std::find_if(reasons.begin(), reasons.end(), [&](const Reason& reason) {
      return reason.why == why && reason.suggestion == verdict.suggestion;
    });
    if (same == reasons.end()) {
      same = reasons.insert(reasons.end(), {std::move(why), verdict.suggestion, {}});
    }
    same->indices.push_back(index.name);
  }
  Judgement judgement;
  if (reasons.empty() && !exact) {
    judgement.warning = "no index has a field `" + filter.field +
                        "` yet; nothing is visible through this filter until one has";
  } else if (!exact) {
    judgement.refusal = text_of(filter, reasons);
  } else if (!reasons.empty()) {
    judgement.warning =
        text_of(filter, reasons) + "; documents there are not visible through this filter";
  }
  return judgement;
}

}  // namespace weir::proxy
