// `weir store migrate`: from the file of one machine to the database of several replicas.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "cli/chosen.h"
#include "config/config.h"
#include "weir/result.h"

namespace CLI {
class App;
}

namespace weir::proxy {

/// Copies the store `from` (`sqlite:PATH`) to `to`, or where that is empty to the configured one.
/// Refuses while a server has the file's folder, and a target that is not empty.
std::vector<Problem> migrate_store(const Config& config, const std::string& from,
                                   const std::string& to, std::ostream& out);

/// `weir store …`; what was asked for goes into `chosen`, which must outlive the parsing.
void add_store_commands(CLI::App& program, Chosen& chosen);

}  // namespace weir::proxy
