// The store in one SQLite file: WAL, foreign keys, one writer at a time, numbered migrations.
#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace weir::proxy {

/// Opens or creates the file at `path` (its folder must exist) and brings its tables up to date.
/// Throws StoreError, also for a file written by a newer version.
std::unique_ptr<Store> open_sqlite_store(const std::string& path);

}  // namespace weir::proxy
