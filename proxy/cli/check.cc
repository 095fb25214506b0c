#include "cli/check.h"

#include <exception>

#include "net/server.h"
#include "observe/log.h"
#include "observe/metrics.h"

namespace weir::proxy {

std::vector<Problem> check_files(const Config& config) try {
  Log silent({.level = LogLevel::kOff, .file = "", .requests = false});
  Metrics metrics;
  SharedPolicy policy;
  // Built and thrown away: reads the certificates and keys, and opens no socket before bind().
  const Server server(server_settings(config), policy, nullptr, silent, metrics, {});
  return {};
} catch (const std::exception& error) {
  return {{"", error.what()}};
}

}  // namespace weir::proxy
