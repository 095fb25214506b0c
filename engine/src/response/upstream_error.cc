#include "response/upstream_error.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "response/json_stream.h"
#include "response/names.h"

namespace weir::response {
namespace {

enum Kinds : unsigned {
  kNone = 0,
  kRejected = 1,
  kNoIndex = 2,
  kCursor = 4,
  kBusy = 8,
  kTimeout = 16,
};

// OpenSearch's names of exceptions, as far as they change what the client should do next.
constexpr std::array kTypes = {
    std::pair{std::string_view("aggregation_execution_exception"), kRejected},
    std::pair{std::string_view("aggregation_initialization_exception"), kRejected},
    std::pair{std::string_view("circuit_breaking_exception"), kBusy},
    std::pair{std::string_view("class_cast_exception"), kRejected},
    std::pair{std::string_view("date_time_exception"), kRejected},
    std::pair{std::string_view("date_time_parse_exception"), kRejected},
    std::pair{std::string_view("illegal_argument_exception"), kRejected},
    std::pair{std::string_view("illegal_state_exception"), kRejected},
    std::pair{std::string_view("index_closed_exception"), kRejected},
    std::pair{std::string_view("index_not_found_exception"), kNoIndex},
    std::pair{std::string_view("input_coercion_exception"), kRejected},
    std::pair{std::string_view("invalid_aggregation_path_exception"), kRejected},
    std::pair{std::string_view("json_e_o_f_exception"), kRejected},
    std::pair{std::string_view("json_parse_exception"), kRejected},
    std::pair{std::string_view("mapper_parsing_exception"), kRejected},
    std::pair{std::string_view("named_object_not_found_exception"), kRejected},
    std::pair{std::string_view("number_format_exception"), kRejected},
    std::pair{std::string_view("parse_exception"), kRejected},
    std::pair{std::string_view("parsing_exception"), kRejected},
    std::pair{std::string_view("query_phase_execution_exception"), kTimeout},  // "time exceeded"
    std::pair{std::string_view("query_shard_exception"), kRejected},
    std::pair{std::string_view("receive_timeout_transport_exception"), kTimeout},
    std::pair{std::string_view("rejected_execution_exception"), kBusy},
    std::pair{std::string_view("script_exception"), kRejected},
    std::pair{std::string_view("search_context_missing_exception"), kCursor},
    std::pair{std::string_view("search_parse_exception"), kRejected},
    std::pair{std::string_view("search_timeout_exception"), kTimeout},
    std::pair{std::string_view("too_complex_to_determinize_exception"), kRejected},
    std::pair{std::string_view("too_many_buckets_exception"), kRejected},
    std::pair{std::string_view("too_many_clauses"), kRejected},
    std::pair{std::string_view("too_many_nested_clauses"), kRejected},
    std::pair{std::string_view("unsupported_operation_exception"), kRejected},
    std::pair{std::string_view("x_content_e_o_f_exception"), kRejected},
    std::pair{std::string_view("x_content_parse_exception"), kRejected},
};

unsigned kind_of(std::string_view quoted_type) {
  for (const auto& [type, kind] : kTypes) {
    if (quoted_type.size() == type.size() + 2 && quoted_type.substr(1, type.size()) == type) {
      return kind;
    }
  }
  return kNone;
}

// Collects `type` wherever an OpenSearch error names one: in `error` itself, its root causes,
// failed shards and causes.
class TypeCollector final : public JsonEvents {
 public:
  unsigned kinds() const { return kinds_; }

  bool glue(std::string_view) override { return true; }
  void key(std::string_view name) override { name_ = name_of(name); }
  Step value(JsonKind kind) override {
    Name name = std::exchange(name_, Name::kOther);  // elements of an array have none
    type_.clear();
    reading_type_ = depth_ > 1 && name == Name::kType && kind == JsonKind::kString;
    if (reading_type_ || (kind != JsonKind::kObject && kind != JsonKind::kArray)) {
      return Step::kWhole;
    }
    bool enter = depth_ == 0 || (depth_ == 1 && name == Name::kError) ||
                 (depth_ > 1 && (name == Name::kOther ? in_array() : leads_to_types(name)));
    if (!enter || depth_ == kMaxDepth) return Step::kWhole;
    is_array_[depth_++] = kind == JsonKind::kArray;
    return Step::kEnter;
  }
  bool bytes(std::string_view raw) override {
    if (reading_type_) type_.append(raw, 0, kMaxTypeBytes - std::min(kMaxTypeBytes, type_.size()));
    return true;
  }
  bool end() override {
    if (reading_type_) kinds_ |= kind_of(type_);
    return true;
  }
  bool leave() override {
    --depth_;
    return true;
  }

 private:
  static constexpr std::size_t kMaxTypeBytes = 64;
  static constexpr std::size_t kMaxDepth = 64;

  bool in_array() const { return is_array_[depth_ - 1]; }
  static bool leads_to_types(Name name) {
    return name == Name::kRootCause || name == Name::kFailedShards || name == Name::kReason ||
           name == Name::kCausedBy;
  }

  unsigned kinds_ = kNone;
  std::size_t depth_ = 0;
  Name name_ = Name::kOther;
  bool reading_type_ = false;
  std::array<bool, kMaxDepth> is_array_{};
  std::string type_;
};

unsigned kinds_in(std::string_view body) {
  TypeCollector collector;
  JsonStream scanner;
  // Malformed or cut short: what was collected until there stands.
  (void)scanner.feed(body, collector);
  return collector.kinds();
}

bool has_cursors(PlanKind kind) {
  return kind == PlanKind::kSealCursors || kind == PlanKind::kClearCursors;
}

DenyCode map_not_found(PlanKind kind, unsigned kinds) {
  if ((kinds & kNoIndex) != 0) return DenyCode::kUpstreamNoIndex;
  return has_cursors(kind) ? DenyCode::kCursorInvalid : DenyCode::kUpstreamNotFound;
}

// "All shards failed" comes with a 500 or 503 whatever the reason: the reasons of the shards tell.
DenyCode map_server_error(PlanKind kind, unsigned kinds) {
  if ((kinds & kRejected) != 0) return DenyCode::kUpstreamRejected;
  if ((kinds & kCursor) != 0 && has_cursors(kind)) return DenyCode::kCursorInvalid;
  if ((kinds & kBusy) != 0) return DenyCode::kUpstreamBusy;
  if ((kinds & kTimeout) != 0) return DenyCode::kUpstreamTimeout;
  return DenyCode::kUpstreamUnavailable;
}

}  // namespace

DenyCode map_upstream_error(PlanKind kind, int status, std::string_view body) {
  if (status < 400 || status > 599) return DenyCode::kUpstreamProtocol;
  if (status == 401 || status == 403) return DenyCode::kUpstreamDenied;
  if (status == 408 || status == 504) return DenyCode::kUpstreamTimeout;
  if (status == 429) return DenyCode::kUpstreamBusy;
  if (status == 404) return map_not_found(kind, kinds_in(body));
  if (status < 500) return DenyCode::kUpstreamRejected;
  return map_server_error(kind, kinds_in(body));
}

void ItemError::begin() {
  active_ = true;
  text_ = R"({"error":)";
}

void ItemError::add_error(std::string_view raw) {
  text_.append(raw, 0, cap_ - std::min(cap_, text_.size()));
}

void ItemError::add_status(std::string_view raw) { status_.append(raw, 0, 4 - status_.size()); }

DenyCode ItemError::code(PlanKind kind) const {
  int status = 0;
  const char* end = status_.data() + status_.size();
  auto [at, error] = std::from_chars(status_.data(), end, status);
  // Without a status of its own the item is judged by its types.
  if (error != std::errc() || at != end || status_.size() != 3) status = 500;
  return map_upstream_error(kind, status, text_);
}

}  // namespace weir::response
