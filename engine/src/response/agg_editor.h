// Turns aggregations back that were asked for with a filter for visible documents between them and
// their own aggregations (dsl/agg/turned.h): the filter's result takes the place of theirs.
//
//   {"meta":M,"doc_count":9,"weir.visible":{"doc_count":2,"a":…}}  ->
//   {"meta":M,"doc_count":2,"a":…}
//
// Where aggregations stand is known by their place, not by searching for the name: members `hits`
// and `meta` are documents' and clients' own, and are passed unseen; `buckets` has results in it,
// whatever their keys. No aggregation has one of these names beside a turned one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "response/json_stream.h"
#include "response/names.h"
#include "response/reply.h"

namespace weir::response {

/// Edits the object of `aggregations`. Its events are those of JsonEvents, from the object's
/// beginning (begin()) until done().
class AggEditor {
 public:
  using Step = JsonEvents::Step;
  /// The most that is held back while it is open whether a `doc_count` goes out. A turned
  /// aggregation that takes more between its count and the filter's result breaks off.
  static constexpr std::size_t kMaxHeld = 4096;
  /// Levels of results, lists of buckets and buckets.
  static constexpr std::size_t kMaxLevels = 256;

  explicit AggEditor(Reply& reply) : reply_(reply) {}

  void begin() { levels_.push_back({Place::kResult}); }
  bool done() const { return levels_.empty(); }

  bool glue(std::string_view raw);
  void key(std::string_view name) { name_ = name_of(name); }
  Step value(JsonKind kind);
  bool bytes(std::string_view raw);
  bool end();
  bool leave();

 private:
  enum class Place : std::uint8_t {
    kResult,   // an object of results by name, among the members of one, or a bucket
    kBuckets,  // the list of buckets, or the object of buckets by key
    kFilter,   // the result that takes the place of the one around it
  };
  enum class Fate : std::uint8_t { kPass, kDrop, kCount };
  struct Level {
    Place place = Place::kResult;
    bool turned = false;   // its content was that of a kFilter
    bool written = false;  // of a kFilter: a member has been passed
  };

  Step enter(Place place);
  Step take(Fate fate);
  Step turn();
  Step begin_member(JsonKind kind);
  bool hold(std::string_view raw);
  void let_count_go();
  void pass_separator();
  void write(std::string_view raw);

  Reply& reply_;
  std::vector<Level> levels_;
  Name name_ = Name::kOther;
  Fate fate_ = Fate::kPass;
  std::string held_;            // glue not yet decided about, behind a count that is held back
  std::size_t count_size_ = 0;  // bytes of held_ that are such a member `"doc_count":N`
  bool too_long_ = false;       // what should be held since the last value was passed instead
};

}  // namespace weir::response
