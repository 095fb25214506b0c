// Keeps what is known of the indices of every account current, in the background, and answers the
// control plane's questions at once.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"
#include "learn/knowledge.h"

namespace weir::proxy {

class Log;

/// Any thread, but for the constructor, start() and stop().
class Learner final : public Knowledge {
 public:
  /// Clusters are those of the configuration; accounts that come later live in its first.
  Learner(const Config& config, Log& log);
  ~Learner() override;
  Learner(const Learner&) = delete;
  Learner& operator=(const Learner&) = delete;

  /// From now on rounds are made, the first at once. `news` is called on threads of the learner's
  /// own when catalogs have changed.
  void start(std::function<void()> news);
  /// Waits for a round that is under way. No more news after it.
  void stop();

  void want(const std::vector<Account>& accounts, const std::set<std::string>& fields) override;
  std::shared_ptr<const Catalog> catalog(const Account& account) const override;
  std::shared_ptr<const Learned> learn(const Account& account,
                                       const std::set<std::string>& fields) override;

 private:
  class Watch;
  Watch& watch_of(const std::string& account) const;

  std::vector<std::unique_ptr<Watch>> watches_;
  std::map<std::string, Watch*> by_account_;  // of accounts with a cluster of their own
};

}  // namespace weir::proxy
