// What an account may have, and what has been done in it.
#include <algorithm>
#include <utility>

#include "admin/call.h"
#include "admin/operations.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kDefaultAuditPage = 100;
constexpr std::size_t kMaxAuditPage = 1000;

}  // namespace

SmallResponse get_limits(ApiContext& context, const Call& call) {
  const auto work = context.store.begin_read();
  return json_answer(limits_json({.settings = call.settings,
                                  .tokens = work->count_tokens(call.account()),
                                  .filters = work->count_filters(call.account())}));
}

SmallResponse get_audit(ApiContext& context, const Call& call) {
  AuditQuery query;
  std::optional<std::size_t> limit;
  Refusal wrong = read_number<std::int32_t>(call, "token", 2147483647, query.token);
  if (!wrong) {
    wrong = read_number<std::int64_t>(call, "before", 9007199254740991, query.before_id);
  }
  if (!wrong) {
    wrong = read_number<std::size_t>(call, "limit", kMaxAuditPage, limit);
  }
  if (wrong) {
    return *wrong;
  }
  if (const auto kind = call.parameters.find("kind"); kind != call.parameters.end()) {
    if (kind->second != "change" && kind->second != "denial") {
      return refuse(call, 400, "endpoints/INVALID_PARAMETER",
                    "the URI parameter `kind` must be `change` or `denial`");
    }
    query.kind = kind->second;
  }
  const std::size_t size = limit.value_or(kDefaultAuditPage);
  query.limit = size + 1;  // one more shows whether there are more
  auto rows = context.store.begin_read()->audit(call.account(), query);
  const bool more = rows.size() > size;
  rows.resize(std::min(rows.size(), size));
  return json_answer(audit_json(rows, more));
}

}  // namespace weir::proxy
