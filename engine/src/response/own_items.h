// The parts of an answer that Weir writes itself: refused and missing items, and whole answers made
// of refusals only.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "weir/verdict.h"

namespace weir::response {

/// {"_index":…,"_id":…,"found":false}
void append_missing_document(std::string_view index, std::string_view id, std::string& out);

/// {"_index":…,"_id":…,"error":{…}}
void append_document_error(const PlanItem& item, DenyCode code, std::string_view path,
                           std::string_view detail, std::string& out);

/// The answer to an _msearch none of whose searches may run: {"took":0,"responses":[…]}. REQUIRES:
/// all items denied.
void append_denied_multi_search(std::span<const PlanItem> items, std::string& out);

/// The answer to an _mget none of whose documents may be asked for: {"docs":[…]}. REQUIRES: all
/// items denied.
void append_denied_multi_get(std::span<const PlanItem> items, std::string& out);

}  // namespace weir::response
