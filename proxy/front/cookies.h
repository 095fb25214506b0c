// The cookie that a link turns into, apart from everybody else's. It is scoped to the host alone
// (`__Host-` where the connection is safe), so that neither a neighbour under the same domain nor
// Dashboards can put another in its place.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.h"
#include "http/head_guard.h"
#include "net/settings.h"

namespace weir::proxy {

class FrontCookies {
 public:
  /// `secure`: browsers reach the front by https.
  FrontCookies(bool secure, SameSite same_site);

  struct Read {
    bool present = false;   // a cookie of the front's name came, whatever its value
    Secret secret;          // empty: none, none that could be a secret, or two that differ
    bool replaced = false;  // the link opened last took the place of another
    std::string others;     // what may be shown to Dashboards; empty: none
  };
  Read read(const RequestHead& head) const;

  /// Values of Set-Cookie. REQUIRES: plausible_secret(secret).
  std::string keep(std::string_view secret) const;
  std::string drop() const;
  std::string mark_replaced() const;
  std::string drop_replaced() const;

  /// Whether a Set-Cookie of Dashboards may pass: not if it names ours, or nothing.
  bool may_pass(std::string_view set_cookie) const;

 private:
  bool ours(std::string_view name) const;
  std::string with_attributes(std::string text) const;

  std::string name_;
  std::string replaced_name_;
  bool secure_;
  SameSite same_site_;
};

}  // namespace weir::proxy
