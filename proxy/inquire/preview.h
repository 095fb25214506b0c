// What a set of filters shows right now: counted and sampled through the gate's own path, so that
// it is what a token's holder would get.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "inquire/viewpoint.h"
#include "learn/learned.h"
#include "net/asker.h"
#include "weir/policy.h"
#include "weir/result.h"

namespace weir::proxy {

/// A filter somebody asks about; 0 if it is not stored.
struct AskedFilter {
  std::int32_t id = 0;
  Filter filter;
};

/// Whose eyes: an account, and filters as a token would carry them.
struct Scene {
  Account account;  // its catalog knows the filters' fields
  std::vector<AskedFilter> filters;
  FiltersOperator filters_operator = FiltersOperator::kAnd;
  std::set<std::string> fields;  // that the question is about, beside those of the filters
  std::shared_ptr<const Learned> learned;  // null: mappings are not looked at
  std::int64_t now_seconds = 0;

  std::vector<Filter> plain_filters() const;
};

struct PreviewRequest {
  std::string time_field = "@timestamp";
  std::uint32_t samples = 5;
  std::uint32_t intervals = 30;
};

struct Preview {
  struct IndexCount {
    std::string index;
    std::uint64_t documents = 0;
  };
  struct FilterPart {
    std::int32_t id = 0;
    Filter filter;
    std::uint64_t documents = 0;  // with this filter alone
    bool multi_valued = false;    // some visible documents hold several values in its field
    std::uint64_t exact_in = 0;   // indices of the scope in which it is exact
    std::uint64_t not_exact_in = 0;
    std::string verdict;  // why it is not exact where it is not; empty if it is everywhere
  };
  struct Interval {
    std::string from;  // the date as OpenSearch writes it
    std::uint64_t documents = 0;
  };
  /// A stable code and a sentence.
  using Warning = std::pair<std::string, std::string>;

  std::uint64_t documents = 0;
  std::uint64_t documents_in_scope = 0;  // without any filter
  std::vector<IndexCount> indices;       // the largest first
  std::vector<FilterPart> filters;
  std::string interval;  // of the histogram, "1h"
  std::vector<Interval> histogram;
  std::vector<std::string> newest;  // hits as JSON: `_index`, `_id`, `_source`
  std::vector<Warning> warnings;
};

/// Blocks: two searches for each filter, and two more. Problems: what the search cluster or the
/// engine has against it, with the code as Problem::where.
Result<Preview> make_preview(Asker& asker, const Scene& scene, const PreviewRequest& request);

std::string preview_json(const Preview& preview, const PreviewRequest& request);

}  // namespace weir::proxy
