// The program: a command line read into one call.
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>

#include "cli/api_command.h"
#include "cli/api_token.h"
#include "cli/check.h"
#include "cli/core_dumps.h"
#include "cli/explain.h"
#include "cli/flags.h"
#include "cli/key.h"
#include "cli/serve.h"
#include "cli/store_migrate.h"
#include "config/options.h"
#include "weir/version.h"

namespace {

using weir::Problem;
using weir::proxy::Config;
using weir::proxy::ConfigFlags;

constexpr int kUsage = 2;

/// Prints what is wrong; the exit code.
int finish(const std::vector<Problem>& problems) {
  weir::proxy::print_problems(problems);
  return problems.empty() ? 0 : 1;
}

/// Runs `work` with the configuration.
template <typename Work>
int with_config(const ConfigFlags& flags, Work work) {
  const auto config = weir::proxy::load_config(flags.sources());
  return finish(config ? work(config.value()) : config.problems());
}

struct ApiTokenCommands {
  ApiTokenCommands(CLI::App& program)
      : all(*program.add_subcommand("api-token",
                                    "Create, list and revoke the tokens of the Shared Tokens API")),
        create(*all.add_subcommand("create", "Create an API token and print it, this once")),
        list(*all.add_subcommand("list", "List the API tokens, without their secrets")),
        revoke(*all.add_subcommand("revoke", "Revoke an API token by its id")),
        create_flags(create, ConfigFlags::Which::kStore),
        list_flags(list, ConfigFlags::Which::kStore),
        revoke_flags(revoke, ConfigFlags::Which::kStore) {
    all.require_subcommand(1);
    create.add_option("--account", wanted.account, "The account it is for")->capture_default_str();
    create.add_option("--name", wanted.name, "What it is called in the list");
    create.add_option("--permissions", wanted.permissions, "`read`, `write` or both")
        ->capture_default_str();
    create.add_option("--expires", wanted.expires,
                      "After this time, for instance `90d`; never when left out");
    revoke.add_option("id", id, "The id, from `weir api-token list`")->required();
  }

  int run() const {
    if (create.parsed()) {
      return with_config(create_flags, [&](const Config& config) {
        return create_api_token(config, wanted, std::cout);
      });
    }
    if (list.parsed()) {
      return with_config(list_flags,
                         [&](const Config& config) { return list_api_tokens(config, std::cout); });
    }
    return with_config(revoke_flags, [&](const Config& config) {
      return revoke_api_token(config, id, std::cout);
    });
  }

  CLI::App& all;
  CLI::App& create;
  CLI::App& list;
  CLI::App& revoke;
  ConfigFlags create_flags;
  ConfigFlags list_flags;
  ConfigFlags revoke_flags;
  weir::proxy::NewApiToken wanted;
  std::int32_t id = 0;
};

void add_explain_options(CLI::App& command, weir::proxy::ExplainOptions& options) {
  command
      .add_option("request", options.file, "File with a raw HTTP request; `-` for standard input")
      ->required();
  command
      .add_option("--filter", options.filters,
                  "A filter of the token, `field=value`; may be repeated")
      ->allow_extra_args(false);
  command.add_flag("--any", options.any,
                   "One filter is enough (OR); otherwise all must match (AND)");
  command.add_option("--policy", options.policy_file, "Policy in JSON, instead of filters");
  command.add_flag("--stored", options.from_store,
                   "Use the tokens of the configured store: --token, or whom the request presents");
  command.add_option("--token", options.token_id, "Id of the token in the policy or the store");
}

int run(int argc, char** argv) {
  CLI::App program(
      "Weir hands out shared tokens for OpenSearch: read-only, expiring, and confined to their "
      "filters.",
      "weir");
  program.require_subcommand(1);
  program.get_formatter()->column_width(44);
  program.footer(
      "Everything can be given as a flag, as a WEIR_* variable or in a file (--config); `weir "
      "serve --help` lists it.");

  CLI::App& serve = *program.add_subcommand("serve", "Run the gate and the admin listener");
  const ConfigFlags serve_flags(serve);
  CLI::App& check = *program.add_subcommand(
      "check", "Check a configuration and tell everything that is wrong with it");
  const ConfigFlags check_flags(check);
  CLI::App& explain =
      *program.add_subcommand("explain", "Show the verdict for a request read from a file");
  const ConfigFlags explain_flags(explain);
  weir::proxy::ExplainOptions explained;
  add_explain_options(explain, explained);
  ApiTokenCommands api_tokens(program);
  weir::proxy::Chosen chosen;
  weir::proxy::add_key_commands(program, chosen);
  weir::proxy::add_token_commands(program, chosen);
  weir::proxy::add_link_commands(program, chosen);
  weir::proxy::add_filter_commands(program, chosen);
  weir::proxy::add_audit_command(program, chosen);
  weir::proxy::add_store_commands(program, chosen);
  CLI::App& version = *program.add_subcommand("version", "Print the version");
  CLI::App& reference =
      *program.add_subcommand("config-reference", "Print the configuration reference")->group("");

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = program.exit(error);  // prints help or what is wrong
    return code == 0 ? 0 : kUsage;
  }
  if (chosen) {
    return chosen();
  }
  if (serve.parsed()) {
    return weir::proxy::serve(serve_flags.sources());
  }
  if (check.parsed()) {
    return with_config(check_flags, [](const Config& config) {
      auto problems = weir::proxy::check_files(config);
      std::cout << (problems.empty() ? "the configuration is good\n" : "");
      return problems;
    });
  }
  if (explain.parsed()) {
    return with_config(explain_flags, [&](const Config& config) {
      return weir::proxy::explain(explained, config, std::cout);
    });
  }
  if (version.parsed()) {
    std::cout << "weir " WEIR_VERSION_STRING "\n";
    return 0;
  }
  if (reference.parsed()) {
    std::cout << weir::proxy::reference_markdown();
    return 0;
  }
  return api_tokens.run();
}

}  // namespace

int main(int argc, char** argv) {
  weir::proxy::forbid_core_dumps();
  // A reader of our output that goes away is an error of a write, not the end of the server.
  std::signal(SIGPIPE, SIG_IGN);
  // Likewise a file that may not grow: the store and the log report it where it happens.
  std::signal(SIGXFSZ, SIG_IGN);
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    weir::proxy::print_problems({{"", error.what()}});
    return 1;
  }
}
