// The TOML file as option values, with the place of each. Unknown keys are problems, with the
// nearest known key as a hint.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/value.h"
#include "weir/result.h"

namespace weir::proxy {

struct PlacedValue {
  Value value;
  std::string where;
};

struct PlacedAccount {
  AccountConfig account;
  std::string where;
};

struct TomlFile {
  std::map<std::string, PlacedValue> values;  // by the option's path
  std::vector<PlacedAccount> accounts;
};

/// `name` is how the file is called in problems. Whatever could be read is returned, also beside
/// problems.
TomlFile parse_toml(std::string_view text, const std::string& name, std::vector<Problem>& problems);

}  // namespace weir::proxy
