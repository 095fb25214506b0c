#include "learn/learner.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "learn/cluster.h"
#include "observe/log.h"

namespace weir::proxy {
namespace {

// A change of the policy falls into one of them rarely; more in a row are not waited out.
constexpr int kRounds = 4;

// However long a round takes, the cluster spends little of its time on us.
constexpr int kRestForWork = 4;

bool covers(const std::vector<std::string>& known, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& item) {
    return std::binary_search(known.begin(), known.end(), item);
  });
}

}  // namespace

/// A cluster and the thread that watches it.
class Learner::Watch {
 public:
  Watch(const UpstreamSettings& upstream, Millis interval, Log& the_log)
      : cluster(upstream), name_(upstream.name), interval_(interval), log_(the_log) {}
  ~Watch() { stop(); }
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void start(std::function<void()> news) {
    thread_ = std::thread([this, news = std::move(news)] { run(news); });
  }

  /// The next round begins at once.
  void hurry() {
    {
      const std::lock_guard lock(mutex_);
      hurried_ = true;
    }
    wake_.notify_all();
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

  Cluster cluster;

 private:
  void run(const std::function<void()>& news) {
    std::unique_lock lock(mutex_);
    while (!stopped_) {
      lock.unlock();
      const auto begin = std::chrono::steady_clock::now();
      const Cluster::Round round = cluster.ask();
      const auto spent = std::chrono::steady_clock::now() - begin;
      say(round);
      tell(news);
      lock.lock();
      wake_.wait_for(lock,
                     std::max<std::chrono::steady_clock::duration>(interval_, kRestForWork * spent),
                     [this] { return stopped_ || hurried_; });
      hurried_ = false;
    }
  }

  // Rounds are made for the control plane too; whoever made it, a change is told.
  void tell(const std::function<void()>& news) {
    const auto learned = cluster.known().learned;
    if (learned == told_) return;
    told_ = learned;
    log_.event(LogLevel::kInfo, "mappings_learnt",
               {{"upstream", name_},
                {"indices", std::to_string(learned->indices.size())},
                {"fields", std::to_string(learned->fields.size())}});
    news();
  }

  void say(Cluster::Round round) {
    const bool failed = round == Cluster::Round::kFailed;
    if (std::exchange(failed_, failed) != failed) {
      const std::string_view event = failed ? "mappings_not_learnt" : "mappings_learnt_again";
      log_.event(failed ? LogLevel::kWarn : LogLevel::kInfo, event, {{"upstream", name_}});
    }
  }

  const std::string name_;
  const Millis interval_;
  Log& log_;
  bool failed_ = false;  // the watching thread's own, and so is
  std::shared_ptr<const Learned> told_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  bool hurried_ = false;
  std::thread thread_;
};

Learner::Learner(const Config& config, Log& log) {
  for (const UpstreamSettings& upstream : server_settings(config).upstreams) {
    watches_.push_back(std::make_unique<Watch>(upstream, config.mappings_interval, log));
    if (!upstream.name.empty()) by_account_[upstream.name] = watches_.back().get();
  }
}

Learner::~Learner() { stop(); }

void Learner::start(std::function<void()> news) {
  for (const auto& watch : watches_) watch->start(news);
}

void Learner::stop() {
  for (const auto& watch : watches_) watch->stop();
}

Learner::Watch& Learner::watch_of(const std::string& account) const {
  const auto own = by_account_.find(account);
  return own == by_account_.end() ? *watches_.front() : *own->second;
}

void Learner::want(const std::vector<Account>& accounts, const std::set<std::string>& fields) {
  std::map<Watch*, std::set<std::string>> patterns;
  for (const auto& watch : watches_) patterns[watch.get()];
  for (const Account& account : accounts) {
    patterns[&watch_of(account.name)].insert(account.indices.begin(), account.indices.end());
  }
  const std::vector<std::string> names(fields.begin(), fields.end());
  for (auto& [watch, wanted] : patterns) {
    watch->cluster.want(std::move(wanted), fields);
    const auto learned = watch->cluster.known().learned;
    // Another replica has begun to filter by a field that was not looked at here.
    if (learned != nullptr && !covers(learned->fields, names)) watch->hurry();
  }
}

std::shared_ptr<const Catalog> Learner::catalog(const Account& account) const {
  Cluster& cluster = watch_of(account.name).cluster;
  const auto [learned, catalog] = cluster.known();
  return learned != nullptr && covers(learned->patterns, account.indices) ? catalog : nullptr;
}

std::shared_ptr<const Learned> Learner::learn(const Account& account,
                                              const std::set<std::string>& fields) {
  Cluster& cluster = watch_of(account.name).cluster;
  const std::vector<std::string> wanted(fields.begin(), fields.end());
  // Also for what is known already: the answer is about the indices as they are now. Asked again
  // where somebody who publishes has meanwhile put up a list without these fields (want()).
  for (int round = 0; round < kRounds; ++round) {
    cluster.want_also(account.indices, fields);
    const bool failed = cluster.ask() == Cluster::Round::kFailed;
    auto learned = cluster.known().learned;
    if (learned != nullptr && covers(learned->patterns, account.indices) &&
        covers(learned->fields, wanted)) {
      return learned;
    }
    if (failed) break;
  }
  return nullptr;
}

}  // namespace weir::proxy
