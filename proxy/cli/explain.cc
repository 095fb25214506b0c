#include "cli/explain.h"

#include <algorithm>
#include <ctime>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <optional>
#include <ostream>
#include <variant>

#include "admin/publisher.h"
#include "auth/key_ring.h"
#include "auth/key_source.h"
#include "config/read_file.h"
#include "http/credential.h"
#include "http/head_guard.h"
#include "store/store.h"
#include "weir/engine.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kMaxRequestBytes = 64U << 20U;

using Problems = std::vector<Problem>;

/// A request as people write it into a file.
struct RawRequest {
  RequestHead head;
  std::string body;
};

Result<std::string> read_input(const std::string& file) {
  if (file != "-") {
    return read_file(file, kMaxRequestBytes);
  }
  return std::string(std::istreambuf_iterator<char>(std::cin), {});
}

/// The head with CRLF line ends and the lines an editor's user leaves out; the body as it stands.
Result<RawRequest> parse_raw(const std::string& file) {
  const auto input = read_input(file);
  if (!input) {
    return input.problems();
  }
  const std::string& text = input.value();
  std::string head;
  std::size_t at = 0;
  bool has_host = false;
  while (at < text.size()) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    std::string line = text.substr(at, end - at);
    at = std::min(end + 1, text.size());
    if (line.ends_with('\r')) {
      line.pop_back();
    }
    if (line.empty()) {
      break;
    }
    if (head.empty() && line.find(" HTTP/") == std::string::npos) {
      line += " HTTP/1.1";
    }
    std::string name = line.substr(0, line.find(':'));
    std::transform(name.begin(), name.end(), name.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    has_host = has_host || name == "host";
    // The file is the whole body; a length or a coding in it would only be wrong.
    if (name != "content-length" && name != "transfer-encoding") {
      head += line + "\r\n";
    }
  }
  head += has_host ? "\r\n" : "host: explain\r\n\r\n";
  auto parsed = parse_request_head(head);
  if (const DenyCode* code = std::get_if<DenyCode>(&parsed)) {
    const DenyInfo& info = deny_info(*code);
    return Problems{{file, "the gate would refuse this head: " + std::string(info.code) + " (" +
                               std::to_string(info.status) + "), " + std::string(info.reason)}};
  }
  return RawRequest{std::get<RequestHead>(std::move(parsed)), text.substr(at)};
}

/// The policy to decide by, and who asks.
struct Setting {
  std::shared_ptr<const PolicySnapshot> policy;
  std::optional<TokenDigest> credential;
  std::unique_ptr<const KeyRing> keys;
};

/// Sealed ids of this run open in this run only.
std::unique_ptr<const KeyRing> passing_keys() {
  return KeyRing::derive(MasterKey(MasterKey::Array{}));
}

Result<Setting> compile(const PolicySource& source, std::optional<TokenDigest> credential,
                        std::unique_ptr<const KeyRing> keys) {
  auto compiled = compile_policy(source);
  if (!compiled) {
    return compiled.problems();
  }
  return Setting{std::move(compiled).value(), credential, std::move(keys)};
}

Result<Setting> from_filters(const ExplainOptions& options, const Config& config) {
  PolicySource source;
  source.accounts = policy_accounts(config);
  source.unfiltered = config.tokens.unfiltered;
  Token token;
  token.id = 1;
  token.account = source.accounts.front().name;
  token.filters_operator = options.any ? FiltersOperator::kOr : FiltersOperator::kAnd;
  Problems problems;
  for (const std::string& text : options.filters) {
    const std::size_t equals = text.find('=');
    const Filter filter{text.substr(0, equals),
                        equals == std::string::npos ? "" : text.substr(equals + 1)};
    if (std::string wrong = check_filter(filter, true); !wrong.empty()) {
      problems.push_back({"--filter", "`" + text + "`: " + wrong});
    }
    token.filters.push_back(filter);
  }
  if (!problems.empty()) {
    return problems;
  }
  source.tokens.push_back(token);
  return compile(source, token.digest, passing_keys());
}

Result<Setting> from_policy_file(const ExplainOptions& options) {
  const auto text = read_file(options.policy_file, kMaxRequestBytes);
  if (!text) {
    return text.problems();
  }
  const auto source = load_policy(text.value());
  if (!source) {
    return source.problems();
  }
  const auto& tokens = source.value().tokens;
  const auto wanted = std::find_if(tokens.begin(), tokens.end(), [&](const Token& token) {
    return options.token_id == 0 || token.id == options.token_id;
  });
  if (wanted == tokens.end()) {
    return Problems{{options.policy_file, "there is no such token in this policy"}};
  }
  return compile(source.value(), wanted->digest, passing_keys());
}

Result<Setting> from_store(const ExplainOptions& options, const Config& config,
                           const RawRequest& request) try {
  const KeySource source(key_of_environment(), config.key_file, key_path(config));
  const auto masters = source.load(KeySource::Missing::kRefuse);
  if (!masters) {
    return masters.problems();
  }
  auto keys = KeyRing::derive(masters.value());
  if (!keys) {
    return Problems{{source.name(), "the cryptographic library failed"}};
  }
  const auto store = open_store(config.store_url, config.store_timeout);
  const auto work = store->begin_read();
  std::optional<TokenDigest> credential;
  TokenDigests digests;
  if (options.token_id != 0) {
    if (const auto row = work->find_grant(static_cast<std::int32_t>(options.token_id))) {
      credential = row->digest;
    }
    if (!credential) {
      return Problems{{"--token", "there is no token with id " + std::to_string(options.token_id) +
                                      " in the store"}};
    }
  } else if (const Credential presented = extract_credential(request.head);
             presented.state == CredentialState::kPresent) {
    digests = keys->token_digests(presented.token.unsafe_reveal());
  }
  SharedPolicy unused;
  Publisher publisher(unused, nullptr, nullptr);
  publisher.set_frame(
      {policy_accounts(config), config.tokens.unfiltered, PolicySource{}.upstream_version});
  auto prepared = publisher.prepare(*work);
  if (!prepared) {
    return prepared.problems();
  }
  auto snapshot = std::move(prepared).value().snapshot;
  for (const TokenDigest& digest : digests) {
    if (!credential || snapshot->credential_epoch(digest, std::time(nullptr)) != 0) {
      credential = digest;
    }
  }
  return Setting{std::move(snapshot), credential, std::move(keys)};
} catch (const StoreError& error) {
  return Problems{{store_name(config.store_url), error.what()}};
}

void print(const Verdict& verdict, std::ostream& out) {
  out << "route    " << verdict.route() << "\n";
  if (verdict.token_id() != 0) {
    out << "token    " << verdict.token_id() << " of account " << verdict.account() << "\n";
  }
  switch (verdict.outcome()) {
    case Outcome::kDeny: {
      const DenyInfo& info = deny_info(verdict.deny_code());
      out << "outcome  deny\nstatus   " << info.status << "\ncode     " << info.code << "\n";
      if (!verdict.deny_path().empty()) {
        out << "path     " << verdict.deny_path() << "\n";
      }
      if (!verdict.deny_detail().empty()) {
        out << "detail   " << verdict.deny_detail() << "\n";
      }
      out << "reason   " << info.reason << "\n";
      return;
    }
    case Outcome::kForward:
      out << "outcome  forward\nmethod   " << method_name(verdict.method()) << "\ntarget   "
          << verdict.target() << "\n";
      if (verdict.body_bytes() > 0) {
        out << "type     " << verdict.content_type() << "\nbody     ";
        for (const std::string_view piece : verdict.body()) {
          out << piece;
        }
        out << "\n";
      }
      return;
    case Outcome::kReply:
      out << "outcome  reply\nstatus   " << verdict.status() << "\nbody     "
          << verdict.reply_body() << "\n";
      return;
  }
}

}  // namespace

std::vector<Problem> explain(const ExplainOptions& options, const Config& config,
                             std::ostream& out) {
  const auto request = parse_raw(options.file);
  if (!request) {
    return request.problems();
  }
  const auto setting = !options.policy_file.empty() ? from_policy_file(options)
                       : options.from_store         ? from_store(options, config, request.value())
                                                    : from_filters(options, config);
  if (!setting) {
    return setting.problems();
  }
  const RawRequest& raw = request.value();
  RequestView view;
  view.method = raw.head.method;
  view.target = raw.head.target;
  view.content_type = raw.head.content_type;
  view.body = raw.body;
  view.credential = setting.value().credential ? &*setting.value().credential : nullptr;
  view.now_seconds = static_cast<std::int64_t>(std::time(nullptr));
  view.sealer = &setting.value().keys->cursor_sealer();
  Workspace workspace;
  print(decide(*setting.value().policy, view, workspace), out);
  return {};
}

}  // namespace weir::proxy
