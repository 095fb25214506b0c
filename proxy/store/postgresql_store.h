// The store in a PostgreSQL database: changes are carried out one after the other, whichever
// process makes them.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "store/store.h"

namespace weir::proxy {

/// Connects and brings the tables up to date. Throws StoreError, also for a database written by a
/// newer version.
std::unique_ptr<Store> open_postgresql_store(const std::string& url,
                                             std::chrono::milliseconds timeout);

}  // namespace weir::proxy
