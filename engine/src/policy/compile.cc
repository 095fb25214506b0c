// Checking a policy and compiling it into fragments that a request only has to point at.
#include <algorithm>
#include <cstring>
#include <span>

#include "http/percent.h"
#include "json/text.h"
#include "policy/snapshot.h"

namespace weir {

std::size_t DigestHash::operator()(const TokenDigest& digest) const noexcept {
  // A keyed hash is uniform already.
  std::size_t hash = 0;
  std::memcpy(&hash, digest.bytes.data(), sizeof hash);
  return hash;
}

const DigestEntry* PolicySnapshot::Data::find(const TokenDigest& digest,
                                              std::int64_t now) const noexcept {
  auto found = by_digest.find(digest);
  if (found == by_digest.end()) return nullptr;
  const CompiledToken& token = tokens[found->second.token];
  if (found->second.former && token.former_until <= now) return nullptr;
  return token.expired(now) ? nullptr : &found->second;
}

PolicySnapshot::PolicySnapshot(std::unique_ptr<const Data> data) : data_(std::move(data)) {}
PolicySnapshot::~PolicySnapshot() = default;

std::uint64_t PolicySnapshot::token_epoch(std::uint32_t token_id,
                                          std::int64_t now_seconds) const noexcept {
  auto found = data_->by_id.find(token_id);
  if (found == data_->by_id.end()) return 0;
  const CompiledToken& token = data_->tokens[found->second];
  return token.expired(now_seconds) ? 0 : token.epoch;
}

std::uint64_t PolicySnapshot::credential_epoch(const TokenDigest& credential,
                                               std::int64_t now_seconds) const noexcept {
  const DigestEntry* opens = data_->find(credential, now_seconds);
  return opens == nullptr ? 0 : data_->tokens[opens->token].epoch;
}

std::optional<PolicySnapshot::Opened> PolicySnapshot::credential_opens(
    const TokenDigest& credential, std::int64_t now_seconds) const noexcept {
  const DigestEntry* opens = data_->find(credential, now_seconds);
  if (opens == nullptr) return std::nullopt;
  const CompiledToken& token = data_->tokens[opens->token];
  Opened opened{token.id, data_->accounts[token.account].name, token.expires_at};
  if (opens->former) {
    opened.expires_at = std::min(token.former_until, opened.expires_at.value_or(token.former_until));
  }
  return opened;
}

std::string_view PolicySnapshot::awaits_catalog() const noexcept {
  for (const CompiledAccount& account : data_->accounts) {
    if (account.awaits_catalog) return account.name;
  }
  return {};
}

std::size_t PolicySnapshot::token_count() const noexcept { return data_->tokens.size(); }

namespace {

std::string filter_clause(std::span<const Filter> filters, FiltersOperator filters_operator) {
  bool all = filters_operator == FiltersOperator::kAnd;
  std::string out = all ? R"({"bool":{"filter":[)" : R"({"bool":{"should":[)";
  bool first = true;
  for (const Filter& filter : filters) {
    if (!first) out += ',';
    first = false;
    out += R"({"term":{)";
    append_json_string(filter.field, out);
    out += R"(:{"value":)";
    append_json_string(filter.value, out);
    out += "}}}";
  }
  out += all ? "]}}" : R"(],"minimum_should_match":1}})";
  return out;
}

// The filters of a token with OR, together where they are exact in the same indices.
struct Group {
  std::string_view indices;
  std::vector<Filter> filters;
};

std::vector<Group> groups_of(std::span<const Filter> filters, IndexLists& lists) {
  std::vector<Group> groups;
  for (const Filter& filter : filters) {
    std::string_view indices = lists.clause({&filter, 1});
    auto same = std::find_if(groups.begin(), groups.end(),
                             [&](const Group& group) { return group.indices == indices; });
    if (same == groups.end()) same = groups.insert(groups.end(), {indices, {}});
    same->filters.push_back(filter);
  }
  return groups;
}

std::string info_body(std::string_view version) {
  std::string number;
  append_json_string(version, number);
  return R"({"name":"weir","cluster_name":"weir","cluster_uuid":"_na_","version":{"distribution":"opensearch","number":)" +
         number +
         R"(,"build_type":"unknown","build_hash":"unknown","build_date":"1970-01-01T00:00:00Z","build_snapshot":false,)"
         R"("lucene_version":"unknown","minimum_wire_compatibility_version":"2.19.0",)"
         R"("minimum_index_compatibility_version":"2.0.0"},"tagline":"The OpenSearch Project: https://opensearch.org/"})";
}

}  // namespace

std::string check_filter(const Filter& filter, bool literal, const Limits& limits) {
  if (filter.field.empty()) return "the field is empty; name a field such as `team`";
  if (filter.field.front() == '_') {
    return "`" + filter.field + "` is a metadata field; filter by a field of the documents";
  }
  if (filter.field.find_first_of("*?") != std::string::npos) {
    return "`" + filter.field + "` holds a wildcard; name one field";
  }
  if (filter.value.empty()) return "the value is empty; give the exact value of the field";
  if (filter.value.size() > limits.max_filter_value_bytes) {
    return "the value is longer than " + std::to_string(limits.max_filter_value_bytes) +
           " bytes; shorten it";
  }
  if (!is_utf8(filter.field) || !is_utf8(filter.value)) {
    return "field and value must be valid UTF-8";
  }
  if (!literal && filter.value.find_first_of("*?") != std::string::npos) {
    return "wildcards are not supported; send `\"literal\": true` if the value really contains `*` "
           "or `?`";
  }
  return {};
}

/// The friend of PolicySnapshot that fills one.
struct PolicyCompiler {
  explicit PolicyCompiler(const Limits& limits) : limits(limits) {}

  const Limits& limits;
  std::vector<Problem> problems;
  std::unique_ptr<PolicySnapshot::Data> data = std::make_unique<PolicySnapshot::Data>();
  absl::flat_hash_map<std::string, std::uint32_t> account_of;
  std::vector<bool> keeps_catalog;  // beside the accounts

  void problem(std::string where, std::string what) {
    problems.push_back({std::move(where), std::move(what)});
  }

  void add_account(const Account& account, const std::string& where) {
    if (account.name.empty())
      problem(where + "/name", "the name is empty; give the account a name");
    auto [at, fresh] =
        account_of.try_emplace(account.name, static_cast<std::uint32_t>(data->accounts.size()));
    if (!fresh)
      problem(where + "/name", "account `" + account.name + "` is given twice; remove one");
    Result<Scope> scope = compile_scope(account.indices, where + "/indices");
    problems.insert(problems.end(), scope.problems().begin(), scope.problems().end());
    CompiledAccount& compiled = data->accounts.emplace_back();
    compiled.name = account.name;
    if (scope.ok()) compiled.scope = std::move(scope).value();
    compiled.profile = account.profile;
    compiled.scripts = account.scripts;
    compiled.fields = account.fields;
    compiled.saved_objects = account.saved_objects;
    compiled.awaits_catalog = account.keeps_catalog && account.catalog == nullptr;
    keeps_catalog.push_back(account.keeps_catalog);
    if (account.keeps_catalog && account.catalog != nullptr) {
      compiled.lists = IndexLists(compiled.scope, *account.catalog);
    }
  }

  void check_filters(const Token& token, const std::string& where) {
    if (token.filters.size() > limits.max_filters_per_token) {
      problem(where + "/filters", "more than " + std::to_string(limits.max_filters_per_token) +
                                      " filters; remove some");
    }
    for (std::size_t i = 0; i < token.filters.size(); ++i) {
      std::string what = check_filter(token.filters[i], true, limits);
      if (!what.empty()) problem(where + "/filters/" + std::to_string(i), std::move(what));
    }
  }

  void add_token(const Token& token, const std::string& where) {
    auto index = static_cast<std::uint32_t>(data->tokens.size());
    if (token.id == 0) problem(where + "/id", "the id is 0; ids begin at 1");
    if (token.epoch == 0) problem(where + "/epoch", "the epoch is 0; epochs begin at 1");
    if (!data->by_id.try_emplace(token.id, index).second) {
      problem(where + "/id",
              "token id `" + std::to_string(token.id) + "` is given twice; remove one");
    }
    if (!data->by_digest.try_emplace(token.digest, DigestEntry{index, false}).second) {
      problem(where + "/digest", "two tokens have the same digest; make a new secret");
    }
    add_former_digest(token, index, where);
    add_links(token, index, where);
    auto account = account_of.find(token.account);
    if (account == account_of.end()) {
      problem(where + "/account",
              "there is no account `" + token.account + "`; add it or correct the name");
    }
    check_filters(token, where);
    CompiledToken compiled;
    compiled.id = token.id;
    compiled.account = account == account_of.end() ? 0 : account->second;
    compiled.expires_at = token.expires_at;
    compiled.epoch = token.epoch;
    compiled.unfiltered = token.filters.empty();
    compiled.former_until = token.former_until.value_or(0);
    if (account != account_of.end()) compile_sight(token, account->second, compiled);
    data->tokens.push_back(std::move(compiled));
  }

  void add_former_digest(const Token& token, std::uint32_t index, const std::string& where) {
    if (token.former_digest.has_value() != token.former_until.has_value()) {
      problem(where + (token.former_digest ? "/former_digest" : "/former_until"),
              "`former_digest` and `former_until` stand together; give both or neither");
    } else if (token.former_digest &&
               !data->by_digest.try_emplace(*token.former_digest, DigestEntry{index, true})
                    .second) {
      problem(where + "/former_digest",
              "another secret has the same digest; leave the former one out");
    }
  }

  void add_links(const Token& token, std::uint32_t index, const std::string& where) {
    if (token.links.empty()) return;
    std::vector<CompiledLink>& links = data->links[token.id];
    for (std::size_t i = 0; i < token.links.size(); ++i) {
      const Link& link = token.links[i];
      std::string place = where + "/links/" + std::to_string(i);
      if (link.id == 0) problem(place + "/id", "the id is 0; ids begin at 1");
      if (!data->by_digest.try_emplace(link.digest, DigestEntry{index, false, link.id}).second) {
        problem(place + "/digest", "another secret has the same digest; make a new one");
      }
      CompiledLink& compiled = links.emplace_back(CompiledLink{link.id, link.saved_objects});
      std::sort(compiled.saved_objects.begin(), compiled.saved_objects.end());
    }
  }

  // What the token may see, as clauses. Without a catalog filters are taken to be exact everywhere.
  void compile_sight(const Token& token, std::uint32_t index, CompiledToken& out) {
    CompiledAccount& account = data->accounts[index];
    std::span<const Filter> filters = token.filters;
    if (!keeps_catalog[index]) {
      out.scope = account.scope.clause();
    } else if (token.filters_operator == FiltersOperator::kAnd) {
      out.scope = account.lists.clause(filters);
    } else if (std::vector<Group> groups = groups_of(filters, account.lists); groups.size() < 2) {
      out.scope = account.lists.clause(filters.first(std::min<std::size_t>(filters.size(), 1)));
    } else {
      out.scope = account.lists.clause({});
      for (const Group& group : groups) {
        out.groups.push_back({filter_clause(group.filters, FiltersOperator::kOr), group.indices});
      }
      return;
    }
    if (!filters.empty()) out.clause = filter_clause(filters, token.filters_operator);
  }

  Result<std::shared_ptr<const PolicySnapshot>> compile(const PolicySource& source) {
    if (source.tokens.size() > limits.max_tokens) {
      problem("/tokens", "more than " + std::to_string(limits.max_tokens) + " tokens; remove some");
      return std::move(problems);
    }
    data->accounts.reserve(source.accounts.size());  // tokens point into them
    for (std::size_t i = 0; i < source.accounts.size(); ++i) {
      add_account(source.accounts[i], "/accounts/" + std::to_string(i));
    }
    for (std::size_t i = 0; i < source.tokens.size(); ++i) {
      add_token(source.tokens[i], "/tokens/" + std::to_string(i));
    }
    data->unfiltered = source.unfiltered;
    data->info_body = info_body(source.upstream_version);
    if (!problems.empty()) return std::move(problems);
    return std::shared_ptr<const PolicySnapshot>(new PolicySnapshot(std::move(data)));
  }
};

Result<std::shared_ptr<const PolicySnapshot>> compile_policy(const PolicySource& source,
                                                             const Limits& limits) {
  return PolicyCompiler(limits).compile(source);
}

}  // namespace weir
