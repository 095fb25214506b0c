#include "cli/api_token.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <memory>
#include <ostream>
#include <utility>

#include "admin/first_start.h"
#include "admin/requests.h"
#include "auth/key_ring.h"
#include "auth/key_source.h"
#include "config/value.h"

namespace weir::proxy {
namespace {

using Problems = std::vector<Problem>;

constexpr std::pair<std::string_view, Permission> kPermissions[] = {{"read", kSharedTokensRead},
                                                                    {"write", kSharedTokensWrite}};

std::string permission_names(std::uint8_t bits) {
  std::string text;
  for (const auto& [name, bit] : kPermissions) {
    if ((bits & bit) != 0) {
      text += (text.empty() ? "" : ",") + std::string(name);
    }
  }
  return text;
}

std::string parse_permissions(const std::string& text, std::uint8_t& bits) {
  List names;
  parse_list(Value{text, false}, ',', names);
  bits = 0;
  for (const std::string& name : names) {
    const auto* found = std::find_if(std::begin(kPermissions), std::end(kPermissions),
                                     [&](const auto& known) { return known.first == name; });
    if (found == std::end(kPermissions)) {
      return "`" + name + "` is not a permission; use `read`, `write` or both";
    }
    bits |= found->second;
  }
  return bits == 0 ? "at least one permission is needed: `read`, `write`" : "";
}

std::string date(Seconds seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

/// Runs `work` in a transaction on the store and its keys; both must exist already, so that a
/// mistyped folder makes no new ones.
template <typename Work>
Problems with_store(const Config& config, Work work) try {
  const KeySource source(key_of_environment(), config.key_file, key_path(config));
  const auto masters = source.load(KeySource::Missing::kRefuse);
  if (!masters) {
    return masters.problems();
  }
  const auto keys = KeyRing::derive(masters.value());
  if (!keys) {
    return {{"keys", "the cryptographic library failed"}};
  }
  const auto store = open_store(config.store_url, config.store_timeout);
  const auto transaction = store->begin_write();
  if (std::string wrong = check_key_of_store(*transaction, *keys); !wrong.empty()) {
    return {{store_name(config.store_url), wrong}};
  }
  Problems problems = work(*transaction, *keys);
  if (problems.empty()) {
    transaction->commit();
  }
  return problems;
} catch (const StoreError& error) {
  return {{store_name(config.store_url), error.what()}};
}

}  // namespace

std::vector<Problem> create_api_token(const Config& config, const NewApiToken& wanted,
                                      std::ostream& out) {
  ApiTokenRow row;
  row.account = wanted.account;
  row.name = wanted.name;
  row.created_at = static_cast<Seconds>(std::time(nullptr));
  Problems problems;
  if (std::string wrong = parse_permissions(wanted.permissions, row.permissions); !wrong.empty()) {
    problems.push_back({"--permissions", wrong});
  }
  if (!wanted.expires.empty()) {
    Millis life{0};
    if (std::string wrong = parse_duration(Value{wanted.expires, false}, Millis(1000),
                                           std::chrono::hours(24 * 36500), life);
        !wrong.empty()) {
      problems.push_back({"--expires", wrong});
    }
    row.expires_at = row.created_at + life.count() / 1000;
  }
  if (wanted.name.size() > kMaxNameBytes) {
    problems.push_back(
        {"--name", "the name is longer than " + std::to_string(kMaxNameBytes) + " bytes"});
  }
  auto secret = generate_secret();
  if (!secret) {
    problems.push_back({"", "the system gave no random bytes"});
  }
  if (!problems.empty()) {
    return problems;
  }
  problems = with_store(config, [&](Transaction& work, const KeyRing& keys) -> Problems {
    if (!work.has_account(row.account)) {
      return {{"--account", "`" + row.account +
                                "` is not an account of this store; configure it and start or "
                                "reload the server first"}};
    }
    const auto digest = keys.api_token_digest(secret->unsafe_reveal());
    if (!digest) {
      return {{"", "the cryptographic library failed"}};
    }
    row.digest = *digest;
    row.id = work.insert_api_token(row);
    return {};
  });
  if (problems.empty()) {
    // The only time it is shown: the store has its digest alone.
    out << secret->unsafe_reveal() << "\n";
  }
  return problems;
}

std::vector<Problem> list_api_tokens(const Config& config, std::ostream& out) {
  return with_store(config, [&](Transaction& work, const KeyRing&) -> Problems {
    out << std::left << std::setw(6) << "id" << std::setw(20) << "account" << std::setw(12)
        << "permissions " << std::setw(21) << "created"
        << " " << std::setw(21) << "expires"
        << " name\n";
    for (const ApiTokenRow& row : work.api_tokens()) {
      out << std::left << std::setw(6) << row.id << std::setw(20) << row.account << std::setw(12)
          << permission_names(row.permissions) << std::setw(21) << date(row.created_at) << " "
          << std::setw(21) << (row.expires_at ? date(*row.expires_at) : "never") << " " << row.name
          << "\n";
    }
    return {};
  });
}

std::vector<Problem> revoke_api_token(const Config& config, std::int32_t id, std::ostream& out) {
  return with_store(config, [&](Transaction& work, const KeyRing&) -> Problems {
    if (!work.delete_api_token(id)) {
      return {{"", "there is no API token with id " + std::to_string(id) +
                       "; see `weir api-token list`"}};
    }
    out << "API token " << id << " is revoked\n";
    return {};
  });
}

}  // namespace weir::proxy
