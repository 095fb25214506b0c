// Checking a policy and compiling it into fragments that a request only has to point at.
#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <span>
#include <utility>

#include "http/percent.h"
#include "json/text.h"
#include "policy/snapshot.h"

namespace weir {
namespace {

// Tokens with the same filters share what is made of them as long as this much is remembered.
constexpr std::size_t kMaxKnownBytes = 16U << 20U;

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

template <typename Lists>
std::vector<Group> groups_of(std::span<const Filter> filters, Lists indices_of) {
  std::vector<Group> groups;
  for (const Filter& filter : filters) {
    std::string_view indices = indices_of(std::span(&filter, 1));
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

struct PolicyBuilder::Impl {
  explicit Impl(const Limits& limits) : limits(limits) {}

  const Limits limits;
  std::vector<Problem> problems;
  std::unique_ptr<PolicySnapshot::Data> data = std::make_unique<PolicySnapshot::Data>();
  std::vector<std::shared_ptr<IndexLists>> own_lists;  // beside the accounts: to which may be added
  // By the clause of all filters, with the account and the operator in front. INVARIANT: of this
  // frame and these lists.
  absl::flat_hash_map<std::string, std::shared_ptr<const Visibility>> known;
  std::size_t known_bytes = 0;
  std::size_t added = 0;
  bool full = false;

  void problem(std::string where, std::string what) {
    problems.push_back({std::move(where), std::move(what)});
  }

  void begin(const PolicySource& source) {
    auto frame = std::make_shared<PolicyFrame>();
    frame->accounts.reserve(source.accounts.size());
    for (std::size_t i = 0; i < source.accounts.size(); ++i) {
      add_account(source.accounts[i], "/accounts/" + std::to_string(i), *frame);
    }
    frame->unfiltered = source.unfiltered;
    frame->info_body = info_body(source.upstream_version);
    data->frame = std::move(frame);
  }

  void begin(const PolicySnapshot::Data& base) {
    data->frame = base.frame;
    data->lists = base.lists;
    data->by_id = base.by_id.fork();
    data->by_digest = base.by_digest.fork();
    own_lists.resize(base.lists.size());
  }

  void add_account(const Account& account, const std::string& where, PolicyFrame& frame) {
    if (account.name.empty())
      problem(where + "/name", "the name is empty; give the account a name");
    auto index = static_cast<std::uint32_t>(frame.accounts.size());
    if (!frame.account_of.try_emplace(account.name, index).second)
      problem(where + "/name", "account `" + account.name + "` is given twice; remove one");
    Result<Scope> scope = compile_scope(account.indices, where + "/indices");
    problems.insert(problems.end(), scope.problems().begin(), scope.problems().end());
    CompiledAccount& compiled = frame.accounts.emplace_back();
    compiled.name = account.name;
    if (scope.ok()) compiled.scope = std::move(scope).value();
    compiled.profile = account.profile;
    compiled.scripts = account.scripts;
    compiled.fields = account.fields;
    compiled.saved_objects = account.saved_objects;
    compiled.keeps_catalog = account.keeps_catalog;
    compiled.awaits_catalog = account.keeps_catalog && account.catalog == nullptr;
    own_lists.push_back(account.keeps_catalog && account.catalog != nullptr
                            ? std::make_shared<IndexLists>(compiled.scope, *account.catalog)
                            : std::make_shared<IndexLists>());
    data->lists.push_back(own_lists.back());
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

  void add_token(const Token& token) {
    const std::string where = "/tokens/" + std::to_string(added++);
    if (data->by_id.size() >= limits.max_tokens) {
      // Once is enough.
      if (!std::exchange(full, true)) {
        problem("/tokens",
                "more than " + std::to_string(limits.max_tokens) + " tokens; remove some");
      }
      return;
    }
    if (token.id == 0) problem(where + "/id", "the id is 0; ids begin at 1");
    if (token.epoch == 0) problem(where + "/epoch", "the epoch is 0; epochs begin at 1");
    auto account = data->frame->account_of.find(token.account);
    bool has_account = account != data->frame->account_of.end();
    if (!has_account) {
      problem(where + "/account",
              "there is no account `" + token.account + "`; add it or correct the name");
    }
    check_filters(token, where);
    auto compiled = std::make_shared<CompiledToken>();
    compiled->id = token.id;
    compiled->account = has_account ? account->second : 0;
    compiled->epoch = token.epoch;
    compiled->expires_at = token.expires_at;
    compiled->digest = token.digest;
    compiled->unfiltered = token.filters.empty();
    if (has_account) compiled->visibility = visibility_of(token, account->second);
    file(token, where, std::move(compiled));
  }

  bool opens_something(const TokenDigest& digest) const {
    return data->by_digest.find(hash_of(digest), [&](const CompiledToken* token) {
      return token->opened_by(digest);
    }) != nullptr;
  }

  // Into the tables, with what must not be there twice.
  void file(const Token& token, const std::string& where, std::shared_ptr<CompiledToken> compiled) {
    if (data->find(token.id) != nullptr) {
      problem(where + "/id",
              "token id `" + std::to_string(token.id) + "` is given twice; remove one");
    }
    if (opens_something(token.digest)) {
      problem(where + "/digest", "two tokens have the same digest; make a new secret");
    }
    data->by_digest.insert(hash_of(token.digest), compiled.get());
    if (token.former_digest.has_value() != token.former_until.has_value()) {
      problem(where + (token.former_digest ? "/former_digest" : "/former_until"),
              "`former_digest` and `former_until` stand together; give both or neither");
    } else if (token.former_digest && opens_something(*token.former_digest)) {
      problem(where + "/former_digest",
              "another secret has the same digest; leave the former one out");
    } else if (token.former_digest) {
      compiled->former = std::make_unique<const FormerSecret>(
          FormerSecret{*token.former_digest, *token.former_until});
      data->by_digest.insert(hash_of(*token.former_digest), compiled.get());
    }
    add_links(token, where, *compiled);
    data->by_id.insert(hash_of(token.id), std::move(compiled));
  }

  // After the token's own secrets are in the table.
  void add_links(const Token& token, const std::string& where, CompiledToken& compiled) {
    compiled.links.reserve(token.links.size());
    for (std::size_t i = 0; i < token.links.size(); ++i) {
      const Link& link = token.links[i];
      std::string place = where + "/links/" + std::to_string(i);
      if (link.id == 0) problem(place + "/id", "the id is 0; ids begin at 1");
      if (opens_something(link.digest)) {
        problem(place + "/digest", "another secret has the same digest; make a new one");
      }
      CompiledLink& made = compiled.links.emplace_back(
          CompiledLink{link.id, link.digest, link.saved_objects});
      std::sort(made.saved_objects.begin(), made.saved_objects.end());
      data->by_digest.insert(hash_of(link.digest), &compiled);
    }
  }

  bool remove_token(std::uint32_t id) {
    const CompiledToken* token = data->find(id);
    if (token == nullptr) return false;
    auto same = [&](const CompiledToken* other) { return other == token; };
    data->by_digest.erase(hash_of(token->digest), same);
    if (token->former != nullptr) data->by_digest.erase(hash_of(token->former->digest), same);
    for (const CompiledLink& link : token->links) {
      data->by_digest.erase(hash_of(link.digest), same);
    }
    data->by_id.erase(hash_of(id), [](const auto&) { return true; });
    return true;
  }

  // A list of the account; one that is missing is made in a copy, because others share what is
  // there.
  std::string_view indices_of(std::uint32_t account, std::span<const Filter> filters) {
    std::shared_ptr<const IndexLists>& lists = data->lists[account];
    if (auto known_list = lists->find(filters)) return *known_list;
    if (own_lists[account] == nullptr) {
      own_lists[account] = std::make_shared<IndexLists>(*lists);
      lists = own_lists[account];
    }
    return own_lists[account]->clause(filters);
  }

  std::shared_ptr<const Visibility> visibility_of(const Token& token, std::uint32_t account) {
    std::string key = std::to_string(account) + ':';
    if (!token.filters.empty()) key += filter_clause(token.filters, token.filters_operator);
    if (auto same = known.find(key); same != known.end()) return same->second;
    auto made = std::make_shared<const Visibility>(compile_visibility(token, account));
    known_bytes += key.size();
    if (known_bytes > kMaxKnownBytes) {
      known.clear();
      known_bytes = key.size();
    }
    known.emplace(std::move(key), made);
    return made;
  }

  // Without a catalog filters are taken to be exact everywhere.
  Visibility compile_visibility(const Token& token, std::uint32_t index) {
    const CompiledAccount& account = data->frame->accounts[index];
    std::span<const Filter> filters = token.filters;
    auto lists = [&](std::span<const Filter> of) { return indices_of(index, of); };
    Visibility out;
    if (!account.keeps_catalog) {
      out.scope = account.scope.clause();
    } else if (token.filters_operator == FiltersOperator::kAnd) {
      out.scope = lists(filters);
    } else if (std::vector<Group> groups = groups_of(filters, lists); groups.size() < 2) {
      out.scope = lists(filters.first(std::min<std::size_t>(filters.size(), 1)));
    } else {
      out.scope = lists({});
      for (const Group& group : groups) {
        out.groups.push_back({filter_clause(group.filters, FiltersOperator::kOr), group.indices});
      }
      return out;
    }
    if (!filters.empty()) out.clause = filter_clause(filters, token.filters_operator);
    return out;
  }
};

PolicyBuilder::PolicyBuilder(const PolicySource& source, const Limits& limits)
    : impl_(std::make_unique<Impl>(limits)) {
  impl_->begin(source);
  for (const Token& token : source.tokens) add(token);
}

PolicyBuilder::PolicyBuilder(const PolicySnapshot& base, const Limits& limits)
    : impl_(std::make_unique<Impl>(limits)) {
  impl_->begin(base.data());
}

PolicyBuilder::~PolicyBuilder() = default;

void PolicyBuilder::add(const Token& token) { impl_->add_token(token); }

bool PolicyBuilder::remove(std::uint32_t token_id) { return impl_->remove_token(token_id); }

Result<std::shared_ptr<const PolicySnapshot>> PolicyBuilder::build() {
  if (!impl_->problems.empty()) return std::move(impl_->problems);
  return std::shared_ptr<const PolicySnapshot>(new PolicySnapshot(std::move(impl_->data)));
}

Result<std::shared_ptr<const PolicySnapshot>> compile_policy(const PolicySource& source,
                                                             const Limits& limits) {
  return PolicyBuilder(source, limits).build();
}

}  // namespace weir
