// Denials on their way into the audit. The network threads note them here; they reach the store in
// batches. What a flood of them would make is bounded: so many of a token in a batch, and so many
// in all; the rest is counted and left out, and has its line in the log all the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/server.h"
#include "store/store.h"

namespace weir::proxy {

/// Any thread may call anything at any time.
class DenialBook {
 public:
  /// Of one batch.
  static constexpr std::size_t kMaxRows = 1024;
  static constexpr std::size_t kMaxRowsOfToken = 64;

  /// False if there was no room for it. `at_ms`: milliseconds since 1970.
  bool note(const Denial& denial, std::int64_t at_ms) noexcept;

  /// Writes what has been noted in one transaction, and leaves of the denials of these accounts the
  /// newest `keep` each. On StoreError (passed on) it stays noted as far as there is room, for the
  /// next time.
  void flush(Store& store, std::size_t keep);

 private:
  std::mutex mutex_;
  std::vector<AuditRow> rows_;
  std::unordered_map<std::int32_t, std::size_t> of_token_;
};

}  // namespace weir::proxy
