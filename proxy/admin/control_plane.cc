#include "admin/control_plane.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "admin/first_start.h"
#include "config/load.h"
#include "observe/metrics.h"

namespace weir::proxy {
namespace {

// An account makes few changes in an hour, held against what is kept of them.
constexpr Seconds kTrimEvery = 3600;

ApiSettings api_settings(const Config& config) {
  ApiSettings settings{.other = config.tokens};
  for (const AccountConfig& account : config.accounts) {
    settings.accounts.emplace(account.name, token_settings(config, account));
  }
  settings.sessions = {.idle = config.admin.session_idle,
                       .lifetime = config.admin.session_lifetime,
                       .secure = config.admin.tls.enabled()};
  return settings;
}

CallLimiter::Limits call_limits(const Config& config) {
  CallLimiter::Limits limits{.other = config.tokens.max_concurrent_calls};
  for (const AccountConfig& account : config.accounts) {
    limits.accounts.emplace(account.name, token_settings(config, account).max_concurrent_calls);
  }
  return limits;
}

std::int64_t now_millis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

ControlPlane::ControlPlane(Parts parts, Config config)
    : parts_(std::move(parts)),
      config_(std::move(config)),
      publisher_(parts_.policy, parts_.metrics, parts_.knowledge),
      key_keeper_({parts_.store, parts_.keys, parts_.key_source, parts_.log, parts_.now,
                   !is_shared_store(config_.store_url)}),
      inquiries_({&parts_.keys.cursor_sealer(), parts_.knowledge, parts_.now},
                 server_settings(config_).upstreams),
      api_({parts_.store, parts_.keys, publisher_, usage_, tracer_, &parts_.log,
            parts_.now_ms ? parts_.now_ms : [now = parts_.now] { return now() * 1000; },
            parts_.knowledge, &inquiries_, nullptr, config_.front.url},
           &limiter_, api_settings(config_)) {
  publisher_.set_frame(frame_of(config_));
  limiter_.set_limits(call_limits(config_));
}

Publisher::Frame ControlPlane::frame_of(const Config& config) const {
  return {policy_accounts(config), config.tokens.unfiltered, publisher_.frame().upstream_version};
}

std::vector<Problem> ControlPlane::bring_up(Transaction& work) {
  if (std::string wrong = key_keeper_.bring_up(work); !wrong.empty()) {
    return {{"store", wrong}};
  }
  const auto& accounts = publisher_.frame().accounts;
  for (const Account& account : accounts) {
    work.put_account(account);
  }
  const bool has_default = publisher_.has_account("default");
  const char* given = std::getenv("WEIR_API_TOKEN");
  const FirstApiToken wanted{.account = has_default ? "default" : accounts.front().name,
                             .file = first_api_token_path(config_),
                             .variable = given != nullptr && *given != '\0' ? given : nullptr,
                             .now = parts_.now()};
  bool made = false;
  if (std::string wrong = make_first_api_token(work, parts_.keys, wanted, made); !wrong.empty()) {
    return {{"first API token", wrong}};
  }
  if (made) {
    parts_.log.event(LogLevel::kInfo, "first_api_token",
                     {{"account", wanted.account}, {"file", wanted.file}});
  }
  return {};
}

void ControlPlane::trim_audit(Transaction& work) {
  for (const Account& account : publisher_.frame().accounts) {
    work.trim_audit(account.name, "change", config_.audit.max_changes);
    work.trim_audit(account.name, "denial", config_.audit.max_denials);
  }
}

std::vector<Problem> ControlPlane::start() {
  const auto turn = publisher_.turn();
  const auto work = parts_.store.begin_write();
  auto problems = bring_up(*work);
  if (!problems.empty()) {
    return problems;
  }
  auto prepared = publisher_.prepare(*work);
  if (!prepared) {
    return prepared.problems();
  }
  work->commit();
  publisher_.publish(std::move(prepared).value());
  return {};
}

/// With other accounts, and what the store is to know of them. On problems the frame in use stays.
std::vector<Problem> ControlPlane::publish_accounts(Publisher::Frame frame) {
  auto turn = publisher_.turn();
  auto old = publisher_.shared_frame();
  publisher_.set_frame(std::move(frame));
  std::vector<Problem> problems;
  try {
    const auto work = parts_.store.begin_write();
    for (const Account& account : publisher_.frame().accounts) {
      work->put_account(account);
    }
    auto prepared = publisher_.prepare(*work);
    if (prepared) {
      work->commit();
      publisher_.publish(std::move(prepared).value());
      turn.unlock();
      if (fleet_ != nullptr) {
        fleet_->confirm(publisher_.version());
      }
      return {};
    }
    problems = prepared.problems();
  } catch (const std::exception& error) {
    problems = {{"store", error.what()}};
  }
  publisher_.put_frame(std::move(old));
  return problems;
}

/// Reads all rows without the turn: with many of them that takes seconds, and meanwhile another
/// replica's change must come into force here too.
std::vector<Problem> ControlPlane::publish_anew(Publisher::FramePointer frame) {
  const auto begun = publisher_.read_anew(parts_.store, frame);
  if (!begun) {
    return begun.problems();
  }
  const auto turn = publisher_.turn();
  const auto work = parts_.store.begin_read();
  auto old = publisher_.shared_frame();
  publisher_.put_frame(std::move(frame));
  std::vector<Problem> problems;
  try {
    auto prepared = publisher_.prepare(*work, begun.value());
    if (prepared) {
      publisher_.publish(std::move(prepared).value());
      return {};
    }
    problems = prepared.problems();
  } catch (const std::exception& error) {
    problems = {{"store", error.what()}};
  }
  publisher_.put_frame(std::move(old));
  return problems;
}

void ControlPlane::set_fleet(Fleet* fleet) noexcept {
  fleet_ = fleet;
  api_.set_fleet(fleet);
}

std::string ControlPlane::frame_text(const Config& config) {
  std::string text = "lease " + std::to_string(config.store_lease.count()) + "\nunfiltered " +
                     (config.tokens.unfiltered == Unfiltered::kDeny ? "deny\n" : "allow\n");
  std::vector<Account> accounts = policy_accounts(config);
  std::sort(accounts.begin(), accounts.end(),
            [](const Account& a, const Account& b) { return a.name < b.name; });
  for (const Account& account : accounts) {
    text += "account " + account.name + "\n" + scope_text(account);
  }
  return text;
}

std::vector<Problem> ControlPlane::tell_fleet(const Config& next) try {
  const std::string frame = frame_text(next);
  if (fleet_ == nullptr || frame == frame_text(config_)) {
    return {};
  }
  const std::string wrong = fleet_->change_frame(frame);
  return wrong.empty() ? std::vector<Problem>() : std::vector<Problem>{{"store", wrong}};
} catch (const StoreError& error) {
  return {{"store", error.what()}};
}

void ControlPlane::catch_up() {
  const auto turn = publisher_.turn();
  const auto work = parts_.store.begin_read();
  auto prepared = publisher_.prepare(*work);
  if (!prepared) {
    throw StoreError("the policy in the store cannot be used: " + prepared.problems().front().what);
  }
  publisher_.publish(std::move(prepared).value());
}

bool ControlPlane::reload(const Result<Config>& loaded) noexcept try {
  std::vector<Problem> problems = loaded.problems();
  std::vector<std::string> refused;
  Config next;
  if (problems.empty()) {
    next = reloaded(config_, loaded.value(), refused);
    if (parts_.knowledge != nullptr) {
      // Searches of an account whose scope is new would be refused until the next look.
      for (const Account& account : policy_accounts(next)) {
        if (parts_.knowledge->learn(account, {}) == nullptr) {
          break;
        }
      }
    }
    problems = tell_fleet(next);
    if (problems.empty()) {
      problems = publish_accounts(frame_of(next));
    }
  }
  for (const Problem& problem : problems) {
    parts_.log.event(LogLevel::kError, "reload_refused",
                     {{"where", problem.where}, {"what", problem.what}});
  }
  if (!problems.empty()) {
    return false;
  }
  for (const std::string& name : refused) {
    parts_.log.event(LogLevel::kWarn, "reload_needs_restart", {{"option", name}});
  }
  for (const std::string& name : changed_options(config_, next)) {
    parts_.log.event(LogLevel::kInfo, "reload_changed", {{"option", name}});
  }
  config_ = std::move(next);
  next_trim_ = 0;
  api_.set_settings(api_settings(config_));
  limiter_.set_limits(call_limits(config_));
  parts_.log.set_level(config_.log.level);
  look_at_keys();
  return true;
} catch (const std::exception& error) {
  parts_.log.event(LogLevel::kError, "reload_refused", {{"what", error.what()}});
  return false;
}

void ControlPlane::learn_version(const std::string& version) noexcept try {
  std::vector<Problem> problems;
  if (version != publisher_.frame().upstream_version) {
    Publisher::Frame frame = publisher_.frame();
    frame.upstream_version = version;
    problems = publish_anew(std::make_shared<const Publisher::Frame>(std::move(frame)));
  }
  for (const Problem& problem : problems) {
    parts_.log.event(LogLevel::kWarn, "upstream_version_not_published", {{"what", problem.what}});
  }
  if (problems.empty()) {
    parts_.log.event(LogLevel::kInfo, "upstream_version", {{"version", version}});
  }
} catch (const std::exception& error) {
  parts_.log.event(LogLevel::kWarn, "upstream_version_not_published", {{"what", error.what()}});
}

void ControlPlane::learn_indices() noexcept try {
  {
    // A change may have taken them over already.
    const auto turn = publisher_.turn();
    if (publisher_.is_current()) {
      return;
    }
  }
  for (const Problem& problem : publish_anew(publisher_.shared_frame())) {
    parts_.log.event(LogLevel::kError, "mappings_not_published", {{"what", problem.what}});
  }
} catch (const std::exception& error) {
  parts_.log.event(LogLevel::kError, "mappings_not_published", {{"what", error.what()}});
}

void ControlPlane::look_at_keys() noexcept try {
  key_keeper_.look([this] { return publish_anew(publisher_.shared_frame()).empty(); });
  look_failed_ = false;
} catch (const std::exception& error) {
  // Once, and not every few seconds while the disk stays full.
  if (!std::exchange(look_failed_, true)) {
    parts_.log.event(LogLevel::kWarn, "keys_not_looked_at", {{"reason", error.what()}});
  }
}

std::optional<CallLimiter::Place> ControlPlane::enter(std::string_view api_token) noexcept try {
  const TokenDigests digests = parts_.keys.api_token_digests(api_token);
  return limiter_.enter(digests.size() == 0 ? TokenDigest{} : *digests.begin());
} catch (const std::bad_alloc&) {
  return std::nullopt;
}

void ControlPlane::note_denial(const Denial& denial) noexcept {
  usage_.note_denial(denial.token_id);
  if (!denials_.note(denial, now_millis()) && parts_.metrics != nullptr) {
    parts_.metrics->denials_dropped(1);
  }
}

void ControlPlane::flush_usage() noexcept try {
  parts_.policy.free_replaced();
  usage_.flush(parts_.store);
  denials_.flush(parts_.store, config_.audit.max_denials);
  if (parts_.now() >= next_trim_) {
    const auto work = parts_.store.begin_write();
    trim_audit(*work);
    work->commit();
    next_trim_ = parts_.now() + kTrimEvery;
  }
  flush_failed_ = false;
} catch (const std::exception& error) {
  // Once, and not every few seconds while the disk stays full.
  if (!std::exchange(flush_failed_, true)) {
    parts_.log.event(LogLevel::kWarn, "last_used_not_stored", {{"reason", error.what()}});
  }
}

}  // namespace weir::proxy
