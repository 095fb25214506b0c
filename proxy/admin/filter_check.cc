// The part of the Shared Tokens API that looks at mappings: a filter that cannot be exact is
// refused before it is stored.
#include <algorithm>
#include <set>
#include <utility>

#include "admin/shared_tokens_api.h"
#include "http/small_error.h"
#include "learn/judgement.h"

namespace weir::proxy {

std::optional<SmallResponse> SharedTokensApi::judge(const Call& call,
                                                    const std::vector<Filter>& filters,
                                                    std::vector<std::string>& warnings) {
  if (parts_.knowledge == nullptr || filters.empty()) {
    return std::nullopt;
  }
  const Account& account = parts_.publisher.account(call.caller.account);
  std::set<std::string> fields;
  for (const Filter& filter : filters) {
    fields.insert(filter.field);
  }
  const auto learned = parts_.knowledge->learn(account, fields);
  if (learned == nullptr) {
    SmallResponse response =
        error_answer(503, "shared-tokens/MAPPINGS_UNKNOWN",
                     "the search cluster does not say whether the filter is exact; nothing was "
                     "changed, try again",
                     call.request.request_id);
    response.headers.emplace_back("retry-after", "5");
    return response;
  }
  for (const Filter& filter : filters) {
    Judgement judgement = judge_filter(*learned, account, filter);
    if (!judgement.refusal.empty()) {
      return error_answer(400, "shared-tokens/FILTER_NOT_EXACT",
                          "a filter must be the exact value of the field: " + judgement.refusal,
                          call.request.request_id, {{"field", filter.field}});
    }
    if (!judgement.warning.empty()) {
      warnings.push_back(std::move(judgement.warning));
    }
  }
  return std::nullopt;
}

std::optional<SmallResponse> SharedTokensApi::judge(const Call& call, Transaction& work,
                                                    const std::vector<std::int32_t>& ids,
                                                    const std::vector<std::int32_t>& before,
                                                    std::vector<std::string>& warnings) {
  std::vector<Filter> filters;
  for (const std::int32_t id : ids) {
    auto row = work.find_filter(call.caller.account, id);
    if (row && !std::binary_search(before.begin(), before.end(), id)) {
      filters.push_back({std::move(row->field), std::move(row->value)});
    }
  }
  return judge(call, filters, warnings);
}

}  // namespace weir::proxy
