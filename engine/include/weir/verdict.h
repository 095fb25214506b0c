// What the engine decides: deny, forward or reply. The zero value denies.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "weir/request.h"

namespace weir {

enum class DenyCode : std::uint8_t {
#define WEIR_DENY(name, code, status, reason) name,
#include "weir/deny_codes.def"
#undef WEIR_DENY
};

/// The row of deny_codes.def. Static storage.
struct DenyInfo {
  DenyCode id;
  std::string_view code;    // stable, for instance "agg.global"
  int status;               // HTTP
  std::string_view reason;  // for people: what is wrong, what to do instead
};
const DenyInfo& deny_info(DenyCode code) noexcept;
std::span<const DenyInfo> all_deny_codes() noexcept;

enum class Outcome : std::uint8_t { kDeny, kForward, kReply };

/// How the upstream's answer becomes the client's. Fixed with the verdict; carried out by ResponseEditor (response.h).
enum class PlanKind : std::uint8_t {
  kStream,       // bytes of a 200 pass as they are (also compressed)
  kSealCursors,  // `_scroll_id`, `pit_id` and `pits[].pit_id` are sealed, turned aggregations turned back
  kDocument,     // a search of one hit becomes a _doc answer, or its 404
  kSource,       // a search of one hit becomes the bare source, or its 404
  kCount,        // a search becomes a _count answer
  kMultiSearch,  // items with errors are mapped, denied items are put in their places
  kMultiGet,     // a multi-search of single hits becomes an _mget answer
  kExists,       // only the status counts: 200 or 404, no body
  kClearCursors, // status and `succeeded` stay, counts of others go
  kLookup,       // no answer for the client yet: see holds_answer()
  kRender,       // the same, of a search template
  kStoredTemplate,  // passes if it is a search template, otherwise 404
  kFieldCaps,    // no answer for the client yet: the fields of the mappings
  kFieldsSeen,   // the same: which of them visible documents have
};

/// One item of a kMultiSearch or kMultiGet answer, in the client's order.
struct PlanItem {
  bool denied = false;           // answered from `deny_*`, the upstream was not asked
  DenyCode code = DenyCode::kUndecided;
  std::string_view deny_path;    // JSON pointer inside the item's body
  std::string_view deny_detail;
  std::string_view index;        // kMultiGet: what a missing document is called
  std::string_view id;
  bool turned_aggs = false;      // kMultiSearch: aggregations that were filtered inside are to stand for themselves again
};

struct ResponsePlan {
  PlanKind kind = PlanKind::kStream;
  bool head_only = false;  // the client asked HEAD: status and headers, no body
  SealContext seal;        // for kSealCursors; `kind` is set per id by where it stands
  std::span<const PlanItem> items;
  std::string_view index;  // kDocument, kSource: what a missing document is called
  std::string_view id;
  bool total_hits_as_int = false;
  bool turned_aggs = false;  // kSealCursors: as of an item
  bool count_only = false;  // kCount: `count` without `_shards`
  bool saved_objects = false;  // of `.kibana`: what a link opens may have changed without its token's epoch
};

/// True if the upstream's answer is not for the client: what ResponseEditor makes of it (if its status is 200 and there is no
/// upstream_problem()) goes into the member of RequestView that the plan's kind names (kLookup: `looked_up`, kRender: `rendered`, kFieldCaps: `field_caps`, kFieldsSeen: `fields_seen`), and the
/// same request is decided again under the same snapshot. There is one such round of a kind at most. If the token's epoch has moved, everything
/// begins anew without these answers.
constexpr bool holds_answer(const ResponsePlan& plan) noexcept {
  return plan.kind == PlanKind::kLookup || plan.kind == PlanKind::kRender || plan.kind == PlanKind::kFieldCaps ||
         plan.kind == PlanKind::kFieldsSeen;
}

class VerdictBuilder;

/// The decision on one request. Views point into the request, the Workspace and the snapshot: keep all three
/// unchanged while the verdict is in use. Copyable; not synchronised.
class Verdict {
 public:
  /// Denies with kUndecided.
  Verdict() noexcept = default;

  Outcome outcome() const noexcept { return outcome_; }

  /// The client's status for kDeny and kReply; 0 for kForward.
  int status() const noexcept { return status_; }

  /// Stable name of the matched route for logs and metrics ("search", "doc.get", "-" when none matched).
  std::string_view route() const noexcept { return route_; }
  /// The token the request was decided for; 0 when no valid one was presented.
  std::uint32_t token_id() const noexcept { return token_id_; }
  /// The link whose secret was presented; 0 when it was the token's own.
  std::uint32_t link_id() const noexcept { return link_id_; }
  /// The token's epoch under which this was rewritten; compare with PolicySnapshot::token_epoch when the answer arrives.
  std::uint64_t token_epoch() const noexcept { return token_epoch_; }
  /// The account of the token; empty when none.
  std::string_view account() const noexcept { return account_; }

  // --- kDeny
  DenyCode deny_code() const noexcept { return deny_code_; }
  /// JSON pointer into the body, or `?name` for a URI parameter; empty when the whole request is meant.
  std::string_view deny_path() const noexcept { return deny_path_; }
  /// The offending name, cut to a few dozen bytes and safe to print; may be empty.
  std::string_view deny_detail() const noexcept { return deny_detail_; }

  // --- kForward
  Method method() const noexcept { return method_; }
  std::string_view target() const noexcept { return target_; }
  /// Empty exactly when there is no body.
  std::string_view content_type() const noexcept { return content_type_; }
  std::span<const std::string_view> body() const noexcept { return body_; }
  std::size_t body_bytes() const noexcept;
  const ResponsePlan& plan() const noexcept { return plan_; }

  // --- kReply (and kForward's content_type does not apply)
  std::string_view reply_body() const noexcept { return reply_body_; }

 private:
  friend class VerdictBuilder;
  Outcome outcome_ = Outcome::kDeny;
  DenyCode deny_code_ = DenyCode::kUndecided;
  Method method_ = Method::kGet;
  int status_ = 403;
  std::uint32_t token_id_ = 0;
  std::uint32_t link_id_ = 0;
  std::uint64_t token_epoch_ = 0;
  std::string_view route_ = "-";
  std::string_view account_;
  std::string_view deny_path_;
  std::string_view deny_detail_;
  std::string_view target_;
  std::string_view content_type_;
  std::span<const std::string_view> body_;
  std::string_view reply_body_;
  ResponsePlan plan_;
};

/// Appends the error body every refusal has, in OpenSearch's shape:
/// {"error":{"root_cause":[{"type","reason","code","path"}],"type","reason"},"status":N}. `path` and `detail` may be empty.
/// The type is "weir_denied", or OpenSearch's own name where clients key on it ("index_not_found_exception").
void append_error_body(DenyCode code, std::string_view path, std::string_view detail, std::string& out);

}  // namespace weir
