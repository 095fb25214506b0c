#include "fleet/replica.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <utility>

#include "observe/log.h"

namespace weir::proxy {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Millis kFirstPause{1};
constexpr Millis kLongestPause{20};
constexpr int kRenewalsPerLease = 3;
// A lease ends this part of it earlier for who holds it than for who waits: two machines' clocks
// may run this differently.
constexpr int kMarginPart = 20;

std::string random_name() {
  std::random_device random;
  std::string text;
  for (int n = 0; n < 16; ++n) text += "0123456789abcdef"[random() % 16];
  return text;
}

/// Undoes what was not committed, whatever happens.
class Beside {
 public:
  Beside(PostgresqlConnection& db, bool shared) : db_(db) { db_.begin_beside(shared); }
  ~Beside() { db_.roll_back(); }
  Beside(const Beside&) = delete;
  Beside& operator=(const Beside&) = delete;

 private:
  PostgresqlConnection& db_;
};

constexpr const char* kOtherFrame =
    "another replica serves from this store with other accounts, another `tokens.unfiltered` or "
    "another `store.lease`; give all replicas the same configuration, and to change it stop them "
    "all first";

}  // namespace

Replica::Replica(Parts parts)
    : parts_(std::move(parts)),
      id_(random_name()),
      link_(parts_.url, parts_.lease / kRenewalsPerLease),
      asking_(parts_.url, parts_.lease / kRenewalsPerLease),
      wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (wake_ < 0) throw StoreError("the system gave no event descriptor");
  parts_.policy.valid_until(BootTime{});
}

Replica::~Replica() {
  leave();
  ::close(wake_);
}

std::string Replica::admit() {
  std::map<std::string, std::int64_t> others;
  for (bool again = false;; again = true) {
    std::map<std::string, std::int64_t> now;
    Millis lease{0};
    {
      const Beside work(asking_, true);
      const auto read =
          asking_.prepare("SELECT id, renewals, lease_ms FROM replicas WHERE frame <> ?");
      read->bind(parts_.frame);
      while (read->step()) {
        now.emplace(read->text(0), read->integer(1));
        lease = std::max(lease, Millis(read->integer(2)));
      }
    }
    if (now.empty()) return {};
    if (again && now != others) return kOtherFrame;
    if (again) break;
    others = std::move(now);
    std::this_thread::sleep_for(lease);
  }
  const Beside work(asking_, true);
  for (const auto& [id, renewals] : others) {
    asking_.prepare("DELETE FROM replicas WHERE id = ? AND renewals = ?")
        ->bind(id)
        .bind(renewals)
        .run();
  }
  asking_.commit();
  return {};
}

void Replica::start() {
  renew();
  thread_ = std::thread([this] { run(); });
  parts_.log.event(LogLevel::kInfo, "replica_joined", {{"replica", id_}});
}

void Replica::leave() noexcept {
  if (stopped_.exchange(true)) return;
  parts_.policy.valid_until(BootTime{});
  const std::uint64_t one = 1;
  if (::write(wake_, &one, sizeof one) < 0) {  // it wakes by itself, a little later
  }
  if (!thread_.joinable()) return;
  thread_.join();
  try {
    const Beside work(link_, true);
    link_.prepare("DELETE FROM replicas WHERE id = ?")->bind(id_).run();
    link_.commit();
  } catch (const std::exception&) {  // the others wait for one lease then
  }
}

void Replica::run() {
  const Millis every = parts_.lease / kRenewalsPerLease;
  while (!stopped_.load()) {
    const TimePoint begin = Clock::now();
    Millis rest = every;
    try {
      renew();
    } catch (const std::exception& error) {
      note_bad(error.what());
      rest = every / kRenewalsPerLease;
    }
    const auto spent = std::chrono::duration_cast<Millis>(Clock::now() - begin);
    try {
      link_.wait(wake_, std::max(rest - spent, kFirstPause));
    } catch (const std::exception& error) {
      note_bad(error.what());
    }
  }
}

// Until it has the newest version, and a lease for it.
void Replica::renew() {
  while (!try_to_renew() && !stopped_.load()) parts_.catch_up();
}

bool Replica::try_to_renew() {
  // Before anything is sent: what the database thinks of the lease begins later.
  const BootTime sent = BootClock::now();
  const std::uint64_t version = parts_.in_force();
  const Beside work(link_, true);
  if (listening_ != link_.connectings()) {
    link_.execute("LISTEN weir_changes");
  }
  {
    const auto read = link_.prepare("SELECT version FROM change_version");
    if (!read->step() || static_cast<std::uint64_t>(read->integer(0)) != version) return false;
  }
  look_at_others();
  write_lease(version);
  link_.commit();
  listening_ = link_.connectings();
  if (!stopped_.load()) parts_.policy.valid_until(sent + parts_.lease - parts_.lease / kMarginPart);
  note_good();
  return true;
}

void Replica::write_lease(std::uint64_t version) {
  link_
      .prepare(
          "INSERT INTO replicas (id, address, frame, acknowledged, renewals, lease_ms, "
          "lease_until) VALUES (?, ?, ?, ?, ?, ?, clock_timestamp() + ? * interval '1 "
          "millisecond') ON CONFLICT (id) DO UPDATE SET acknowledged = excluded.acknowledged, "
          "renewals = excluded.renewals, lease_until = excluded.lease_until")
      ->bind(id_)
      .bind(parts_.address)
      .bind(frame())
      .bind(static_cast<std::int64_t>(version))
      .bind(++renewals_)
      .bind(std::int64_t{parts_.lease.count()})
      .bind(std::int64_t{parts_.lease.count()})
      .run();
}

// A row that has stood still for a whole lease is of a replica that has none: nobody needs to wait
// for it. Whoever comes back writes it anew.
void Replica::look_at_others() {
  std::map<std::string, Seen> seen;
  {
    const auto read = link_.prepare("SELECT id, renewals, frame FROM replicas WHERE id <> ?");
    const std::string own = frame();
    read->bind(id_);
    while (read->step()) {
      if (read->text(2) != own) throw StoreError(kOtherFrame);
      const auto old = seen_.find(read->text(0));
      const std::int64_t renewals = read->integer(1);
      const bool still = old != seen_.end() && old->second.renewals == renewals;
      seen.emplace(read->text(0), still ? old->second : Seen{renewals, Clock::now()});
    }
  }
  for (const auto& [id, last] : seen) {
    if (Clock::now() - last.since > parts_.lease) {
      link_.prepare("DELETE FROM replicas WHERE id = ? AND renewals = ?")
          ->bind(id)
          .bind(last.renewals)
          .run();
    }
  }
  seen_ = std::move(seen);
}

bool Replica::acknowledged_by_all(std::uint64_t version) {
  asking_.begin_read();
  try {
    const auto read =
        asking_.prepare("SELECT count(*) FROM replicas WHERE acknowledged < ? AND id <> ?");
    read->bind(static_cast<std::int64_t>(version)).bind(id_);
    const bool all = read->step() && read->integer(0) == 0;
    asking_.roll_back();
    return all;
  } catch (...) {
    asking_.roll_back();
    throw;
  }
}

// REQUIRES: a whole lease has passed since the version was committed.
void Replica::forget_the_silent(std::uint64_t version) {
  const Beside work(asking_, true);
  asking_.prepare("DELETE FROM replicas WHERE acknowledged < ? AND id <> ?")
      ->bind(static_cast<std::int64_t>(version))
      .bind(id_)
      .run();
  asking_.commit();
}

void Replica::confirm(std::uint64_t version) noexcept {
  const TimePoint certain = Clock::now() + parts_.lease;
  for (Millis pause = kFirstPause;; pause = std::min(2 * pause, kLongestPause)) {
    const bool over = Clock::now() >= certain;
    try {
      if (acknowledged_by_all(version)) return;
      if (over) forget_the_silent(version);
    } catch (const std::exception&) {  // then time alone tells
    }
    if (over) return;
    std::this_thread::sleep_for(pause);
  }
}

std::string Replica::change_frame(const std::string& frame) {
  // Nobody renews meanwhile, so nobody can join with the old one either.
  const Beside work(asking_, false);
  const auto read = asking_.prepare("SELECT count(*) FROM replicas WHERE id <> ?");
  read->bind(id_);
  if (!read->step() || read->integer(0) != 0) {
    return "other replicas serve from this store; accounts and `tokens.unfiltered` are the same "
           "for all of them, and to change them stop the others first";
  }
  asking_.prepare("UPDATE replicas SET frame = ? WHERE id = ?")->bind(frame).bind(id_).run();
  asking_.commit();
  const std::lock_guard lock(frame_mutex_);
  parts_.frame = frame;
  return {};
}

std::string Replica::frame() const {
  const std::lock_guard lock(frame_mutex_);
  return parts_.frame;
}

void Replica::note_good() {
  if (std::exchange(cut_off_, false)) {
    parts_.log.event(LogLevel::kInfo, "store_reached_again", {{"replica", id_}});
  }
}

void Replica::note_bad(const std::string& reason) {
  if (!std::exchange(cut_off_, true)) {
    parts_.log.event(LogLevel::kError, "store_not_reached", {{"replica", id_}, {"reason", reason}});
  }
}

}  // namespace weir::proxy
