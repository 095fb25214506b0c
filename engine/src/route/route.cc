#include "route/route.h"

#include <algorithm>
#include <array>

#include "weir/routes.h"

namespace weir {
namespace {

constexpr std::array<RouteInfo, kRouteCount> kInfo = {{
    {RouteId::kNone, "-", "", ""},
    {RouteId::kInfo, "info", "name and version, as clients ask at their start",
     "by Weir itself; the cluster is not asked"},
    {RouteId::kPing, "ping", "200", "by Weir itself; the cluster is not asked"},
    {RouteId::kIndexExists, "index.exists", "200 or 404, no body",
     "a search of size 0 in the indices in scope; only its status counts"},
    {RouteId::kSearch, "search", "a search", "the search with the token's filter around its query"},
    {RouteId::kMultiSearch, "msearch", "several searches",
     "each search as for `_search`; a denied item gets its error in its place"},
    {RouteId::kCount, "count", "the number of matching documents",
     "a search of size 0 with an exact total, converted back"},
    {RouteId::kDocument, "doc.get", "one document by id",
     "a filtered search for the id, converted back; hidden and missing are the same 404"},
    {RouteId::kSource, "source.get", "the source of one document by id", "as for `_doc`"},
    {RouteId::kMultiGet, "mget", "several documents by id",
     "a multi-search of filtered searches, converted back"},
    {RouteId::kScrollNext, "scroll.next", "the next page of a scroll",
     "the scroll id is opened, and must be this token's; the next one is sealed"},
    {RouteId::kScrollClear, "scroll.clear", "closes scrolls", "only this token's"},
    {RouteId::kPitCreate, "pit.create", "opens a point in time",
     "over the indices in scope; the id is sealed for this token"},
    {RouteId::kPitDelete, "pit.delete", "closes points in time", "only this token's"},
    {RouteId::kFieldCaps, "field_caps", "names and types of fields",
     "for the indices in scope; of the fields that visible documents have"},
    {RouteId::kSearchTemplate, "search.template", "a search made of a template",
     "the cluster renders the template; what comes of it is a `_search`"},
    {RouteId::kRenderTemplate, "render.template", "what a search template becomes",
     "by the cluster; tags and growth are checked before"},
    {RouteId::kStoredTemplate, "template.get", "a stored search template",
     "by the cluster; a stored script is not found"},
}};

bool is_placeholder(std::string_view segment) { return segment.front() == '{'; }

// Cuts the first segment of a template's rest, for instance "/a/{b}" -> "a", leaving "/{b}".
std::string_view take_segment(std::string_view& rest) {
  std::size_t end = rest.find('/', 1);
  std::string_view segment = rest.substr(1, end == std::string_view::npos ? end : end - 1);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
  return segment;
}

bool fits(std::string_view path, std::span<const std::string_view> raw) {
  if (path == "/") return raw.empty();
  for (std::string_view have : raw) {
    if (path.empty()) return false;
    std::string_view want = take_segment(path);
    if (!is_placeholder(want) && want != have) return false;
  }
  return path.empty();
}

// OpenSearch looks a path up in four passes: literals only; a placeholder first; a placeholder
// last; placeholders anywhere. Within a pass the leftmost literal wins. A smaller rank is looked up
// earlier.
std::uint32_t rank(std::string_view path) {
  std::uint32_t placeholders = 0;  // one bit per segment, leftmost is highest
  std::uint32_t bit = 1U << 15U;
  std::uint32_t last = 0;
  for (; path.size() > 1; bit >>= 1U) {
    last = bit;
    if (is_placeholder(take_segment(path))) placeholders |= bit;
  }
  std::uint32_t pass = placeholders == 0             ? 0
                       : placeholders == (1U << 15U) ? 1
                       : placeholders == last        ? 2
                                                     : 3;
  return pass << 16U | placeholders;
}

// The best path of both tables; the row of it that takes the method, if any.
struct Lookup {
  std::uint32_t best = UINT32_MAX;
  const Row* row = nullptr;

  void look(std::span<const Row> rows, Method method, std::span<const std::string_view> raw) {
    for (const Row& candidate : rows) {
      if (!fits(candidate.path, raw)) continue;
      std::uint32_t candidate_rank = rank(candidate.path);
      if (candidate_rank > best) continue;
      if (candidate_rank < best) row = nullptr;
      best = candidate_rank;
      if (takes(candidate, method)) row = &candidate;
    }
  }
};

void fill_placeholders(const Target& target, RouteMatch& match) {
  std::string_view rest = match.row->path;
  for (std::size_t i = 0; i < target.segments.size(); ++i) {
    std::string_view placeholder = take_segment(rest);
    if (!is_placeholder(placeholder)) continue;
    std::string_view value = target.segments[i];
    if (placeholder == "{id}") {
      match.doc_id = value;
      continue;
    }
    if (value.find('/') != std::string_view::npos) {
      match.id = RouteId::kNone;
      match.deny = DenyCode::kTargetEncoding;
    }
    (placeholder == "{index}" ? match.index : match.scroll_id) = value;
  }
}

// No denied path hides a served one, except where the request has a name of the API in the place of
// the index
// (`/_opensearch_dashboards/_search`). `_all` is an index.
bool may_be_hidden(const Row& served, std::span<const std::string_view> raw) {
  return served.path.starts_with("/{") && raw.front().front() == '_' && raw.front() != "_all";
}

}  // namespace

const RouteInfo& route_info(RouteId id) noexcept { return kInfo[static_cast<std::size_t>(id)]; }

std::span<const std::string_view> route_names() noexcept {
  static const auto kNames = [] {
    std::array<std::string_view, kRouteCount - 1> names;
    for (std::size_t i = 1; i < kRouteCount; ++i) names[i - 1] = kInfo[i].name;
    return names;
  }();
  return kNames;
}

RouteMatch match_route(Method method, const Target& target) noexcept {
  RouteMatch match;
  Lookup lookup;
  lookup.look(served_rows(), method, target.raw_segments);
  if (lookup.row == nullptr || may_be_hidden(*lookup.row, target.raw_segments)) {
    lookup.look(denied_rows(), method, target.raw_segments);
  }
  if (lookup.row == nullptr) {
    if (lookup.best != UINT32_MAX) match.deny = DenyCode::kRouteMethod;
    return match;
  }
  match.row = lookup.row;
  match.id = lookup.row->id;
  match.deny = lookup.row->deny;
  match.name = route_info(match.id).name;
  if (match.id == RouteId::kNone) return match;
  fill_placeholders(target, match);
  // `_all` is no id: OpenSearch closes everybody's.
  if (match.scroll_id == "_all") {
    match.id = RouteId::kNone;
    match.deny = DenyCode::kCursorAll;
  }
  return match;
}

}  // namespace weir
