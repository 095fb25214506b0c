#include "route/route.h"

#include <algorithm>
#include <array>

#include "base/name.h"
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

bool fits(std::string_view path, std::span<const std::string_view> raw) {
  if (path == "/") return raw.empty();
  for (std::string_view have : raw) {
    if (path.empty()) return false;
    path.remove_prefix(1);
    std::size_t size = have.size();
    if (!path.empty() && is_placeholder(path)) {
      size = path.find('}') + 1;
    } else if (!path.starts_with(have)) {
      return false;
    }
    path.remove_prefix(size);
    if (!path.empty() && path.front() != '/') return false;
  }
  return path.empty();
}

// The segments of a request's path with their prints.
struct RawPath {
  explicit RawPath(std::span<const std::string_view> raw) : segments(raw) {
    for (std::size_t i = 0; i < std::min(raw.size(), kMostSegments); ++i) {
      prints[i] = print_of(raw[i]);
    }
  }
  bool fits(const Row& row, const Shape& shape) const {
    return shape.segments == segments.size() && shape.print == prints[shape.literal] &&
           weir::fits(row.path, segments);
  }

  std::span<const std::string_view> segments;
  std::array<std::uint32_t, kMostSegments + 1> prints{};  // the last is 0
};

// The best path of both tables; the row of it that takes the method, if any.
struct Lookup {
  std::uint32_t best = UINT32_MAX;
  const Row* row = nullptr;

  void look(std::span<const Row> rows, std::span<const Shape> shapes, Method method,
            const RawPath& raw) {
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (!raw.fits(rows[i], shapes[i]) || shapes[i].rank > best) continue;
      if (shapes[i].rank < best) row = nullptr;
      best = shapes[i].rank;
      if (takes(rows[i], method)) row = &rows[i];
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
  RawPath raw(target.raw_segments);
  lookup.look(served_rows(), served_shapes(), method, raw);
  if (lookup.row == nullptr || may_be_hidden(*lookup.row, target.raw_segments)) {
    lookup.look(denied_rows(), denied_shapes(), method, raw);
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
