#include "admin/denials.h"

#include <new>
#include <set>
#include <utility>

namespace weir::proxy {

bool DenialBook::note(const Denial& denial, std::int64_t at_ms) noexcept try {
  AuditRow row;
  row.at_ms = at_ms;
  row.account = denial.account;
  row.kind = "denial";
  row.token = static_cast<std::int32_t>(denial.token_id);
  row.route = denial.route;
  row.code = denial.code;
  row.request_id = denial.request_id;
  const std::lock_guard lock(mutex_);
  if (rows_.size() >= kMaxRows) {
    return false;
  }
  std::size_t& own = of_token_[row.token];
  if (own >= kMaxRowsOfToken) {
    return false;
  }
  rows_.push_back(std::move(row));
  ++own;
  return true;
} catch (const std::bad_alloc&) {
  return false;
}

void DenialBook::flush(Store& store, std::size_t keep) {
  std::vector<AuditRow> rows;
  {
    const std::lock_guard lock(mutex_);
    rows = rows_;
  }
  if (rows.empty()) {
    return;
  }
  const auto work = store.begin_write();
  std::set<std::string> accounts;
  for (const AuditRow& row : rows) {
    work->append_audit(row);
    accounts.insert(row.account);
  }
  for (const std::string& account : accounts) {
    work->trim_audit(account, "denial", keep);
  }
  work->commit();
  const std::lock_guard lock(mutex_);
  rows_.erase(rows_.begin(), rows_.begin() + static_cast<std::ptrdiff_t>(rows.size()));
  of_token_.clear();
  for (const AuditRow& row : rows_) {
    ++of_token_[row.token];
  }
}

}  // namespace weir::proxy
