#include "cli/flags.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>

#include "config/options.h"

namespace weir::proxy {
namespace {

const char* section_title(const std::string& path) {
  static const std::map<std::string, const char*> kTitles = {
      {"gate", "Gate"},     {"admin", "Admin listener"},
      {"front", "Front"},   {"upstream", "Upstream"},
      {"store", "Store"},   {"tokens", "Shared tokens"},
      {"limits", "Limits"}, {"log", "Log"}};
  const auto found = kTitles.find(path.substr(0, path.find('.')));
  return found == kTitles.end() ? "General" : found->second;
}

}  // namespace

ConfigFlags::ConfigFlags(CLI::App& command, Which which) {
  command.add_option("-c,--config", file_, "Configuration file (TOML); WEIR_CONFIG")
      ->type_name("FILE")
      ->group("General");
  const Config defaults;
  for (const Option& option : options()) {
    const std::string path(option.path);
    if (which == Which::kStore && path != "data" && path != "key.file" && path != "store.url") {
      continue;
    }
    const std::string names =
        option.alias.empty() ? flag_name(path) : flag_name(option.alias) + "," + flag_name(path);
    const std::string fallback = option.render(defaults);
    std::string doc(option.doc);
    doc += fallback.empty() ? "" : " [" + fallback + "]";
    CLI::Option* added = command.add_option(names, given_[path], doc)
                             ->type_name(std::string(option.type))
                             ->group(section_title(path))
                             ->allow_extra_args(false);
    if (option.type != "list") {
      added->expected(1)->take_last();
    }
  }
  if (which == Which::kAll) {
    command
        .add_option("--account", given_["account"],
                    "An account with its scope: `NAME PATTERN,PATTERN [URL] [profile=relevance] "
                    "[scripts=off] [fields=mapping]`. May be repeated.")
        ->type_name("text")
        ->group("General")
        ->allow_extra_args(false);
  }
}

ConfigSources ConfigFlags::sources() const {
  ConfigSources sources;
  sources.file = file_;
  // An empty variable is an empty path: none.
  if (const char* variable = std::getenv("WEIR_CONFIG"); variable != nullptr && file_.empty()) {
    sources.file = variable;
  }
  for (const auto& [path, values] : given_) {
    if (!values.empty()) {
      sources.flags.emplace(path, values);
    }
  }
  sources.variable = [](const std::string& name) -> const char* {
    return std::getenv(name.c_str());
  };
  return sources;
}

void print_problems(const std::vector<Problem>& problems) {
  for (const Problem& problem : problems) {
    std::cerr << "weir: " << problem.where << (problem.where.empty() ? "" : ": ") << problem.what
              << "\n";
  }
}

}  // namespace weir::proxy
