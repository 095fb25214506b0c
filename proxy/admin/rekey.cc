#include "admin/rekey.h"

#include <string>
#include <utility>
#include <vector>

namespace weir::proxy {
namespace {

/// A token or a link whose secret is stored.
struct Sealed {
  std::string account;
  std::int32_t token = 0;
  std::int32_t link = 0;  // 0: the token itself
  TokenDigest digest;
  std::string secret;

  std::uint32_t sealed_under() const {
    return link == 0 ? static_cast<std::uint32_t>(token) : link_secret_id(link);
  }
};

/// Those of them that are `wanted`.
template <typename Wanted>
std::vector<Sealed> sealed_rows(Store& store, Wanted wanted) {
  std::vector<Sealed> found;
  const auto read = store.begin_read();
  const auto look_at = [&](Sealed row) {
    if (!row.secret.empty() && wanted(row)) {
      found.push_back(std::move(row));
    }
  };
  for_each_token(*read, [&](const TokenRow& row) {
    look_at({row.account, row.id, 0, row.digest, row.sealed_secret});
  });
  for (const LinkRow& row : read->all_links()) {
    look_at({row.account, row.token, row.id, row.digest, row.sealed_secret});
  }
  return found;
}

/// As it is now: a server may have given it another secret meanwhile. False if there is none.
bool read_again(Transaction& work, Sealed& row) {
  if (row.link == 0) {
    const auto now = work.find_token(row.account, row.token);
    row.digest = now ? now->digest : row.digest;
    row.secret = now ? now->sealed_secret : "";
  } else {
    const auto now = work.find_link(row.account, row.token, row.link);
    row.digest = now ? now->digest : row.digest;
    row.secret = now ? now->sealed_secret : "";
  }
  return !row.secret.empty();
}

bool needs_it(const Sealed& row, const DerivedKey& active, const DerivedKeys& keys) {
  return !active.sealed(row.secret) || maker_of(row.digest, keys) != &active;
}

void move(Transaction& work, const Sealed& row, const KeyRing& keys, Rekeyed& done) {
  const auto secret = keys.open_secret(row.sealed_under(), row.secret);
  const auto digest = secret ? keys.token_digest(secret->unsafe_reveal()) : std::nullopt;
  const auto sealed = secret ? keys.seal_secret(row.sealed_under(), *secret) : std::nullopt;
  if (!digest || !sealed) {
    ++done.unreadable;
    return;
  }
  if (row.link == 0) {
    work.rekey_token(row.token, *digest, *sealed);
  } else {
    work.rekey_link(row.link, *digest, *sealed);
  }
  ++done.moved;
}

/// Calls `change` for each of the rows that is still there, so many in one transaction.
template <typename Change>
void in_batches(Store& store, std::vector<Sealed> rows, std::size_t batch, Change change) {
  for (std::size_t at = 0; at < rows.size();) {
    const auto work = store.begin_write();
    for (const std::size_t end = at + batch; at < end && at < rows.size(); ++at) {
      if (read_again(*work, rows[at])) {
        change(*work, rows[at]);
      }
    }
    work->commit();
  }
}

}  // namespace

Rekeyed rekey_tokens(Store& store, const KeyRing& keys, std::size_t batch) {
  const auto active = keys.active();
  const DerivedKeys all = keys.keys();
  std::vector<Sealed> rows =
      sealed_rows(store, [&](const Sealed& row) { return needs_it(row, *active, all); });
  Rekeyed done;
  in_batches(store, std::move(rows), batch, [&](Transaction& work, const Sealed& row) {
    if (needs_it(row, *active, all)) {
      move(work, row, keys, done);
    }
  });
  return done;
}

std::size_t forget_secrets(Store& store, std::size_t batch) {
  std::size_t forgotten = 0;
  const auto all = [](const Sealed&) { return true; };
  in_batches(store, sealed_rows(store, all), batch, [&](Transaction& work, const Sealed& row) {
    if (row.link == 0) {
      work.set_sealed_secret(row.token, "");
    } else {
      work.set_sealed_link_secret(row.link, "");
    }
    ++forgotten;
  });
  return forgotten;
}

}  // namespace weir::proxy
