// The closed list of member names that the editors know. Everything else is kOther: passed or
// dropped unseen.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

namespace weir::response {

enum class Name : std::uint8_t {
  kOther,
  kId,
  kIndex,
  kRouting,
  kScrollId,
  kShards,
  kSource,
  kVersion,
  kAggregations,
  kBuckets,
  kCausedBy,
  kDocCount,
  kError,
  kFailed,
  kFailedShards,
  kFailures,
  kFields,
  kHits,
  kMeta,
  kNumFreed,
  kPitId,
  kPits,
  kReason,
  kRelation,
  kResponses,
  kRootCause,
  kStatus,
  kSucceeded,
  kSuccessful,
  kTook,
  kTotal,
  kType,
  kValue,
  kVisible,
};

inline constexpr std::array kNames = {
    std::pair{std::string_view("_id"), Name::kId},
    std::pair{std::string_view("_index"), Name::kIndex},
    std::pair{std::string_view("_routing"), Name::kRouting},
    std::pair{std::string_view("_scroll_id"), Name::kScrollId},
    std::pair{std::string_view("_shards"), Name::kShards},
    std::pair{std::string_view("_source"), Name::kSource},
    std::pair{std::string_view("_version"), Name::kVersion},
    std::pair{std::string_view("aggregations"), Name::kAggregations},
    std::pair{std::string_view("buckets"), Name::kBuckets},
    std::pair{std::string_view("caused_by"), Name::kCausedBy},
    std::pair{std::string_view("doc_count"), Name::kDocCount},
    std::pair{std::string_view("error"), Name::kError},
    std::pair{std::string_view("failed"), Name::kFailed},
    std::pair{std::string_view("failed_shards"), Name::kFailedShards},
    std::pair{std::string_view("failures"), Name::kFailures},
    std::pair{std::string_view("fields"), Name::kFields},
    std::pair{std::string_view("hits"), Name::kHits},
    std::pair{std::string_view("meta"), Name::kMeta},
    std::pair{std::string_view("num_freed"), Name::kNumFreed},
    std::pair{std::string_view("pit_id"), Name::kPitId},
    std::pair{std::string_view("pits"), Name::kPits},
    std::pair{std::string_view("reason"), Name::kReason},
    std::pair{std::string_view("relation"), Name::kRelation},
    std::pair{std::string_view("responses"), Name::kResponses},
    std::pair{std::string_view("root_cause"), Name::kRootCause},
    std::pair{std::string_view("status"), Name::kStatus},
    std::pair{std::string_view("succeeded"), Name::kSucceeded},
    std::pair{std::string_view("successful"), Name::kSuccessful},
    std::pair{std::string_view("took"), Name::kTook},
    std::pair{std::string_view("total"), Name::kTotal},
    std::pair{std::string_view("type"), Name::kType},
    std::pair{std::string_view("value"), Name::kValue},
    std::pair{std::string_view("weir.visible"), Name::kVisible},
    std::pair{std::string_view("filter#weir.visible"), Name::kVisible},  // under typed_keys
};

constexpr Name name_of(std::string_view key) {
  for (const auto& [text, name] : kNames) {
    if (text == key) return name;
  }
  return Name::kOther;
}

constexpr std::string_view text_of(Name wanted) {
  for (const auto& [text, name] : kNames) {
    if (name == wanted) return text;
  }
  return {};
}

/// Members that may stand once only: true the first time.
class OnlyOnce {
 public:
  bool first(Name name) {
    std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(name);
    bool fresh = (seen_ & bit) == 0;
    seen_ |= bit;
    return fresh;
  }
  bool seen(Name name) const { return ((seen_ >> static_cast<unsigned>(name)) & 1U) != 0; }

 private:
  std::uint64_t seen_ = 0;
};

}  // namespace weir::response
