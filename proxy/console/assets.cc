#include "console/assets.h"

#include <algorithm>

namespace weir::proxy {
namespace {

constexpr std::string_view kRoot = "/console";

// Nothing but the program's own files is loaded, nothing inline runs, nobody frames it.
constexpr std::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src "
    "'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'";

SmallResponse text(int status, std::string_view body) {
  SmallResponse response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = body;
  return response;
}

void add_guards(SmallResponse& response) {
  for (const auto& [name, value] : {std::pair{"content-security-policy", kContentSecurityPolicy},
                                    {"x-content-type-options", "nosniff"},
                                    {"x-frame-options", "DENY"},
                                    {"referrer-policy", "no-referrer"},
                                    {"cross-origin-opener-policy", "same-origin"},
                                    {"cross-origin-resource-policy", "same-origin"}}) {
    response.headers.emplace_back(name, value);
  }
}

}  // namespace

bool is_console_page(std::string_view path) noexcept {
  return path == kRoot || (path.starts_with("/console/") && path != "/console/session");
}

SmallResponse console_page(std::string_view path, bool accepts_gzip) {
  SmallResponse response;
  const auto assets = console_assets();
  if (assets.empty()) {
    response =
        text(404, "this program was built without the console (CMake option WEIR_CONSOLE)\n");
  } else if (path == kRoot) {
    response = text(308, "/console/\n");
    response.headers.emplace_back("location", "/console/");
  } else {
    const std::string_view name = path.substr(kRoot.size() + 1);
    const auto found = std::find_if(assets.begin(), assets.end(),
                                    [&](const ConsoleAsset& asset) { return asset.path == name; });
    response = text(404, "not found\n");
    if (found != assets.end()) {
      const bool gzip = accepts_gzip && !found->gzipped.empty();
      response.status = 200;
      response.content_type = found->content_type;
      response.body = gzip ? found->gzipped : found->plain;
      if (gzip) response.headers.emplace_back("content-encoding", "gzip");
      response.headers.emplace_back("vary", "accept-encoding");
      response.headers.emplace_back(
          "cache-control", found->immutable ? "public, max-age=31536000, immutable" : "no-cache");
    }
  }
  add_guards(response);
  return response;
}

}  // namespace weir::proxy
