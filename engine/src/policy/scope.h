// Index scopes: which index names an account may reach, and how a client's index expression is cut
// to them.
//
// The client's expression never goes upstream as it came: every item is checked as a name or
// pattern, compared with the scope and written anew. Whether a pattern lies inside another is
// decided exactly (patterns have `*` only), so what goes upstream can select nothing outside,
// whatever indices exist; nothing depends on which do.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "weir/limits.h"
#include "weir/result.h"
#include "weir/verdict.h"

namespace weir {

/// True if the pattern (`*` stands for any text) matches all of `text`. If `text` is a pattern
/// itself: whether everything it matches is matched by `pattern`. Cost: the product of the lengths
/// at worst.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

/// True if some text is matched by both patterns.
bool globs_overlap(std::string_view a, std::string_view b) noexcept;

/// Immutable once compiled. The default one contains nothing.
class Scope {
 public:
  /// Names and patterns as configured, without repetitions; `*` first if it is there.
  std::span<const std::string> patterns() const noexcept { return patterns_; }

  /// True if an index or data stream of this name is inside: by a pattern (dot names only by one
  /// that begins with a dot), or as a backing index `.ds-NAME-NNNNNN` of a data stream whose name
  /// is inside.
  bool contains(std::string_view name) const noexcept;

  /// True if a pattern selects this very name.
  bool names(std::string_view name) const noexcept;

  /// JSON of a query clause, a second line behind resolve_indices(): it holds for documents of
  /// indices that the scope's patterns select when OpenSearch resolves them, and are neither hidden
  /// nor dot indices (unless the scope names those). CAUTION: OpenSearch also lets it hold for an
  /// index outside that has an alias whose name is inside. Only a list of concrete index names
  /// (IndexLists) shuts that out.
  std::string_view clause() const noexcept { return clause_; }

 private:
  friend Result<Scope> compile_scope(std::span<const std::string> patterns, std::string_view where);
  std::vector<std::string> patterns_;
  std::string clause_;
};

/// Problems: no pattern at all, or one that is neither a name nor a pattern. `where` is the JSON
/// pointer of the list.
Result<Scope> compile_scope(std::span<const std::string> patterns, std::string_view where);

/// What a client's index expression selects.
struct IndexSelection {
  /// Ready for a path: percent-encoded, items separated by commas. Never empty after success.
  std::string_view upstream;
  /// The one index name (decoded) if the expression was exactly one name; empty otherwise.
  std::string_view name;
  /// A pattern was replaced by plain names of the scope. A pattern does not fail when an index is
  /// missing, so the request should be sent with `ignore_unavailable=true`.
  bool names_for_pattern = false;
};

/// `expression`: decoded, items separated by commas; empty, `_all` and `*` mean everything in
/// scope. Empty on success; otherwise why not, with `detail` naming the item. Views point into the
/// expression, the scope or the arena.
[[nodiscard]] std::optional<DenyCode> resolve_indices(std::string_view expression,
                                                      const Scope& scope, const Limits& limits,
                                                      Arena& arena, IndexSelection& out,
                                                      std::string_view& detail);

/// For requests about one document: exactly one name, no pattern. Results as above.
[[nodiscard]] std::optional<DenyCode> concrete_index(std::string_view expression,
                                                     const Scope& scope, Arena& arena,
                                                     IndexSelection& out, std::string_view& detail);

}  // namespace weir
