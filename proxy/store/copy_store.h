// A whole store from one file into a PostgreSQL database: every row with its id and epoch, so that
// tokens, cursors and the audit go on as they were.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace weir::proxy {

/// Rows by table, for people.
using CopiedRows = std::vector<std::pair<std::string, std::int64_t>>;

/// REQUIRES: nobody else writes to `from`. All or nothing. Throws StoreError, also if `from` is not
/// `sqlite:`, `to` not PostgreSQL or not empty, or if the counts differ in the end.
CopiedRows copy_store(const std::string& from, const std::string& to,
                      std::chrono::milliseconds timeout);

}  // namespace weir::proxy
