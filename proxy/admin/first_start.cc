#include "admin/first_start.h"

#include <sys/stat.h>

#include <algorithm>

#include "admin/key_need.h"
#include "auth/key_file.h"
#include "config/read_file.h"

namespace weir::proxy {
namespace {

constexpr const char* kFirstTokenKey = "first_api_token";
constexpr std::size_t kMaxApiTokenBytes = 256;

std::string check_form(std::string_view secret) {
  const bool visible =
      std::all_of(secret.begin(), secret.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!visible || secret.size() < kMinApiTokenBytes || secret.size() > kMaxApiTokenBytes) {
    return "an API token has " + std::to_string(kMinApiTokenBytes) + " to " +
           std::to_string(kMaxApiTokenBytes) +
           " visible ASCII characters; take a random one, for instance from `openssl rand -hex 20`";
  }
  return {};
}

/// The token of a file that an earlier start left behind, or a new one written there.
std::string from_file(const std::string& path, std::optional<Secret>& out) {
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0) {
    if (!S_ISREG(info.st_mode) || (info.st_mode & 077U) != 0) {
      return "`" + path + "` can be read by others; remove it, or run `chmod 600` on it";
    }
    auto text = read_file(path, kMaxApiTokenBytes + 1);
    if (!text) {
      return "`" + path + "`: " + text.problems().front().what;
    }
    std::string secret = std::move(text).value();
    secret.erase(std::remove(secret.begin(), secret.end(), '\n'), secret.end());
    if (std::string wrong = check_form(secret); !wrong.empty()) {
      return "`" + path + "`: " + wrong;
    }
    out.emplace(secret);
    return {};
  }
  out = generate_secret();
  if (!out) {
    return "the system gave no random bytes for the first API token";
  }
  return create_private_file(path, std::string(out->unsafe_reveal()) + "\n");
}

}  // namespace

std::string check_key_of_store(Transaction& work, KeyRing& keys) {
  const std::string known = active_key(work);
  if (known.empty()) {
    keys.activate(keys.keys().front()->fingerprint());
    set_active_key(work, keys.fingerprint());
    return {};
  }
  if (!keys.activate(known)) {
    return "the token store belongs to another key file; restore the `keys` file it was made with "
           "(without it its tokens cannot be "
           "read), or move the store away to begin anew";
  }
  return {};
}

std::string make_first_api_token(Transaction& work, const KeyRing& keys,
                                 const FirstApiToken& wanted, bool& made) {
  // Noted apart from the tokens themselves: a token that was revoked must not come back at the next
  // start.
  if (work.find_meta(kFirstTokenKey)) {
    return {};
  }
  std::optional<Secret> secret;
  if (wanted.variable != nullptr) {
    if (std::string wrong = check_form(wanted.variable); !wrong.empty()) {
      return "WEIR_API_TOKEN: " + wrong;
    }
    secret.emplace(wanted.variable);
  } else if (std::string wrong = from_file(wanted.file, secret); !wrong.empty()) {
    return wrong;
  }
  const auto digest = keys.api_token_digest(secret->unsafe_reveal());
  if (!digest) {
    return "the cryptographic library failed";
  }
  ApiTokenRow row;
  row.account = wanted.account;
  row.name = "first";
  row.digest = *digest;
  row.permissions = kSharedTokensRead | kSharedTokensWrite;
  row.created_at = wanted.now;
  work.insert_api_token(row);
  work.put_meta(kFirstTokenKey, "made");
  made = wanted.variable == nullptr;
  return {};
}

}  // namespace weir::proxy
