// Why a token's holder sees a document, or does not.
#pragma once

#include <string>

#include "inquire/preview.h"

namespace weir::proxy {

struct WhyRequest {
  std::string index;
  std::string id;
};

/// Whether the document is in the account's scope, whether each filter alone shows it, and whether
/// they do together, as JSON. Blocks: a search for each filter, and two more. Problems as in
/// make_preview().
Result<std::string> why_json(Asker& asker, const Scene& scene, const WhyRequest& request);

}  // namespace weir::proxy
