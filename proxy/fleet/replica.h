// This process as one of several over a PostgreSQL store. It hears of every change, brings its
// policy up to it, and says so; and it answers only while it holds a lease. Leases are what makes a
// change certain: whoever changes something waits until each other replica has taken it over, or
// its lease must have ended.
//
// No clock of any machine, nor the database's, decides who holds a lease. A lease lasts from before
// its renewal was sent, by the clock of the replica that holds it; it is renewed only by a replica
// that knows the newest version, and the version stands still while that is looked at. So one whole
// lease after a change was committed, by the clock of whoever waits, nobody holds an older one.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "fleet/fleet.h"
#include "net/settings.h"
#include "net/shared_policy.h"
#include "store/postgresql.h"

namespace weir::proxy {

class Log;

class Replica final : public Fleet {
 public:
  struct Parts {
    std::string url;  // of the store
    Millis lease;
    std::string address;  // for people
    std::string frame;    // what all replicas have in common
    SharedPolicy& policy;
    Log& log;
    /// The version of the policy in force. Any thread.
    std::function<std::uint64_t()> in_force;
    /// Brings the policy in force up to the store. Called on a thread of the replica's own. Throws
    /// StoreError.
    std::function<void()> catch_up;
  };
  /// The policy ends with the lease from here on, and there is none yet.
  explicit Replica(Parts parts);
  ~Replica() override;

  /// What is wrong if others serve already that do not have this frame; waits one lease for those
  /// that might be gone. Before anything is written to the store. Throws StoreError.
  std::string admit();

  /// The first lease, and with it the thread that renews it. REQUIRES: a policy is in force. Throws
  /// StoreError.
  void start();

  /// No more lease. Others need not wait for this one. Nothing is answered any more when it is
  /// called.
  void leave() noexcept;

  void confirm(std::uint64_t version) noexcept override;
  std::string change_frame(const std::string& frame) override;

 private:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Seen {
    std::int64_t renewals = 0;
    TimePoint since;
  };

  std::string frame() const;
  void run();
  void renew();
  bool try_to_renew();
  void write_lease(std::uint64_t version);
  void look_at_others();
  bool acknowledged_by_all(std::uint64_t version);
  void forget_the_silent(std::uint64_t version);
  void note_good();
  void note_bad(const std::string& reason);

  Parts parts_;
  mutable std::mutex frame_mutex_;  // for parts_.frame
  const std::string id_;
  PostgresqlConnection link_;    // the thread's
  PostgresqlConnection asking_;  // the control thread's
  std::uint64_t listening_ = 0;  // the connecting at which LISTEN was said
  std::map<std::string, Seen> seen_;
  // INVARIANT: no number stands for two renewals, also if the row was deleted in between: to the
  // others, a number that stays is a replica that is gone.
  std::int64_t renewals_ = 0;
  int wake_ = -1;
  std::atomic<bool> stopped_{false};
  bool cut_off_ = false;
  std::thread thread_;
};

}  // namespace weir::proxy
