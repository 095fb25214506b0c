#include "config/options.h"

#include <limits>
#include <utility>

namespace weir::proxy {
namespace {

constexpr std::uint64_t kKiB = 1024;
constexpr std::uint64_t kMiB = 1024 * kKiB;
constexpr Millis kMs{1};
constexpr Millis kSecond{1000};
constexpr Millis kHour{3600 * 1000};
constexpr Millis kDay = 24 * kHour;

// In the order of the enumerators.
const std::vector<std::string_view> kProfiles = {"sealed", "relevance"};
const std::vector<std::string_view> kScripts = {"off", "doc"};
const std::vector<std::string_view> kFields = {"visible", "mapping"};

template <typename Enum>
std::string parse_enum(const Value& value, const std::vector<std::string_view>& names,
                       std::optional<Enum>& out) {
  std::size_t index = 0;
  std::string wrong = parse_choice(value, names, index);
  if (wrong.empty()) out = static_cast<Enum>(index);
  return wrong;
}

// Each maker takes an accessor `at`: a generic lambda from Config to the field.

template <typename At>
Option base(std::string_view path, std::string_view type, At at, std::string_view doc) {
  Option option;
  option.path = path;
  option.type = type;
  option.doc = doc;
  option.copy = [at](const Config& from, Config& to) { at(to) = at(from); };
  return option;
}

template <typename At>
Option text(std::string_view path, At at, std::string_view doc, std::string_view type = "text") {
  Option option = base(path, type, at, doc);
  option.render = [at](const Config& config) { return at(config); };
  option.set = [at](Config& config, const Value& value) { return parse_text(value, at(config)); };
  return option;
}

template <typename At>
Option list(std::string_view path, At at, char separator, std::string_view doc) {
  Option option = base(path, "list", at, doc);
  option.render = [at, separator](const Config& config) {
    return render_list(at(config), separator);
  };
  option.set = [at, separator](Config& config, const Value& value) {
    return parse_list(value, separator, at(config));
  };
  return option;
}

template <typename At>
Option toggle(std::string_view path, At at, std::string_view doc) {
  Option option = base(path, "true, false", at, doc);
  option.render = [at](const Config& config) { return std::string(at(config) ? "true" : "false"); };
  option.set = [at](Config& config, const Value& value) { return parse_switch(value, at(config)); };
  return option;
}

template <typename At>
Option address(std::string_view path, At at, std::string_view doc) {
  Option option = base(path, "IP:PORT", at, doc);
  option.render = [at](const Config& config) { return render_address(at(config)); };
  option.set = [at](Config& config, const Value& value) {
    return parse_address(value, at(config));
  };
  return option;
}

template <typename At>
Option number(std::string_view path, At at, std::uint64_t low, std::uint64_t high,
              std::string_view doc) {
  Option option = base(path, "number", at, doc);
  option.render = [at](const Config& config) { return std::to_string(at(config)); };
  option.set = [at, low, high](Config& config, const Value& value) {
    std::uint64_t parsed = 0;
    std::string wrong = parse_count(value, low, high, parsed);
    if (wrong.empty()) {
      at(config) = static_cast<std::remove_reference_t<decltype(at(config))>>(parsed);
    }
    return wrong;
  };
  return option;
}

template <typename At>
Option size(std::string_view path, At at, std::uint64_t low, std::uint64_t high,
            std::string_view doc) {
  Option option = base(path, "size", at, doc);
  option.render = [at](const Config& config) { return render_size(at(config)); };
  option.set = [at, low, high](Config& config, const Value& value) {
    std::uint64_t parsed = 0;
    std::string wrong = parse_size(value, low, high, parsed);
    if (wrong.empty()) {
      at(config) = parsed;
    }
    return wrong;
  };
  return option;
}

template <typename At>
Option duration(std::string_view path, At at, Millis low, Millis high, std::string_view doc) {
  Option option = base(path, "time", at, doc);
  option.render = [at](const Config& config) { return render_duration(at(config)); };
  option.set = [at, low, high](Config& config, const Value& value) {
    return parse_duration(value, low, high, at(config));
  };
  return option;
}

/// `names` in the order of the enumerators.
template <typename At>
Option choice(std::string_view path, At at, std::vector<std::string_view> names,
              std::string_view type, std::string_view doc) {
  Option option = base(path, type, at, doc);
  option.render = [at, names](const Config& config) {
    return std::string(names.at(static_cast<std::size_t>(at(config))));
  };
  option.set = [at, names](Config& config, const Value& value) {
    std::size_t index = 0;
    std::string wrong = parse_choice(value, names, index);
    if (wrong.empty()) {
      at(config) = static_cast<std::remove_reference_t<decltype(at(config))>>(index);
    }
    return wrong;
  };
  return option;
}

Option live(Option option) {
  option.live = true;
  return option;
}
Option alias(std::string_view name, Option option) {
  option.alias = name;
  return option;
}

using Options = std::vector<Option>;

// The accessor of a field.
#define WEIR_AT(field) \
  [](auto& config) -> auto& { return config.field; }

void add_general(Options& all) {
  all.push_back(text("data", WEIR_AT(data),
                     "Folder of the key file and of the first API token. Created if missing.",
                     "path"));
  all.push_back(
      text("key.file", WEIR_AT(key_file),
           "Your own file with the keys that encrypt the store, the same on every server; it must "
           "exist. Empty: `keys` in the data folder, which is made at the first start. The keys "
           "themselves may be in the variable `WEIR_KEY` instead, which comes before both.",
           "path"));
  all.push_back(live(list("indices", WEIR_AT(indices), ',',
                          "Index scope of the account `default`: names and patterns. Unset and "
                          "without any account: every index that "
                          "is not hidden or a system index.")));
  all.push_back(live(choice("profile", WEIR_AT(profile), kProfiles, "sealed, relevance",
                            "For accounts that name none: whether relevance scores are level, so "
                            "that they tell nothing of hidden documents, or OpenSearch's own.")));
  all.push_back(live(choice("scripts", WEIR_AT(scripts), kScripts, "off, doc",
                            "For accounts that name none: whether requests may hold scripts that "
                            "see nothing but the document at hand.")));
  all.push_back(live(choice("fields", WEIR_AT(fields), kFields, "visible, mapping",
                            "For accounts that name none: whether `_field_caps` lists the fields "
                            "that visible documents have, or all of the mappings.")));
}

void add_listeners(Options& all) {
  all.push_back(
      alias("gate", address("gate.listen", WEIR_AT(gate.listen), "Where token holders come in.")));
  all.push_back(text(
      "gate.tls.certificate", WEIR_AT(gate.tls.certificate_file),
      "Certificate chain in PEM; with the key, turns TLS on. The file is read again at a reload.",
      "path"));
  all.push_back(text("gate.tls.key", WEIR_AT(gate.tls.key_file),
                     "Private key in PEM. Read again at a reload.", "path"));
  all.push_back(toggle("gate.tls.require_13", WEIR_AT(gate.tls.require_tls13),
                       "Speak TLS 1.3 only; otherwise 1.2 too."));
  all.push_back(
      number("gate.threads", WEIR_AT(threads), 0, 1024, "Worker threads; 0 for one per core."));
  all.push_back(alias(
      "admin", address("admin.listen", WEIR_AT(admin.listen),
                       "Where the Shared Tokens API, `/metrics` and the health checks are.")));
  all.push_back(text("admin.tls.certificate", WEIR_AT(admin.tls.certificate_file),
                     "Certificate chain in PEM. Read again at a reload.", "path"));
  all.push_back(text("admin.tls.key", WEIR_AT(admin.tls.key_file),
                     "Private key in PEM. Read again at a reload.", "path"));
  all.push_back(toggle("admin.tls.require_13", WEIR_AT(admin.tls.require_tls13),
                       "Speak TLS 1.3 only; otherwise 1.2 too."));
  all.push_back(live(duration("admin.session_idle", WEIR_AT(admin.session_idle), kSecond, kDay,
                              "How long a session of the console lives without a request.")));
  all.push_back(
      live(duration("admin.session_lifetime", WEIR_AT(admin.session_lifetime), kSecond, 30 * kDay,
                    "How long it lives at most; then one signs in again.")));
}

void add_front(Options& all) {
  all.push_back(
      alias("front", text("front.listen", WEIR_AT(front_listen),
                          "Where browsers come in with shared links; empty: nowhere.", "IP:PORT")));
  all.push_back(
      text("front.url", WEIR_AT(front.url),
           "What browsers call the front, `http[s]://HOST[:PORT]`: for links, and then the "
           "only host it answers to. Empty: any host, and links have no address.",
           "URL"));
  all.push_back(
      text("front.dashboards", WEIR_AT(front_dashboards),
           "The OpenSearch Dashboards that links lead to, `http[s]://HOST[:PORT]`. Empty: "
           "the built-in log viewer.",
           "URL"));
  all.push_back(text("front.dashboards_ca", WEIR_AT(front_dashboards_ca),
                     "Authorities in PEM for it; empty for the system's.", "path"));
  all.push_back(toggle("front.dashboards_verify", WEIR_AT(front_dashboards_verify),
                       "Check its certificate and host name. Leave it on."));
  all.push_back(text("front.tls.certificate", WEIR_AT(front.tls.certificate_file),
                     "Certificate chain in PEM. Read again at a reload.", "path"));
  all.push_back(text("front.tls.key", WEIR_AT(front.tls.key_file),
                     "Private key in PEM. Read again at a reload.", "path"));
  all.push_back(toggle("front.tls.require_13", WEIR_AT(front.tls.require_tls13),
                       "Speak TLS 1.3 only; otherwise 1.2 too."));
  all.push_back(choice("front.same_site", WEIR_AT(front.same_site), {"lax", "none"}, "lax, none",
                       "Whether pages of other sites may show the front in a frame: then `none`, "
                       "which needs https (and `frame_ancestors` of the account)."));
  all.push_back(toggle("front.marker", WEIR_AT(front.marker),
                       "The note \"shared view\" with the link's end, on every page."));
  all.push_back(number("front.connections", WEIR_AT(front.limits.max_connections), 1, 1000000,
                       "Open connections of browsers."));
  all.push_back(size("front.body_bytes", WEIR_AT(front.limits.max_body_bytes), kKiB, 1024 * kMiB,
                     "Body of a browser's request."));
}

void add_upstream(Options& all) {
  all.push_back(
      alias("upstream", text("upstream.url", WEIR_AT(upstream_url),
                             "The search cluster: `http[s]://HOST[:PORT][/PREFIX]`.", "URL")));
  all.push_back(text("upstream.user", WEIR_AT(upstream.basic_user), "User for HTTP Basic."));
  all.push_back(text("upstream.password", WEIR_AT(upstream.basic_password),
                     "Password for HTTP Basic; better given as a variable than in a file."));
  all.push_back(list("upstream.headers", WEIR_AT(upstream_headers), '\n',
                     "Headers to send instead of HTTP Basic, each `Name: value` (in the "
                     "variable: one per line)."));
  all.push_back(text("upstream.tls.ca", WEIR_AT(upstream.ca_file),
                     "Authorities in PEM; empty for the system's.", "path"));
  all.push_back(toggle("upstream.tls.verify", WEIR_AT(upstream.verify),
                       "Check certificate and host name. Leave it on."));
  all.push_back(text("upstream.tls.certificate", WEIR_AT(upstream.client_certificate_file),
                     "Client certificate in PEM.", "path"));
  all.push_back(
      text("upstream.tls.key", WEIR_AT(upstream.client_key_file), "Its key in PEM.", "path"));
  all.push_back(number("upstream.connections", WEIR_AT(upstream.max_connections), 1, 65536,
                       "Open connections per worker thread."));
  all.push_back(number("upstream.waiters", WEIR_AT(upstream.max_waiters), 0, 1000000,
                       "Requests that wait for a connection, per worker thread."));
  all.push_back(duration("upstream.wait_timeout", WEIR_AT(upstream.pool_wait_timeout), kMs, kHour,
                         "How long they wait."));
  all.push_back(duration("upstream.connect_timeout", WEIR_AT(upstream.connect_timeout), kMs, kHour,
                         "Resolve, connect and TLS together."));
  all.push_back(duration("upstream.write_timeout", WEIR_AT(upstream.write_timeout), kMs, kHour,
                         "One piece of a request."));
  all.push_back(duration("upstream.answer_timeout", WEIR_AT(upstream.head_timeout), kMs, kHour,
                         "From the request's end to the answer's head."));
  all.push_back(duration("upstream.body_timeout", WEIR_AT(upstream.body_idle_timeout), kMs, kHour,
                         "Between two pieces of an answer."));
  all.push_back(duration("upstream.idle_timeout", WEIR_AT(upstream.idle_timeout), kMs, kHour,
                         "How long an unused connection is kept."));
  all.push_back(size("upstream.head_bytes", WEIR_AT(upstream.max_head_bytes), 4 * kKiB, 16 * kMiB,
                     "Largest head of an answer."));
  all.push_back(duration("upstream.mappings_interval", WEIR_AT(mappings_interval), 100 * kMs, kHour,
                         "How often new and changed indices are looked for. An index is visible "
                         "to tokens once its mapping has been seen."));
  all.push_back(duration("upstream.fields_interval", WEIR_AT(fields_refresh), Millis::zero(), kHour,
                         "How old an answer of `_field_caps` may be before visible documents are "
                         "looked through anew, behind the answer; `0s`: for each request."));
}

void add_store_and_tokens(Options& all) {
  all.push_back(alias(
      "store", text("store.url", WEIR_AT(store_url),
                    "The token store: `sqlite:PATH`, or `postgresql://user@host/database` for any "
                    "number of replicas. Empty: `weir.db` in the data folder.",
                    "URL")));
  all.push_back(duration("store.timeout", WEIR_AT(store_timeout), 100 * kMs, kHour,
                         "For one statement, or to connect, with PostgreSQL."));
  all.push_back(duration("store.lease", WEIR_AT(store_lease), 300 * kMs, 60 * kSecond,
                         "With PostgreSQL: how long a replica goes on answering that has lost the "
                         "store, and how long a change waits for a replica that is gone. The same "
                         "for all replicas."));
  all.push_back(
      live(choice("tokens.unfiltered", WEIR_AT(tokens.unfiltered), {"allow", "deny"}, "allow, deny",
                  "Whether a token without filters sees everything in its account or nothing.")));
  all.push_back(live(choice(
      "tokens.reveal", WEIR_AT(tokens.reveal), {"always", "once"}, "always, once",
      "When the API shows a token's secret: on every read, as published, or only in the answer "
      "that makes it. With `once` new secrets are not stored.")));
  all.push_back(live(duration("tokens.default_ttl", WEIR_AT(tokens.default_ttl), kMinTtl, kMaxTtl,
                              "Life of a token that is created without `expirationDate`.")));
  all.push_back(live(number("tokens.max_per_account", WEIR_AT(tokens.max_per_account), 1, kMaxRows,
                            "Shared tokens of one account.")));
  all.push_back(
      live(number("tokens.max_filters_per_account", WEIR_AT(tokens.max_filters_per_account), 1,
                  kMaxRows, "Filters of one account.")));
  all.push_back(live(number("tokens.max_filters_per_token", WEIR_AT(tokens.max_filters_per_token),
                            1, Limits{}.max_filters_per_token, "Filters of one shared token.")));
  all.push_back(live(number("tokens.max_links_per_token", WEIR_AT(tokens.max_links_per_token), 1,
                            kMaxLinks, "Sharing links of one shared token.")));
  all.push_back(
      live(number("tokens.max_concurrent_calls", WEIR_AT(tokens.max_concurrent_calls), 1, kMaxCalls,
                  "Calls of the API that one account may have under way at one time; "
                  "beyond that the answer is 429.")));
  all.push_back(live(toggle("tokens.confirm_widening", WEIR_AT(tokens.confirm_widening),
                            "Whether a change that lets holders see more, or for longer, is "
                            "refused without `?confirm=widen`.")));
  all.push_back(live(number("audit.max_changes", WEIR_AT(audit.max_changes), 1, kMaxRows,
                            "Changes in the audit of one account; beyond that the oldest go.")));
  all.push_back(live(number("audit.max_denials", WEIR_AT(audit.max_denials), 1, kMaxRows,
                            "Denials in it, counted by themselves.")));
}

void add_limits(Options& all) {
  all.push_back(size("limits.head_bytes", WEIR_AT(gate.limits.max_head_bytes), 4 * kKiB, kMiB,
                     "Head of a request at the gate."));
  all.push_back(number("limits.header_count", WEIR_AT(gate.limits.max_header_count), 8, 1024,
                       "Header lines in it."));
  all.push_back(size("limits.body_bytes", WEIR_AT(gate.limits.max_body_bytes), kKiB, 1024 * kMiB,
                     "Body of a request, as sent."));
  all.push_back(size("limits.inflated_bytes", WEIR_AT(gate.limits.max_inflated_bytes), kKiB,
                     1024 * kMiB, "The same, decompressed."));
  all.push_back(size("limits.buffered_bytes", WEIR_AT(buffered_bytes), kMiB, 1024 * 1024 * kMiB,
                     "Bodies held by the whole process at one time."));
  all.push_back(
      duration("limits.keep_alive", WEIR_AT(keep_alive), kSecond, kDay,
               "Longest `keep_alive` of a scroll or point in time: OpenSearch holds files "
               "and memory for each."));
  all.push_back(number("limits.connections", WEIR_AT(gate.limits.max_connections), 1, 1000000,
                       "Open client connections at the gate."));
  all.push_back(number("limits.requests_per_token", WEIR_AT(gate.limits.max_requests_per_token), 1,
                       1000000, "Requests of one token at once."));
  all.push_back(duration("limits.handshake_timeout", WEIR_AT(gate.limits.handshake_timeout), kMs,
                         kHour, "TLS handshake."));
  all.push_back(duration("limits.head_timeout", WEIR_AT(gate.limits.head_timeout), kMs, kHour,
                         "Arrival of a request's head."));
  all.push_back(duration("limits.body_timeout", WEIR_AT(gate.limits.body_timeout), kMs, kHour,
                         "Arrival of its body."));
  all.push_back(duration("limits.idle_timeout", WEIR_AT(gate.limits.idle_timeout), kMs, kDay,
                         "A connection without a request."));
  all.push_back(duration("limits.write_timeout", WEIR_AT(gate.limits.write_timeout), kMs, kHour,
                         "A piece of an answer that the client does not take."));
  all.push_back(duration("limits.drain_timeout", WEIR_AT(gate.limits.drain_timeout), kMs, kHour,
                         "Requests in flight at a stop."));
}

void add_log(Options& all) {
  all.push_back(
      live(choice("log.level", WEIR_AT(log.level), {"debug", "info", "warn", "error", "off"},
                  "debug, info, warn, error, off", "Least important lines to write.")));
  all.push_back(
      text("log.file", WEIR_AT(log.file), "File to append to; empty for standard error.", "path"));
  all.push_back(toggle("log.requests", WEIR_AT(log.requests),
                       "A line for each request, not only for those that failed."));
}

#undef WEIR_AT

Options make_options() {
  Options all;
  add_general(all);
  add_listeners(all);
  add_front(all);
  add_upstream(all);
  add_store_and_tokens(all);
  add_limits(all);
  add_log(all);
  return all;
}

std::string spelled(std::string_view prefix, std::string_view path, char joint, bool upper) {
  std::string name(prefix);
  for (const char c : path) {
    const bool letter = c >= 'a' && c <= 'z';
    name.push_back(c == '.' || c == '_' ? joint
                   : letter && upper    ? static_cast<char>(c - 'a' + 'A')
                                        : c);
  }
  return name;
}

}  // namespace

const std::vector<Option>& options() {
  static const Options all = make_options();
  return all;
}

std::string parse_profile(const Value& value, std::optional<Profile>& out) {
  return parse_enum(value, kProfiles, out);
}

std::string parse_scripts(const Value& value, std::optional<Scripts>& out) {
  return parse_enum(value, kScripts, out);
}

std::string parse_fields(const Value& value, std::optional<Fields>& out) {
  return parse_enum(value, kFields, out);
}

std::string flag_name(std::string_view path) { return spelled("--", path, '-', false); }
std::string variable_name(std::string_view path) { return spelled("WEIR_", path, '_', true); }

std::string reference_markdown() {
  const Config defaults;
  std::string out =
      "Each option is a key in the file, a flag and a variable: `gate.tls.key` is `[gate]` with "
      "`tls.key = ...`, `--gate-tls-key` and "
      "`WEIR_GATE_TLS_KEY`. Flags win over variables, variables over the file, the file over the "
      "defaults. Options marked *live* change "
      "with a reload (SIGHUP), the others with a restart.\n\n| key | default | what "
      "|\n|---|---|---|\n";
  for (const Option& option : options()) {
    const std::string fallback = option.render(defaults);
    out += "| `" + std::string(option.path) + "`";
    if (!option.alias.empty()) {
      out += " (`" + flag_name(option.alias) + "`)";
    }
    out += option.live ? " *live*" : "";
    out += fallback.empty() ? " | " : " | `" + fallback + "`";
    out += " | " + std::string(option.doc) + " |\n";
  }
  out +=
      "| `[[account]]` (`--account`) *live* | | `name`, `indices`, optionally `upstream` (URL, "
      "needs a restart), and for itself instead of all accounts: `profile`, `scripts`, `fields`, "
      "`max_tokens`, `max_filters`, `max_filters_per_token`, `max_links_per_token`, "
      "`max_concurrent_calls`, `default_ttl`, `confirm_widening`, `frame_ancestors` (who may "
      "embed the front's pages: `self`, `none` or a list of `https://HOST`). As a flag or in "
      "`WEIR_ACCOUNT`: `NAME "
      "PATTERN,PATTERN [URL] [profile=relevance] [max_tokens=50] ...`, several separated by `;`. "
      "|\n"
      "\nTimes are written `500ms`, `30s`, `5m`, `12h`, `7d`; sizes in bytes or `64KiB`, `16MiB`, "
      "`1GiB`; lists in flags and variables "
      "with commas. An empty variable counts as unset.\n";
  return out;
}

}  // namespace weir::proxy
