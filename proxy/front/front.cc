#include "front/front.h"

#include <utility>

#include "front/front_session.h"
#include "http/text.h"
#include "net/launch.h"

namespace weir::proxy {
namespace {

bool reached_by_https(const FrontSettings& settings) {
  return settings.tls.enabled() || settings.url.starts_with("https:");
}

}  // namespace

Front::Front(Worker& worker)
    : worker_(worker), cookies_(reached_by_https(settings()), settings().same_site) {
  if (Upstream* upstream = worker.shared.dashboards.get()) {
    pool_ = std::make_unique<UpstreamPool>(worker.context, worker.ticker, *upstream,
                                           worker.shared.dashboards_metrics);
    const UpstreamSettings& at = upstream->settings;
    origin_ =
        std::string(at.tls ? "https://" : "http://") + at.host + ":" + std::to_string(at.port);
  }
  const std::string& url = settings().url;
  const std::size_t begin = url.find("://");
  if (begin == std::string::npos) return;
  authority_ = url.substr(begin + 3);
  default_port_ = url.starts_with("https:") ? ":443" : ":80";
}

bool Front::answers_to(std::string_view host) const {
  if (authority_.empty()) return true;
  const auto bare = [this](std::string_view text) {
    if (text.ends_with(default_port_)) text.remove_suffix(default_port_.size());
    return text;
  };
  return same_text(bare(host), bare(authority_));
}

void Front::take(Socket socket) {
  SharedState& shared = worker_.shared;
  if (shared.front_connections.fetch_add(1) >= settings().limits.max_connections) {
    shared.front_connections.fetch_sub(1);
    return;
  }
  launch(worker_, std::make_shared<FrontSession>(*this, std::move(socket)));
}

void Front::close_idle() {
  if (pool_) pool_->close_idle();
}

}  // namespace weir::proxy
