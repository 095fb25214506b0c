#include "cli/store_migrate.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iomanip>
#include <iostream>
#include <memory>
#include <ostream>

#include "cli/flags.h"
#include "store/copy_store.h"

namespace weir::proxy {
namespace {

/// Whether a server serves from the folder of this file: it holds a lock there.
bool is_served(const std::string& path) {
  const std::string lock = std::filesystem::path(path).parent_path() / "lock";
  const int fd = ::open(lock.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0) {
    return false;
  }
  const bool taken = ::flock(fd, LOCK_EX | LOCK_NB) != 0;
  ::close(fd);
  return taken;
}

}  // namespace

std::vector<Problem> migrate_store(const Config& config, const std::string& from,
                                   const std::string& to, std::ostream& out) try {
  const std::string& target = to.empty() ? config.store_url : to;
  constexpr std::string_view kSqlite = "sqlite:";
  if (from.starts_with(kSqlite)) {
    const std::string path = from.substr(kSqlite.size());
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) {
      return {{from, "there is no such file"}};
    }
    if (is_served(path)) {
      return {{from, "a weir serves from this folder; stop it first"}};
    }
  }
  for (const auto& [table, rows] : copy_store(from, target, config.store_timeout)) {
    out << std::left << std::setw(15) << table << rows << "\n";
  }
  out << "copied to " << store_name(target)
      << "; give every replica the key file that belongs to the old store\n";
  return {};
} catch (const StoreError& error) {
  return {{"store", error.what()}};
}

void add_store_commands(CLI::App& program, Chosen& chosen) {
  struct Asked {
    explicit Asked(CLI::App& command) : flags(command, ConfigFlags::Which::kStore) {}
    ConfigFlags flags;
    std::string from;
    std::string to;
  };
  CLI::App& all = *program.add_subcommand("store", "Manage the token store");
  all.require_subcommand(1);
  CLI::App& migrate =
      *all.add_subcommand("migrate", "Copy the store of one machine to a PostgreSQL database");
  const auto asked = std::make_shared<Asked>(migrate);
  migrate.add_option("from", asked->from, "`sqlite:PATH`; no server may use it meanwhile")
      ->required();
  migrate.add_option("to", asked->to,
                     "`postgresql://…`, an empty database; left out: the configured store, so that "
                     "its password need not stand on the command line");
  migrate.callback([asked, &chosen] {
    chosen = [asked] {
      const auto config = load_config(asked->flags.sources());
      const auto problems = config
                                ? migrate_store(config.value(), asked->from, asked->to, std::cout)
                                : config.problems();
      print_problems(problems);
      return problems.empty() ? 0 : 1;
    };
  });
}

}  // namespace weir::proxy
