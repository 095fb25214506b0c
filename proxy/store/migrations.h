// The tables of the store, as the numbered steps that made them, for each database its own. A step
// that has been released never changes; the next one mends it.
#pragma once

namespace weir::proxy {

class Connection;

/// Carries out the steps that the file does not have yet, all in one transaction. Throws
/// StoreError.
void migrate_sqlite(Connection& db);
void migrate_postgresql(Connection& db);

}  // namespace weir::proxy
