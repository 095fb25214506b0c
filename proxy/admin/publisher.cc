#include "admin/publisher.h"

#include <algorithm>
#include <utility>

#include "admin/token_limits.h"
#include "links/saved_object.h"
#include "observe/metrics.h"

namespace weir::proxy {
namespace {

// Rows that are in memory at a time, of up to a million.
constexpr std::size_t kRowsAtOnce = 4096;

bool has(const Publisher::Frame& frame, const std::string& account) {
  return std::any_of(frame.accounts.begin(), frame.accounts.end(),
                     [&](const Account& each) { return each.name == account; });
}

Token token_of(GrantRow row) {
  Token token;
  token.id = static_cast<std::uint32_t>(row.id);
  token.digest = row.digest;
  token.account = std::move(row.account);
  token.filters = std::move(row.filters);
  token.filters_operator = row.filters_operator;
  token.expires_at = row.expires_at;
  token.epoch = row.epoch;
  token.former_digest = row.former_digest;
  token.former_until = row.former_until;
  for (const LinkRow& link : row.links) {
    token.links.push_back({.id = static_cast<std::uint32_t>(link.id),
                           .digest = link.digest,
                           .saved_objects = document_ids(link.objects)});
  }
  return token;
}

}  // namespace

/// A policy on its way from rows.
struct Publisher::Making {
  Prepared made;
  PolicyBuilder builder;
  std::shared_ptr<TokenLimitsTable> limits;
  std::set<std::string> fields;
  std::vector<Problem> problems;

  /// Anew.
  explicit Making(Prepared begun)
      : made(std::move(begun)),
        builder(source_of(made)),
        limits(std::make_shared<TokenLimitsTable>()) {}
  /// From what has been made before.
  Making(const Prepared& base, std::uint64_t version)
      : made(base), builder(*base.snapshot), limits(base.limits->fork()), fields(*base.fields) {
    made.version = version;
  }

  void remove(std::int32_t id) {
    builder.remove(static_cast<std::uint32_t>(id));
    limits->remove(static_cast<std::uint32_t>(id));
  }

  void add(GrantRow row) {
    // To its holder, a disabled token is like one that never was.
    if (!has(*made.frame, row.account) || !row.enabled) {
      return;
    }
    if (!row.limits.empty()) {
      // INVARIANT: limits that cannot be read must not let more through.
      auto own = parse_token_limits(row.limits);
      if (!own) {
        problems.push_back({"token " + std::to_string(row.id), own.problems().front().what});
        return;
      }
      limits->add(static_cast<std::uint32_t>(row.id), std::move(own).value());
    }
    builder.add(token_of(std::move(row)));
  }

  /// False when there is no more. Cost: of some thousand rows.
  bool add_some(Transaction& work, std::int32_t& after) {
    auto rows = work.grants_after(after, kRowsAtOnce);
    if (rows.empty()) {
      return false;
    }
    after = rows.back().id;
    for (GrantRow& row : rows) {
      add(std::move(row));
    }
    return true;
  }

  void read_fields(Transaction& work) {
    for (const Account& account : made.frame->accounts) {
      fields.merge(work.filter_fields(account.name));
    }
  }

  Result<Prepared> finish() {
    if (!problems.empty()) {
      return std::move(problems);
    }
    auto compiled = builder.build();
    if (!compiled) {
      return compiled.problems();
    }
    made.snapshot = std::move(compiled).value();
    made.limits = std::move(limits);
    made.fields = std::make_shared<const std::set<std::string>>(std::move(fields));
    return std::move(made);
  }
};

bool Publisher::has_account(const std::string& name) const { return has(*frame_, name); }

const Account& Publisher::account(const std::string& name) const {
  return *std::find_if(frame_->accounts.begin(), frame_->accounts.end(),
                       [&](const Account& account) { return account.name == name; });
}

Publisher::Catalogs Publisher::catalogs_of(const Frame& frame) const {
  Catalogs catalogs;
  if (knowledge_ != nullptr) {
    for (const Account& account : frame.accounts) {
      catalogs.push_back(knowledge_->catalog(account));
    }
  }
  return catalogs;
}

PolicySource Publisher::source_of(const Prepared& begun) {
  PolicySource source;
  source.accounts = begun.frame->accounts;
  source.unfiltered = begun.frame->unfiltered;
  source.upstream_version = begun.frame->upstream_version;
  for (std::size_t at = 0; at < begun.catalogs.size(); ++at) {
    source.accounts[at].keeps_catalog = true;
    source.accounts[at].catalog = begun.catalogs[at];
  }
  return source;
}

bool Publisher::is_current() const {
  return in_force_.snapshot != nullptr && in_force_.frame == frame_ &&
         in_force_.catalogs == catalogs_of(*frame_);
}

Result<Publisher::Prepared> Publisher::prepare(Transaction& work) const {
  if (is_current()) {
    if (auto changed = prepare_changes(work, in_force_)) {
      return std::move(*changed);
    }
  }
  return prepare_whole(work);
}

Result<Publisher::Prepared> Publisher::prepare(Transaction& work, const Prepared& begun) const {
  // What was read little by little may be of no time at all: then once more, from the whole.
  if (auto changed = prepare_changes(work, begun); changed && changed->ok()) {
    return std::move(*changed);
  }
  return prepare_whole(work);
}

/// Nothing if the store cannot tell what has changed.
std::optional<Result<Publisher::Prepared>> Publisher::prepare_changes(Transaction& work,
                                                                      const Prepared& base) {
  const auto changes = work.changes_since(base.version);
  if (!changes) {
    return std::nullopt;
  }
  Making making(base, work.change_version());
  // All of them go before the first comes: a secret may have changed hands.
  for (const std::int32_t id : changes->tokens) {
    making.remove(id);
  }
  for (const std::int32_t id : changes->tokens) {
    if (auto row = work.find_grant(id)) {
      making.add(std::move(*row));
    }
  }
  for (const std::int32_t id : changes->filters) {
    if (std::string field = work.field_of_filter(id); !field.empty()) {
      making.fields.insert(std::move(field));
    }
  }
  return making.finish();
}

Result<Publisher::Prepared> Publisher::prepare_whole(Transaction& work) const {
  Prepared begun;
  begun.version = work.change_version();
  begun.frame = frame_;
  begun.catalogs = catalogs_of(*frame_);
  Making making(std::move(begun));
  making.read_fields(work);
  for (std::int32_t after = 0; making.add_some(work, after);) {
  }
  return making.finish();
}

Result<Publisher::Prepared> Publisher::read_anew(Store& store, FramePointer frame) const {
  Prepared begun;
  begun.catalogs = catalogs_of(*frame);
  begun.frame = std::move(frame);
  {
    const auto work = store.begin_read();
    begun.version = work->change_version();
  }
  Making making(std::move(begun));
  making.read_fields(*store.begin_read());
  for (std::int32_t after = 0; making.add_some(*store.begin_read(), after);) {
  }
  return making.finish();
}

void Publisher::publish(Prepared prepared) {
  if (knowledge_ != nullptr) {
    knowledge_->want(frame_->accounts, *prepared.fields);
  }
  if (metrics_ != nullptr) {
    metrics_->tokens(prepared.snapshot->token_count());
    metrics_->policy_changed();
  }
  policy_.store(prepared.snapshot, prepared.limits);
  version_.store(prepared.version);
  in_force_ = std::move(prepared);
  policy_.free_replaced();
}

}  // namespace weir::proxy
