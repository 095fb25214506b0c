// The parts rewritten requests are made of.
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "dsl/section/body.h"
#include "policy/scope.h"
#include "rewrite/rewrite.h"

namespace weir {

inline constexpr std::string_view kJson = "application/json";
inline constexpr std::string_view kNdjson = "application/x-ndjson";

/// In constant_score: every score is level.
Wrap level_wrap(const Context& context);
/// By the token's profile: level, or with the scores of the client's query.
Wrap make_wrap(const Context& context);

/// Options of an index expression, from URI parameters or an msearch header.
struct IndexOptions {
  bool ignore_unavailable = false;
  bool allow_no_indices = true;
  bool expand_none = false;  // expand_wildcards=none; otherwise open
  bool ignore_throttled = false;
};
IndexOptions index_options(const Target& target);

/// A request target in the making: path, then parameters, each encoded.
class TargetText {
 public:
  TargetText(std::initializer_list<std::string_view> path, Arena& arena)
      : text_(ArenaAllocator<char>(arena)) {
    text_.reserve(kUsualBytes);
    for (std::string_view part : path) text_ += part;
  }
  TargetText& param(std::string_view name, std::string_view value, Arena& arena);
  /// Appends `params`, as they are, to the parameters.
  TargetText& params(std::string_view params);
  /// Lives as long as the arena's memory.
  std::string_view take() const { return text_; }

 private:
  static constexpr std::size_t kUsualBytes = 384;
  ArenaString text_;
  bool has_params_ = false;
};

/// Adds the index options.
void add_index_options(const IndexOptions& options, TargetText& target);
/// Beside a `terminate_after` OpenSearch searches a shard in one thread, and visits what it counts.
/// In several threads, how it shares the segments out, hidden documents included, decides which
/// terms an aggregation drops on the way, and whether a query on a `wildcard` field finds
/// everything. And where nothing was deleted it counts without visiting, which depends on hidden
/// documents and shows: in `terminated_early`, nested sorts that fail, scrolls that lose hits.
/// Beside a `terminate_after` that is not reached it always says false.
inline constexpr std::string_view kNeverTerminate = "2147483647";

/// Adds the client's parameters that go upstream as they are.
void add_forwarded(const Context& context, TargetText& target);

/// `/{expression}/_search` with everything a search is sent with: never partial, never pruned by
/// the bounds of hidden documents, no pipeline. Without an expression it is a search in a point in
/// time.
TargetText search_target(const Context& context, const IndexSelection* indices,
                         const IndexOptions& options);

/// The route's index expression cut to the account's scope.
std::optional<Verdict> select_indices(const Context& context, IndexSelection& out);
/// The same for the routes of one document.
std::optional<Verdict> select_concrete(const Context& context, IndexSelection& out);

/// A walk over `text`; nothing if it cannot be JSON (`failure` says why).
std::optional<Walk> begin_walk(const Context& context, std::string_view text, Failure& failure);

/// The same over the end of `text`, of which `tokens` are the index: never nothing.
std::optional<Walk> make_walk(const Context& context, std::string_view text,
               std::span<const std::uint32_t> tokens);

/// The failure of a walk as a verdict.
Verdict deny(const Context& context, const Failure& failure);

/// The request's body, or `{}` if there is none.
std::string_view body_or_empty(const Context& context);

/// Members that go to the top level of a body: `name` with a JSON `value`. Where the client's body
/// has the key already, its value is replaced, as OpenSearch does with URI parameters.
class BodyMembers {
 public:
  explicit BodyMembers(Arena& arena) : members_(ArenaAllocator<Member>(arena)) {
    members_.reserve(kUsualMembers);
  }
  void set(const Name& name, std::string_view value) { members_.push_back({name, value}); }
  void drop(const Name& name);
  /// Records the edits.
  void apply(const SearchBody& body, Edits& edits, Arena& arena) const;
  const std::string_view* find(const Name& name) const;

  bool doc_sort = false;  // as in Walk

 private:
  struct Member {
    Name name;
    std::string_view value;
  };
  static constexpr std::size_t kUsualMembers = 8;
  ArenaVector<Member> members_;
};

/// URI parameters of a search that are body keys by another name. `query` is the `q` parameter as a
/// query.
std::optional<Verdict> members_from_params(const Context& context, BodyMembers& out);

/// One parameter that lists fields (`stored_fields`, `docvalue_fields`) as the body key of the same
/// name.
std::optional<Verdict> fields_from_param(const Context& context, std::string_view name,
                                         BodyMembers& out);

/// `dfs_query_then_fetch` scores by all shards' documents: no difference where scores are level,
/// denied elsewhere.
std::optional<Verdict> check_search_type(const Context& context);
/// The parameter `min_score` of a _count as the body key.
std::optional<Verdict> min_score_from_param(const Context& context, BodyMembers& out);

/// The `q` parameter and its companions as a query_string query; empty if there is no `q`.
std::optional<Verdict> query_from_params(const Context& context, std::string_view& out);

/// Puts the filter around the body's query (or around `q`, which replaces it), and the client's own
/// query into every highlight section.
void wrap_query(const Context& context, const SearchBody& body, const Walk& walk,
                std::string_view q, BodyMembers& members);

/// Cuts the names of `indices_boost` to the account's scope. Empty if that was done, or there is
/// none.
std::optional<Failure> rewrite_boosts(const Context& context, const SearchBody& body);

/// Rules that need the whole body: window, terminate_after, totals of nested sorts. Empty if they
/// hold.
std::optional<Failure> check_search(const Context& context, const SearchBody& body,
                                    const Walk& walk, BodyMembers& members);

/// A time such as `1m` that a cursor may be kept alive for.
bool is_keep_alive(std::string_view text, const Limits& limits);

/// A comma list as a JSON array of strings.
std::string_view json_list(std::string_view comma_list, Arena& arena);

/// The `_source` members of a read by id or a search, from `_source`, `_source_includes`,
/// `_source_excludes`; empty if none is given.
std::string_view source_from_params(const Target& target, Arena& arena);

}  // namespace weir
