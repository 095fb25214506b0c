// Flags over WEIR_* variables over the file over the defaults. Everything that is wrong is found in
// one run.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "weir/result.h"

namespace weir::proxy {

/// Where values come from.
struct ConfigSources {
  std::string file;  // TOML; empty: none
  // By the option's path (`gate.listen`), or `account`; several for a flag that was repeated.
  std::map<std::string, std::vector<std::string>> flags;
  // Null when unset; empty counts as unset too.
  std::function<const char*(const std::string& name)> variable;
};

/// Reads and checks. A problem's `where` is `FILE:LINE:COLUMN`, the flag or the variable.
Result<Config> load_config(const ConfigSources& sources);

/// The options that differ, apart from the accounts.
std::vector<std::string> changed_options(const Config& before, const Config& after);

/// `running` with everything from `loaded` that a reload can carry out; the names of the options
/// that need a restart are appended to `refused`.
Config reloaded(const Config& running, const Config& loaded, std::vector<std::string>& refused);

}  // namespace weir::proxy
