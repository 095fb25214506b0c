#include "admin/rekey.h"

#include <string>
#include <utility>
#include <vector>

namespace weir::proxy {
namespace {

/// What is to be done about one token.
bool needs_it(const TokenRow& row, const DerivedKey& active, const DerivedKeys& keys) {
  return !row.sealed_secret.empty() &&
         (!active.sealed(row.sealed_secret) || maker_of(row.digest, keys) != &active);
}

/// Account and id; a server may go on changing them.
std::vector<std::pair<std::string, std::int32_t>> sealed_tokens(Store& store) {
  std::vector<std::pair<std::string, std::int32_t>> found;
  for (const TokenRow& row : store.begin_read()->all_tokens()) {
    if (!row.sealed_secret.empty()) {
      found.emplace_back(row.account, row.id);
    }
  }
  return found;
}

void move(Transaction& work, TokenRow& row, const KeyRing& keys, Rekeyed& done) {
  const auto id = static_cast<std::uint32_t>(row.id);
  const auto secret = keys.open_secret(id, row.sealed_secret);
  const auto digest = secret ? keys.token_digest(secret->unsafe_reveal()) : std::nullopt;
  const auto sealed = secret ? keys.seal_secret(id, *secret) : std::nullopt;
  if (!digest || !sealed) {
    ++done.unreadable;
    return;
  }
  work.rekey_token(row.id, *digest, *sealed);
  ++done.moved;
}

}  // namespace

Rekeyed rekey_tokens(Store& store, const KeyRing& keys, std::size_t batch) {
  const auto active = keys.active();
  const DerivedKeys all = keys.keys();
  std::vector<std::pair<std::string, std::int32_t>> wanted;
  for (const TokenRow& row : store.begin_read()->all_tokens()) {
    if (needs_it(row, *active, all)) {
      wanted.emplace_back(row.account, row.id);
    }
  }
  Rekeyed done;
  for (std::size_t at = 0; at < wanted.size();) {
    const auto work = store.begin_write();
    for (const std::size_t end = at + batch; at < end && at < wanted.size(); ++at) {
      // As it is now: a server may have given it another secret meanwhile.
      auto row = work->find_token(wanted[at].first, wanted[at].second);
      if (row && needs_it(*row, *active, all)) {
        move(*work, *row, keys, done);
      }
    }
    work->commit();
  }
  return done;
}

std::size_t forget_secrets(Store& store, std::size_t batch) {
  const auto wanted = sealed_tokens(store);
  std::size_t forgotten = 0;
  for (std::size_t at = 0; at < wanted.size();) {
    const auto work = store.begin_write();
    for (const std::size_t end = at + batch; at < end && at < wanted.size(); ++at) {
      const auto row = work->find_token(wanted[at].first, wanted[at].second);
      if (row && !row->sealed_secret.empty()) {
        work->set_sealed_secret(row->id, "");
        ++forgotten;
      }
    }
    work->commit();
  }
  return forgotten;
}

}  // namespace weir::proxy
