// How the API shows sharing links.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "auth/secret.h"
#include "store/store.h"

namespace weir::proxy {

/// One link as it is shown.
struct ShownLink {
  LinkRow row;
  std::optional<Secret> secret = {};  // none: it cannot be shown again
};

/// `front_url` is where the front is; empty: there is none, and links have no URL.
std::string link_json(const ShownLink& link, const std::string& front_url);
std::string links_json(const std::vector<ShownLink>& links, const std::string& front_url);

/// For the audit: no secret.
std::string link_record(const LinkRow& row);

}  // namespace weir::proxy
