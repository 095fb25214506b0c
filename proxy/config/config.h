// The configuration as plain values. Every option has one row in options.cc, from which the file
// format, the flags, the WEIR_* variables and the reference in the README come; load.h fills this
// in and checks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/settings.h"
#include "observe/log.h"
#include "weir/policy.h"

namespace weir::proxy {

/// An index scope with tokens of its own, and the cluster it lives in.
struct AccountConfig {
  std::string name;
  std::vector<std::string> indices;
  std::string upstream;                 // URL; empty: `upstream.url`
  std::optional<Profile> profile = {};  // none: Config::profile
  std::optional<Scripts> scripts = {};  // none: Config::scripts
  std::optional<Fields> fields = {};    // none: Config::fields
};

struct TokenSettings {
  Unfiltered unfiltered = Unfiltered::kAllow;
  // Life of a token that is created without an expiry.
  Millis default_ttl = std::chrono::hours(7 * 24);
  // Rows of one account; an honest account has dozens.
  std::size_t max_per_account = 10000;
  std::size_t max_filters_per_account = 10000;
};

struct Config {
  std::string data = "./weir-data";
  std::vector<std::string> indices;    // of account `default`
  Profile profile = Profile::kSealed;  // of the accounts that name none
  Scripts scripts = Scripts::kDoc;     // the same
  Fields fields = Fields::kVisible;    // the same
  GateSettings gate;
  AdminSettings admin;
  std::size_t threads = 0;  // 0: one per core
  std::size_t buffered_bytes = ServerSettings{}.max_buffered_bytes;
  std::string front_listen;
  std::string upstream_url = "http://127.0.0.1:9200";
  UpstreamSettings upstream;  // all but what is in the URL, until load_config() has put that in too
  std::vector<std::string> upstream_headers;
  // Between two looks at the indices and mappings. A look at a cluster in which nothing changed
  // costs it one small answer.
  Millis mappings_interval{1000};
  std::string store_url;  // empty: `sqlite:<data>/weir.db`
  TokenSettings tokens;
  LogSettings log;
  std::vector<AccountConfig> accounts;  // load_config(): never empty
};

/// What the network side is built from. REQUIRES: `config` comes from load_config().
ServerSettings server_settings(const Config& config);

/// The accounts as the engine knows them.
std::vector<Account> policy_accounts(const Config& config);

/// The file of the key and that of the first API token.
std::string key_path(const Config& config);
std::string first_api_token_path(const Config& config);

}  // namespace weir::proxy
