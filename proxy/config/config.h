// The configuration as plain values. Every option has one row in options.cc, from which the file
// format, the flags, the WEIR_* variables and the reference in the README come; load.h fills this
// in and checks it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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
  // None: the same of Config::tokens.
  std::optional<std::size_t> max_tokens = {};
  std::optional<std::size_t> max_filters = {};
  std::optional<std::size_t> max_filters_per_token = {};
  std::optional<std::size_t> max_links_per_token = {};
  std::optional<std::size_t> max_concurrent_calls = {};
  std::optional<Millis> default_ttl = {};
  std::optional<bool> confirm_widening = {};
  std::vector<std::string> frame_ancestors = {};  // who may embed the front's pages; empty: itself
};

/// When the API shows the secret of a shared token.
enum class Reveal : std::uint8_t {
  kAlways,  // on every read, as published
  kOnce,    // in the answer that makes it; it is stored nowhere
};

struct TokenSettings {
  Unfiltered unfiltered = Unfiltered::kAllow;
  Reveal reveal = Reveal::kAlways;
  // Life of a token that is created without an expiry.
  Millis default_ttl = std::chrono::hours(7 * 24);
  // Rows of one account; an honest account has dozens.
  std::size_t max_per_account = 10000;
  std::size_t max_filters_per_account = 10000;
  std::size_t max_filters_per_token = Limits{}.max_filters_per_token;
  std::size_t max_links_per_token = 100;
  // Calls of the API that one account has under way at one time, as published.
  std::size_t max_concurrent_calls = 100;
  // Whether a change that lets holders see more needs `?confirm=widen`.
  bool confirm_widening = false;
};

/// Lines of one account that are kept, the newest of each kind.
struct AuditSettings {
  std::size_t max_changes = 100000;
  std::size_t max_denials = 10000;
};

struct Config {
  std::string data = "./weir-data";
  std::string key_file;                // empty: Weir's own, `<data>/keys`
  std::vector<std::string> indices;    // of account `default`
  Profile profile = Profile::kSealed;  // of the accounts that name none
  Scripts scripts = Scripts::kDoc;     // the same
  Fields fields = Fields::kVisible;    // the same
  Millis fields_refresh = ServerSettings{}.fields_refresh;
  GateSettings gate;
  AdminSettings admin;
  std::size_t threads = 0;  // 0: one per core
  std::size_t buffered_bytes = ServerSettings{}.max_buffered_bytes;
  Millis keep_alive = std::chrono::seconds(Limits{}.max_keep_alive_seconds);  // of cursors, at most
  std::string front_listen;                                                   // empty: no front
  FrontSettings front;           // all but `listen` and `dashboards` until load_config() is done
  std::string front_dashboards;  // URL; empty: the built-in viewer
  std::string front_dashboards_ca;
  bool front_dashboards_verify = true;
  std::string upstream_url = "http://127.0.0.1:9200";
  UpstreamSettings upstream;  // all but what is in the URL, until load_config() has put that in too
  std::vector<std::string> upstream_headers;
  // Between two looks at the indices and mappings. A look at a cluster in which nothing changed
  // costs it one small answer.
  Millis mappings_interval{1000};
  std::string store_url;       // empty: `sqlite:<data>/weir.db`
  Millis store_timeout{5000};  // of one statement on a store that is on a network
  // How long a replica that has lost the store goes on, and a change waits for one that is gone.
  Millis store_lease{2000};
  TokenSettings tokens;
  AuditSettings audit;
  LogSettings log;
  std::vector<AccountConfig> accounts;  // load_config(): never empty
};

/// What the network side is built from. REQUIRES: `config` comes from load_config().
ServerSettings server_settings(const Config& config);

/// The accounts as the engine knows them.
std::vector<Account> policy_accounts(const Config& config);

/// Who may embed the pages of an account's links, as the sources of a `frame-ancestors` directive.
/// Only accounts that say so.
std::map<std::string, std::string> frame_ancestors(const Config& config);

/// What holds for the tokens of one account.
TokenSettings token_settings(const Config& config, const AccountConfig& account);

/// Weir's own key file, and that of the first API token.
std::string key_path(const Config& config);
std::string first_api_token_path(const Config& config);

}  // namespace weir::proxy
