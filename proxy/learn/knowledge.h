// What the control plane may ask about the indices behind its accounts.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "learn/learned.h"
#include "weir/policy.h"

namespace weir::proxy {

class Knowledge {
 public:
  virtual ~Knowledge() = default;

  /// What is to be known from now on: these accounts, and of their indices these fields.
  virtual void want(const std::vector<Account>& accounts, const std::set<std::string>& fields) = 0;

  /// The indices behind the account. Null until its scope has been asked about. Does not block.
  virtual std::shared_ptr<const Catalog> catalog(const Account& account) const = 0;

  /// The same with all reasons and with verdicts on `fields`, as the cluster has it now; as it had
  /// it last if it does not answer. May block for some seconds. Null if that is not known.
  virtual std::shared_ptr<const Learned> learn(const Account& account,
                                               const std::set<std::string>& fields) = 0;
};

}  // namespace weir::proxy
