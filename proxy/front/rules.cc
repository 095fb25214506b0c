#include "front/rules.h"

#include <algorithm>
#include <array>

#include "http/text.h"

namespace weir::proxy {
namespace {

struct Row {
  Method method;
  std::string_view path;  // `*` stands for one segment that does not begin with `_`
  FrontRule rule = FrontRule::kPass;
};

constexpr std::array kApi = {
    Row{Method::kPost, "/api/core/capabilities", FrontRule::kCapabilities},
    Row{Method::kGet, "/api/opensearch-dashboards/settings"},
    Row{Method::kPost, "/api/opensearch-dashboards/suggestions/values/*"},
    Row{Method::kGet, "/api/saved_objects/_find"},
    Row{Method::kPost, "/api/saved_objects/_bulk_get"},
    Row{Method::kGet, "/api/saved_objects/*/*"},
    Row{Method::kGet, "/api/index_patterns/_fields_for_wildcard"},
    Row{Method::kGet, "/api/index_patterns/_fields_for_time_pattern"},
    // Visual builder and timeline.
    Row{Method::kGet, "/api/metrics/fields"},
    Row{Method::kPost, "/api/metrics/vis/data"},
    Row{Method::kGet, "/api/timeline/functions"},
    Row{Method::kPost, "/api/timeline/run"},
    // The data plugin.
    Row{Method::kPost, "/internal/_msearch"},
    Row{Method::kPost, "/internal/search/opensearch"},
    Row{Method::kPost, "/internal/search/opensearch-with-long-numerals"},
};

// Pages that are of no use to a viewer and make requests that would be refused.
constexpr std::array<std::string_view, 3> kApps = {"dev_tools", "management",
                                                   "opensearch_dashboards_overview"};

bool same_path(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::string_view want = pattern.substr(0, pattern.find('/'));
    const std::string_view have = path.substr(0, path.find('/'));
    if (want == "*" ? have.empty() || have.front() == '_' : want != have) return false;
    pattern.remove_prefix(want.size());
    path.remove_prefix(have.size());
  }
  return pattern.empty() && path.empty();
}

FrontRule judge_api(Method method, std::string_view path) {
  const auto row = std::find_if(kApi.begin(), kApi.end(), [&](const Row& candidate) {
    return candidate.method == method && same_path(candidate.path, path);
  });
  return row == kApi.end() ? FrontRule::kDeny : row->rule;
}

bool any_segment(std::string_view path, auto wanted) {
  std::string_view rest = path;
  while (!rest.empty()) {
    rest.remove_prefix(1);
    const std::string_view segment = rest.substr(0, rest.find('/'));
    if (wanted(segment)) return true;
    rest.remove_prefix(segment.size());
  }
  return false;
}

}  // namespace

FrontRule judge(Method method, std::string_view path) {
  // Anywhere: a workspace or a tenant may stand before it.
  const bool api = any_segment(path, [](std::string_view segment) {
    return same_text(segment, "api") || same_text(segment, "internal");
  });
  if (api) return judge_api(method, path);
  if (method != Method::kGet && method != Method::kHead) return FrontRule::kDeny;
  const bool closed = any_segment(path, [](std::string_view segment) {
    return std::any_of(kApps.begin(), kApps.end(),
                       [&](std::string_view app) { return same_text(segment, app); });
  });
  return closed && any_segment(path, [](std::string_view s) { return same_text(s, "app"); })
             ? FrontRule::kDeny
             : FrontRule::kPass;
}

}  // namespace weir::proxy
