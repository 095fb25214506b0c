// The front of one network thread: what its browsers' connections share. A browser comes with a
// link, gets a cookie for it, and from then on sees Dashboards (or the built-in viewer) as the
// holder of the link's secret.
#pragma once

#include <memory>
#include <string>

#include "front/cookies.h"
#include "net/upstream.h"
#include "net/worker.h"

namespace weir::proxy {

class Front {
 public:
  /// REQUIRES: the worker's settings have a front. The worker must outlive it.
  explicit Front(Worker& worker);

  /// Serves a new connection.
  void take(Socket socket);
  void close_idle();

  Worker& worker() const noexcept { return worker_; }
  const FrontSettings& settings() const noexcept { return worker_.shared.settings.front; }
  const FrontCookies& cookies() const noexcept { return cookies_; }
  /// Null: no Dashboards, but the built-in viewer.
  UpstreamPool* dashboards() const noexcept { return pool_.get(); }
  /// `http[s]://host:port` of Dashboards.
  const std::string& dashboards_origin() const noexcept { return origin_; }

  /// Whether `host` (of a request) is the front's own, or there is no telling.
  bool answers_to(std::string_view host) const;

 private:
  Worker& worker_;
  FrontCookies cookies_;
  std::unique_ptr<UpstreamPool> pool_;
  std::string origin_;
  std::string authority_;  // of the configured URL, in lower case; empty: any
  std::string default_port_;
};

}  // namespace weir::proxy
