// The documents that the queries of one request name by id (dsl/lookup.h): gathered on the first
// walk, asked for in one _msearch of filtered searches, and given to the second walk.
//
// The second round does not remember the first: it decides the request anew up to the same list,
// and reads the answer by it. What is not on the list is not looked up.
#pragma once

#include <optional>
#include <string_view>

#include "base/arena.h"
#include "dsl/lookup.h"
#include "json/tokens.h"
#include "policy/scope.h"
#include "weir/verdict.h"

namespace weir {

struct Context;

class DocumentLookups final : public Lookups {
 public:
  DocumentLookups(const Scope& scope, const Limits& limits, Arena& arena)
      : scope_(scope), limits_(limits), wanted_(ArenaAllocator<Wanted>(arena)) {}

  bool look_up(Walk& walk, const Reference& reference, const Document*& out) override;

  /// How many documents are wanted; what is denied for itself takes back what it wanted.
  std::size_t count() const { return wanted_.size(); }
  void take_back(std::size_t count) {
    wanted_.erase(wanted_.begin() + static_cast<std::ptrdiff_t>(count), wanted_.end());
  }

  /// The _msearch for them, by its answer a PlanKind::kLookup.
  Verdict ask(const Context& context) const;

  /// Reads its answer; from then on look_up() gives documents. Nothing if that is done, otherwise
  /// why the whole request fails.
  std::optional<DenyCode> load(const Context& context, std::string_view answer);

 private:
  struct Wanted {
    Reference reference;
    Document document;
    DenyCode problem = DenyCode::kUndecided;  // why there is no telling
    bool answered = false;
  };

  bool read_response(Walk& walk, Wanted& wanted);

  const Scope& scope_;
  const Limits& limits_;
  ArenaVector<Wanted> wanted_;
  bool loaded_ = false;
};

}  // namespace weir
