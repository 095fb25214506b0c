#include "config/load.h"

#include <algorithm>
#include <optional>
#include <set>
#include <sstream>
#include <utility>

#include "config/account_options.h"
#include "config/options.h"
#include "config/read_file.h"
#include "config/toml_file.h"
#include "store/store.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kMaxFileBytes = 4U << 20U;

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string word; in >> word;) {
    all.push_back(word);
  }
  return all;
}

class Loader {
 public:
  explicit Loader(const ConfigSources& sources) : sources_(sources) {}

  Result<Config> load() {
    TomlFile file;
    if (!sources_.file.empty()) {
      const auto text = read_file(sources_.file, kMaxFileBytes);
      if (text) {
        file = parse_toml(text.value(), sources_.file, problems_);
      }
      problems_.insert(problems_.end(), text.problems().begin(), text.problems().end());
    }
    for (const Option& option : options()) {
      take(option, file);
    }
    take_accounts(file);
    finish_accounts();
    finish_upstream();
    finish_tls("gate", config_.gate.tls.certificate_file, config_.gate.tls.key_file);
    finish_tls("admin", config_.admin.tls.certificate_file, config_.admin.tls.key_file);
    finish_tls("upstream", config_.upstream.client_certificate_file,
               config_.upstream.client_key_file);
    finish_tls("front", config_.front.tls.certificate_file, config_.front.tls.key_file);
    finish_front();
    finish_rest();
    if (!problems_.empty()) {
      return std::move(problems_);
    }
    return std::move(config_);
  }

 private:
  /// The text of a variable; null when there is none.
  const char* variable(const std::string& name) const {
    const char* text = sources_.variable(name);
    return text != nullptr && *text != '\0' ? text : nullptr;
  }

  void problem(const std::string& path, std::string what) {
    const auto found = places_.find(path);
    problems_.push_back({found != places_.end() ? found->second : path, std::move(what)});
  }

  /// Sets the option from the strongest source. The weaker ones are checked all the same.
  void take(const Option& option, const TomlFile& file) {
    const std::string path(option.path);
    if (const auto placed = file.values.find(path); placed != file.values.end()) {
      set(option, placed->second.value, placed->second.where);
    }
    const std::string_view alias = option.alias;
    for (const std::string_view name : {alias, option.path}) {
      const std::string known = name.empty() ? "" : variable_name(name);
      if (const char* text = known.empty() ? nullptr : variable(known)) {
        set(option, Value{std::string(text), false}, known);
      }
    }
    if (const auto flags = sources_.flags.find(path); flags != sources_.flags.end()) {
      const std::string flag = flag_name(alias.empty() ? option.path : alias);
      if (option.type == "list") {
        List all;
        for (const std::string& text : flags->second) {
          // Each repetition may hold several, the way a variable does.
          List some;
          const char separator = option.path == "upstream.headers" ? '\n' : ',';
          parse_list(Value{text, false}, separator, some);
          all.insert(all.end(), some.begin(), some.end());
        }
        set(option, Value{std::move(all), false}, flag);
      } else if (!flags->second.empty()) {
        set(option, Value{flags->second.back(), false}, flag);
      }
    }
  }

  void set(const Option& option, const Value& value, const std::string& where) {
    places_[std::string(option.path)] = where;
    if (std::string wrong = option.set(config_, value); !wrong.empty()) {
      problems_.push_back({where, "`" + std::string(option.path) + "`: " + wrong});
    }
  }

  /// Accounts of a stronger source replace those of a weaker one as a whole.
  void take_accounts(const TomlFile& file) {
    accounts_ = file.accounts;
    std::vector<std::pair<std::string, std::string>> texts;  // text, where
    if (const char* text = variable("WEIR_ACCOUNT")) {
      texts.emplace_back(text, "WEIR_ACCOUNT");
    }
    if (const auto flags = sources_.flags.find("account"); flags != sources_.flags.end()) {
      texts.clear();
      for (const std::string& text : flags->second) {
        texts.emplace_back(text, "--account");
      }
    }
    if (texts.empty()) {
      return;
    }
    accounts_.clear();
    for (const auto& [text, where] : texts) {
      List items;
      parse_list(Value{text, false}, ';', items);
      for (const std::string& item : items) {
        if (auto account = account_of(item, where)) {
          accounts_.push_back({std::move(*account), where});
        }
      }
    }
  }

  /// `NAME PATTERN,PATTERN [URL] [KEY=VALUE]...`.
  std::optional<AccountConfig> account_of(const std::string& item, const std::string& where) {
    AccountConfig account;
    bool good = false;
    std::string wrong;
    std::size_t place = 0;
    std::set<std::string> seen;
    for (const std::string& word : words(item)) {
      const std::size_t equals = word.find('=');
      const std::string key = word.substr(0, equals);
      ++place;
      if (place == 1) {
        account.name = word;
      } else if (place == 2) {
        parse_list(Value{word, false}, ',', account.indices);
        good = true;
      } else if (const AccountOption* option = find_account_option(key);
                 equals != std::string::npos && option != nullptr && seen.insert(key).second) {
        wrong += option->set(account, Value{word.substr(equals + 1), false});
      } else if (place == 3) {
        account.upstream = word;
      } else {
        good = false;
      }
    }
    if (good && wrong.empty()) {
      return account;
    }
    problems_.push_back({where, good ? "`" + item + "`: " + wrong
                                     : "`" + item +
                                           "` is not an account; write `NAME PATTERN,PATTERN "
                                           "[URL] [profile=relevance] [max_tokens=50] ...`"});
    return std::nullopt;
  }

  void finish_accounts() {
    if (!config_.indices.empty()) {
      accounts_.insert(accounts_.begin(), {{"default", config_.indices, ""}, places_["indices"]});
    } else if (accounts_.empty()) {
      accounts_.push_back({{"default", {"*"}, ""}, "account"});
    }
    for (const PlacedAccount& placed : accounts_) {
      check_account(placed);
      config_.accounts.push_back(placed.account);
    }
  }

  void check_account(const PlacedAccount& placed) {
    const AccountConfig& account = placed.account;
    const bool good_name = !account.name.empty() && account.name.size() <= 64 &&
                           std::all_of(account.name.begin(), account.name.end(), [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
                           });
    if (!good_name) {
      problems_.push_back(
          {placed.where,
           "`" + account.name +
               "` is not an account's name; use 1 to 64 letters, digits, `_`, `-`, `.`"});
    }
    if (account.indices.empty()) {
      problems_.push_back(
          {placed.where,
           "account `" + account.name + "` has no `indices`; name at least one index or pattern"});
    }
    const auto same = [&](const AccountConfig& other) { return other.name == account.name; };
    if (std::any_of(config_.accounts.begin(), config_.accounts.end(), same)) {
      problems_.push_back(
          {placed.where, "there are two accounts `" + account.name + "`; give each its own name" +
                             (account.name == "default"
                                  ? " (`indices` outside of an account is the scope of `default`)"
                                  : "")});
    }
    // The engine knows what an index pattern is; one account at a time, so that each problem has
    // its place.
    if (good_name && !account.indices.empty()) {
      PolicySource source;
      source.accounts.push_back({account.name, account.indices});
      const auto compiled = compile_policy(source);
      for (const Problem& found : compiled.problems()) {
        problems_.push_back({placed.where, "account `" + account.name + "`: " + found.what});
      }
    }
    if (!account.upstream.empty()) {
      UpstreamSettings ignored;
      if (std::string wrong = parse_url(account.upstream, ignored); !wrong.empty()) {
        problems_.push_back({placed.where, "`account.upstream`: " + wrong});
      }
    }
  }

  void finish_upstream() {
    UpstreamSettings& upstream = config_.upstream;
    if (std::string wrong = parse_url(config_.upstream_url, upstream); !wrong.empty()) {
      problem("upstream.url", "`upstream.url`: " + wrong);
    }
    for (const std::string& header : config_.upstream_headers) {
      const auto colon = header.find(':');
      const bool good = colon != std::string::npos && colon > 0 &&
                        header.find_first_of(" \t\r\n") >= colon &&
                        header.find_first_of("\r\n") == std::string::npos;
      if (!good) {
        problem("upstream.headers",
                "`upstream.headers`: each header is written `Name: value` on one line");
        continue;
      }
      const auto value = std::min(header.find_first_not_of(' ', colon + 1), header.size());
      upstream.headers.emplace_back(header.substr(0, colon), header.substr(value));
    }
    const bool basic = !upstream.basic_user.empty() || !upstream.basic_password.empty();
    if (basic &&
        (upstream.basic_user.empty() || upstream.basic_user.find(':') != std::string::npos)) {
      problem("upstream.user",
              "`upstream.user`: a user name without `:` is needed beside `upstream.password`");
    }
    if (basic && !config_.upstream_headers.empty()) {
      problem("upstream.headers",
              "`upstream.headers` and `upstream.user` are two credentials; give one");
    }
    upstream.credential = basic                      ? UpstreamCredential::kBasic
                          : upstream.headers.empty() ? UpstreamCredential::kNone
                                                     : UpstreamCredential::kHeaders;
  }

  void finish_tls(const std::string& section, const std::string& certificate,
                  const std::string& key) {
    if (certificate.empty() != key.empty()) {
      const std::string given = section + (certificate.empty() ? ".tls.key" : ".tls.certificate");
      const std::string missing = section + (certificate.empty() ? ".tls.certificate" : ".tls.key");
      problem(given, "`" + given + "` needs `" + missing + "` beside it");
    }
  }

  /// A URL without a path.
  void check_origin(const std::string& option, const std::string& url, UpstreamSettings& out) {
    std::string wrong = parse_url(url, out);
    if (wrong.empty() && !out.path_prefix.empty()) wrong = "give it without a path";
    if (!wrong.empty()) problem(option, "`" + option + "`: " + wrong);
  }

  void finish_front() {
    FrontSettings& front = config_.front;
    if (!config_.front_listen.empty()) {
      const std::string wrong =
          parse_address(Value{config_.front_listen, false}, front.listen.emplace());
      if (!wrong.empty()) problem("front.listen", "`front.listen`: " + wrong);
    }
    UpstreamSettings own;
    if (!front.url.empty()) check_origin("front.url", front.url, own);
    while (front.url.ends_with('/')) front.url.pop_back();
    if (!config_.front_dashboards.empty()) {
      UpstreamSettings& dashboards = front.dashboards.emplace();
      check_origin("front.dashboards", config_.front_dashboards, dashboards);
      dashboards.name = "dashboards";
      dashboards.ca_file = config_.front_dashboards_ca;
      dashboards.verify = config_.front_dashboards_verify;
      // Node closes what has been idle for 5 seconds unless it is told otherwise.
      dashboards.idle_timeout = Millis(4000);
      dashboards.body_idle_timeout = std::chrono::minutes(5);
    }
    if (front.same_site == SameSite::kNone && !front.tls.enabled() && !own.tls) {
      problem("front.same_site",
              "`front.same_site`: `none` needs `front.tls` or a `front.url` with https; browsers "
              "take such a cookie over https only");
    }
    front.limits.max_inflated_bytes = front.limits.max_body_bytes;
    const ListenLimits& gate = config_.gate.limits;
    front.limits.handshake_timeout = gate.handshake_timeout;
    front.limits.head_timeout = gate.head_timeout;
    front.limits.body_timeout = gate.body_timeout;
    front.limits.idle_timeout = gate.idle_timeout;
    front.limits.write_timeout = gate.write_timeout;
  }

  void finish_rest() {
    if (config_.data.empty()) {
      problem("data", "`data`: a folder is needed");
    }
    if (config_.store_url.empty()) {
      config_.store_url = "sqlite:" + config_.data + "/weir.db";
    } else if (const std::string wrong = check_store_url(config_.store_url); !wrong.empty()) {
      problem("store.url", "`store.url`: " + wrong);
    }
    const ListenAddress& gate = config_.gate.listen;
    const ListenAddress& admin = config_.admin.listen;
    if (gate.port != 0 && gate.port == admin.port && gate.host == admin.host) {
      problem("admin.listen", "`admin.listen`: the gate listens on `" + render_address(gate) +
                                  "` already; use another port");
    }
    const auto& front = config_.front.listen;
    for (const ListenAddress& other : {gate, admin}) {
      if (front && front->port != 0 && front->port == other.port && front->host == other.host) {
        problem("front.listen", "`front.listen`: something else of Weir's listens on `" +
                                    render_address(other) + "` already; use another port");
      }
    }
  }

  const ConfigSources& sources_;
  Config config_;
  std::vector<PlacedAccount> accounts_;
  std::map<std::string, std::string> places_;
  std::vector<Problem> problems_;
};

}  // namespace

Result<Config> load_config(const ConfigSources& sources) { return Loader(sources).load(); }

std::vector<std::string> changed_options(const Config& before, const Config& after) {
  std::vector<std::string> names;
  for (const Option& option : options()) {
    if (option.render(before) != option.render(after)) {
      names.emplace_back(option.path);
    }
  }
  return names;
}

Config reloaded(const Config& running, const Config& loaded, std::vector<std::string>& refused) {
  Config next = running;
  for (const Option& option : options()) {
    if (option.live) {
      option.copy(loaded, next);
    } else if (option.render(running) != option.render(loaded)) {
      refused.emplace_back(option.path);
    }
  }
  next.accounts.clear();
  for (AccountConfig account : loaded.accounts) {
    const auto old = std::find_if(
        running.accounts.begin(), running.accounts.end(),
        [&](const AccountConfig& candidate) { return candidate.name == account.name; });
    const bool known = old != running.accounts.end();
    if (account.upstream != (known ? old->upstream : "")) {
      refused.push_back("upstream of account `" + account.name + "`");
      if (!known) {
        continue;  // served from the wrong cluster would be worse than not served
      }
      account.upstream = old->upstream;
    }
    next.accounts.push_back(std::move(account));
  }
  return next;
}

}  // namespace weir::proxy
