// The options of the configuration as command-line flags.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "config/load.h"

namespace CLI {
class App;
}

namespace weir::proxy {

/// Adds `--config` and options to a command. Must live, where it is, until the command line has
/// been parsed.
class ConfigFlags {
 public:
  /// All of them, or those that say where the store is.
  enum class Which : std::uint8_t { kAll, kStore };
  explicit ConfigFlags(CLI::App& command, Which which = Which::kAll);
  ConfigFlags(const ConfigFlags&) = delete;
  ConfigFlags& operator=(const ConfigFlags&) = delete;

  /// What was given, with WEIR_CONFIG and the environment behind it.
  ConfigSources sources() const;

 private:
  std::string file_;
  // Filled by the parser; by the option's path.
  std::map<std::string, std::vector<std::string>> given_;
};

/// Prints every problem as one line on standard error.
void print_problems(const std::vector<Problem>& problems);

}  // namespace weir::proxy
