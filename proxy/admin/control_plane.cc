#include "admin/control_plane.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "admin/first_start.h"
#include "config/load.h"

namespace weir::proxy {

ControlPlane::ControlPlane(Parts parts, Config config)
    : parts_(std::move(parts)),
      config_(std::move(config)),
      publisher_(parts_.policy, parts_.metrics, parts_.knowledge),
      api_({parts_.store, parts_.keys, publisher_, usage_, &parts_.log, parts_.now,
            parts_.knowledge},
           config_.tokens) {
  publisher_.set_frame(frame_of(config_));
}

Publisher::Frame ControlPlane::frame_of(const Config& config) const {
  return {policy_accounts(config), config.tokens.unfiltered, publisher_.frame().upstream_version};
}

std::vector<Problem> ControlPlane::bring_up(Transaction& work) {
  if (std::string wrong = check_key_of_store(work, parts_.keys); !wrong.empty()) {
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

std::vector<Problem> ControlPlane::start() try {
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
} catch (const StoreError& error) {
  return {{"store", error.what()}};
}

/// On problems the frame in use stays.
std::vector<Problem> ControlPlane::publish_with(Publisher::Frame frame, bool accounts_too) {
  Publisher::Frame old = publisher_.frame();
  publisher_.set_frame(std::move(frame));
  std::vector<Problem> problems;
  try {
    const auto work = accounts_too ? parts_.store.begin_write() : parts_.store.begin_read();
    if (accounts_too) {
      for (const Account& account : publisher_.frame().accounts) {
        work->put_account(account);
      }
    }
    auto prepared = publisher_.prepare(*work);
    if (prepared) {
      work->commit();
      publisher_.publish(std::move(prepared).value());
      return {};
    }
    problems = prepared.problems();
  } catch (const std::exception& error) {
    problems = {{"store", error.what()}};
  }
  publisher_.set_frame(std::move(old));
  return problems;
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
    problems = publish_with(frame_of(next), true);
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
  api_.set_settings(config_.tokens);
  parts_.log.set_level(config_.log.level);
  return true;
} catch (const std::exception& error) {
  parts_.log.event(LogLevel::kError, "reload_refused", {{"what", error.what()}});
  return false;
}

void ControlPlane::learn_version(const std::string& version) noexcept try {
  Publisher::Frame frame = publisher_.frame();
  frame.upstream_version = version;
  const auto problems = publish_with(std::move(frame), false);
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
  for (const Problem& problem : publish_with(publisher_.frame(), false)) {
    parts_.log.event(LogLevel::kError, "mappings_not_published", {{"what", problem.what}});
  }
} catch (const std::exception& error) {
  parts_.log.event(LogLevel::kError, "mappings_not_published", {{"what", error.what()}});
}

TokenDigest ControlPlane::digest(std::string_view secret) const noexcept {
  return parts_.keys.token_digest(secret).value_or(TokenDigest{});
}

void ControlPlane::flush_usage() noexcept try {
  usage_.flush(parts_.store);
  flush_failed_ = false;
} catch (const std::exception& error) {
  // Once, and not every few seconds while the disk stays full.
  if (!std::exchange(flush_failed_, true)) {
    parts_.log.event(LogLevel::kWarn, "last_used_not_stored", {{"reason", error.what()}});
  }
}

}  // namespace weir::proxy
