#include "admin/key_need.h"

namespace weir::proxy {
namespace {

constexpr const char* kFingerprintKey = "key_fingerprint";

std::string name_of(const DerivedKey* key) { return key == nullptr ? "" : key->name(); }

void add(std::string& text, std::size_t count, const std::string& one, const std::string& many) {
  if (count != 0) {
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + (count == 1 ? one : many);
  }
}

}  // namespace

std::map<std::string, KeyNeed> key_needs(Transaction& work, const DerivedKeys& keys, Seconds now) {
  std::map<std::string, KeyNeed> needs;
  for_each_token(work, [&](const TokenRow& row) {
    const std::string digest_key = name_of(maker_of(row.digest, keys));
    if (row.sealed_secret.empty()) {
      ++needs[digest_key].unsealed;
    } else {
      const std::string secret_key = name_of(sealer_of(row.sealed_secret, keys));
      ++needs[secret_key].sealed;
      if (digest_key != secret_key) {
        ++needs[digest_key].sealed;
      }
    }
    if (row.former_digest && row.former_until && *row.former_until > now) {
      ++needs[name_of(maker_of(*row.former_digest, keys))].former;
    }
  });
  for (const LinkRow& row : work.all_links()) {
    const std::string digest_key = name_of(maker_of(row.digest, keys));
    if (row.sealed_secret.empty()) {
      ++needs[digest_key].links;
    } else {
      const std::string secret_key = name_of(sealer_of(row.sealed_secret, keys));
      ++needs[secret_key].sealed_links;
      if (digest_key != secret_key) {
        ++needs[digest_key].sealed_links;
      }
    }
  }
  for (const ApiTokenRow& row : work.api_tokens()) {
    ++needs[name_of(maker_of(row.digest, keys))].api_tokens;
  }
  return needs;
}

std::string describe(const KeyNeed& need) {
  std::string text;
  add(text, need.sealed, "shared token", "shared tokens");
  add(text, need.unsealed, "shared token shown once", "shared tokens shown once");
  add(text, need.sealed_links, "link", "links");
  add(text, need.links, "link shown once", "links shown once");
  add(text, need.former, "former secret", "former secrets");
  add(text, need.api_tokens, "API token", "API tokens");
  return text.empty() ? "nothing" : text;
}

std::string active_key(Transaction& work) { return work.find_meta(kFingerprintKey).value_or(""); }

void set_active_key(Transaction& work, const std::string& fingerprint) {
  work.put_meta(kFingerprintKey, fingerprint);
}

}  // namespace weir::proxy
