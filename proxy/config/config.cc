#include "config/config.h"

#include "config/value.h"

namespace weir::proxy {

ServerSettings server_settings(const Config& config) {
  ServerSettings settings;
  settings.gate = config.gate;
  settings.admin = config.admin;
  settings.front = config.front;
  settings.worker_threads = config.threads;
  settings.max_buffered_bytes = config.buffered_bytes;
  settings.fields_refresh = config.fields_refresh;
  // The engine sees what the gate let through; two limits for one thing would only confuse.
  settings.engine_limits.max_body_bytes = config.gate.limits.max_inflated_bytes;
  settings.engine_limits.max_keep_alive_seconds = static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(config.keep_alive).count());
  // The first is the fallback for accounts without a cluster of their own.
  settings.upstreams.push_back(config.upstream);
  settings.upstreams.back().name = "";
  for (const AccountConfig& account : config.accounts) {
    if (!account.upstream.empty()) {
      settings.upstreams.push_back(config.upstream);
      settings.upstreams.back().name = account.name;
      // INVARIANT: load_config() has parsed it before.
      parse_url(account.upstream, settings.upstreams.back());
    }
  }
  return settings;
}

std::vector<Account> policy_accounts(const Config& config) {
  std::vector<Account> accounts;
  accounts.reserve(config.accounts.size());
  for (const AccountConfig& account : config.accounts) {
    accounts.push_back({account.name, account.indices, account.profile.value_or(config.profile),
                        account.scripts.value_or(config.scripts),
                        account.fields.value_or(config.fields)});
  }
  return accounts;
}

std::map<std::string, std::string> frame_ancestors(const Config& config) {
  std::map<std::string, std::string> all;
  for (const AccountConfig& account : config.accounts) {
    std::string sources;
    for (const std::string& source : account.frame_ancestors) {
      sources += sources.empty() ? "" : " ";
      sources += source == "self" || source == "none" ? "'" + source + "'" : source;
    }
    if (!sources.empty()) all.emplace(account.name, std::move(sources));
  }
  return all;
}

TokenSettings token_settings(const Config& config, const AccountConfig& account) {
  TokenSettings settings = config.tokens;
  settings.default_ttl = account.default_ttl.value_or(settings.default_ttl);
  settings.max_per_account = account.max_tokens.value_or(settings.max_per_account);
  settings.max_filters_per_account = account.max_filters.value_or(settings.max_filters_per_account);
  settings.max_filters_per_token =
      account.max_filters_per_token.value_or(settings.max_filters_per_token);
  settings.max_links_per_token =
      account.max_links_per_token.value_or(settings.max_links_per_token);
  settings.max_concurrent_calls =
      account.max_concurrent_calls.value_or(settings.max_concurrent_calls);
  settings.confirm_widening = account.confirm_widening.value_or(settings.confirm_widening);
  return settings;
}

std::string key_path(const Config& config) { return config.data + "/keys"; }

std::string first_api_token_path(const Config& config) { return config.data + "/api-token"; }

}  // namespace weir::proxy
