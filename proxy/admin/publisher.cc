#include "admin/publisher.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "admin/token_limits.h"
#include "links/saved_object.h"
#include "observe/metrics.h"

namespace weir::proxy {

namespace {

std::unordered_map<std::int32_t, std::vector<Link>> links_by_token(Transaction& work) {
  std::unordered_map<std::int32_t, std::vector<Link>> links;
  for (const LinkRow& row : work.all_links()) {
    links[row.token].push_back({.id = static_cast<std::uint32_t>(row.id),
                                .digest = row.digest,
                                .saved_objects = document_ids(row.objects)});
  }
  return links;
}

}  // namespace

bool Publisher::has_account(const std::string& name) const {
  return std::any_of(frame_.accounts.begin(), frame_.accounts.end(),
                     [&](const Account& account) { return account.name == name; });
}

const Account& Publisher::account(const std::string& name) const {
  return *std::find_if(frame_.accounts.begin(), frame_.accounts.end(),
                       [&](const Account& account) { return account.name == name; });
}

Result<Publisher::Prepared> Publisher::prepare(Transaction& work) const {
  Prepared prepared;
  prepared.version = work.change_version();
  PolicySource source;
  source.accounts = frame_.accounts;
  source.unfiltered = frame_.unfiltered;
  source.upstream_version = frame_.upstream_version;
  for (Account& account : source.accounts) {
    account.keeps_catalog = knowledge_ != nullptr;
    if (knowledge_ != nullptr) account.catalog = knowledge_->catalog(account);
  }
  std::unordered_map<std::int32_t, Filter> filters;
  for (const Account& account : frame_.accounts) {
    for (FilterRow& row : work.filters(account.name)) {
      prepared.fields.insert(row.field);
      filters.emplace(row.id, Filter{std::move(row.field), std::move(row.value)});
    }
  }
  std::unordered_map<std::int32_t, std::vector<Link>> links = links_by_token(work);
  auto limits = std::make_shared<TokenLimitsTable>();
  for (TokenRow& row : work.all_tokens()) {
    // To its holder, a disabled token is like one that never was.
    if (!has_account(row.account) || !row.enabled) {
      continue;
    }
    // INVARIANT: limits that cannot be read must not let more through.
    auto own = parse_token_limits(row.limits);
    if (!own) {
      return std::vector<Problem>{{"token " + std::to_string(row.id), own.problems().front().what}};
    }
    limits->add(static_cast<std::uint32_t>(row.id), std::move(own).value());
    Token token;
    token.id = static_cast<std::uint32_t>(row.id);
    token.digest = row.digest;
    token.account = std::move(row.account);
    token.filters_operator = row.filters_operator;
    token.expires_at = row.expires_at;
    token.epoch = row.epoch;
    token.former_digest = row.former_digest;
    token.former_until = row.former_until;
    if (const auto found = links.find(row.id); found != links.end()) {
      token.links = std::move(found->second);
    }
    for (const std::int32_t id : row.filters) {
      const auto found = filters.find(id);
      // INVARIANT: a missing filter must not make the token see more.
      if (found == filters.end()) {
        return std::vector<Problem>{
            {"token " + std::to_string(row.id),
             "filter " + std::to_string(id) + " is not one of the token's account"}};
      }
      token.filters.push_back(found->second);
    }
    source.tokens.push_back(std::move(token));
  }
  auto compiled = compile_policy(source);
  if (!compiled) {
    return compiled.problems();
  }
  prepared.snapshot = std::move(compiled).value();
  prepared.limits = std::move(limits);
  return prepared;
}

void Publisher::publish(Prepared prepared) {
  if (knowledge_ != nullptr) {
    knowledge_->want(frame_.accounts, prepared.fields);
  }
  if (metrics_ != nullptr) {
    metrics_->tokens(prepared.snapshot->token_count());
    metrics_->policy_changed();
  }
  policy_.store(std::move(prepared.snapshot), std::move(prepared.limits));
  version_.store(prepared.version);
}

}  // namespace weir::proxy
