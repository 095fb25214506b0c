// One search cluster's indices and mappings, asked for again whenever its state has changed.
//
// A round is one small question: the cluster's state has a name of its own (`state_uuid`) that
// changes with every index, mapping and data stream. Only when it has, names and the mappings of
// the filters' fields are fetched. Where the credential may not read the state, they are fetched
// every round.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "learn/learned.h"
#include "net/settings.h"
#include "net/upstream_client.h"

namespace weir::proxy {

/// Any thread. What it knows only grows older when the cluster does not answer; it is never
/// dropped.
class Cluster {
 public:
  explicit Cluster(UpstreamSettings upstream);

  /// What the next round asks about: the index scopes and the filters' fields.
  void want(std::set<std::string> patterns, std::set<std::string> fields);
  /// The same, beside what is wanted already.
  void want_also(const std::vector<std::string>& patterns, const std::set<std::string>& fields);

  enum class Round { kSame, kChanged, kFailed };
  /// Asks. Blocks for some seconds at the most, and waits for a round that is under way. A change
  /// is to be seen in known() when it returns.
  Round ask();

  /// Two forms of the same. Null until the first round that succeeded.
  struct Known {
    std::shared_ptr<const Learned> learned;
    std::shared_ptr<const Catalog> catalog;
  };
  /// Does not block.
  Known known() const;

 private:
  struct Wanted {
    std::set<std::string> patterns;
    std::set<std::string> fields;
    bool operator==(const Wanted&) const = default;
  };

  std::optional<std::string> get(const std::string& target);
  std::optional<std::string> state_name();
  std::shared_ptr<Learned> fetch(const Wanted& wanted);
  bool fetch_names(const std::string& expression, Learned& out);
  bool fetch_data_streams(Learned& out);
  bool fetch_mappings(const std::string& expression, Learned& out);

  std::mutex asking_;  // held for a round; guards what is below
  UpstreamClient client_;
  std::optional<std::string> state_;  // what `known_` was made of; nothing: not known
  Wanted asked_;

  mutable std::mutex mutex_;  // guards what is below, never held for long
  Wanted wanted_;
  Known known_;
};

}  // namespace weir::proxy
