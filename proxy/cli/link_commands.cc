// `weir link …`: sharing links of a shared token.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/api_command.h"

namespace weir::proxy {
namespace {

constexpr Column::Kind kTime = Column::Kind::kTime;

const std::vector<Column> kListed = {{"ID", "id"},
                                     {"NAME", "name"},
                                     {"KIND", "kind"},
                                     {"PATH", "path"},
                                     {"CREATED", "createdAt", kTime},
                                     {"LAST USED", "lastUsed", kTime}};
const std::vector<Column> kShown = {{"ID", "id"},     {"NAME", "name"},     {"KIND", "kind"},
                                    {"PATH", "path"}, {"SECRET", "secret"}, {"URL", "url"},
                                    {"EMBED", "embed"}};

using TokenId = std::shared_ptr<std::int32_t>;

std::string path_of(const TokenId& token) {
  return "/v1/shared-tokens/" + std::to_string(*token) + "/links";
}

void add_token(CLI::App& command, const TokenId& token) {
  command.add_option("--token", *token, "Id of the shared token")->required();
}

void add_list(CLI::App& all, Chosen& chosen) {
  const auto token = std::make_shared<std::int32_t>(0);
  const auto [command, options] =
      add_api_command(all, chosen, "list", "List the links of a token, without their secrets",
                      {kListed, true}, [token](const ApiOptions&) -> Result<ApiQuestion> {
                        return ApiQuestion{Method::kGet, path_of(token), "", ""};
                      });
  add_token(*command, token);
}

void add_create(CLI::App& all, Chosen& chosen) {
  struct Flags {
    std::optional<std::string> name;
    std::optional<std::string> url;
    bool snapshot = false;
    std::optional<std::string> from;
    std::optional<std::string> to;
  };
  const auto token = std::make_shared<std::int32_t>(0);
  const auto flags = std::make_shared<Flags>();
  const auto [command, options] =
      add_api_command(all, chosen, "create", "Make a link and show it", {kShown},
                      [token, flags](const ApiOptions&) -> Result<ApiQuestion> {
                        BodyBuilder out;
                        out.text("url", flags->url);
                        out.text("name", flags->name);
                        if (flags->snapshot) {
                          out.text("kind", "snapshot");
                        }
                        out.text("timeFrom", flags->from);
                        out.text("timeTo", flags->to);
                        return ApiQuestion{Method::kPost, path_of(token), out.json(), ""};
                      });
  add_token(*command, token);
  command->add_option("url", flags->url, "Address in Dashboards, or its path")->required();
  command->add_option("--name", flags->name, "What it is called");
  command->add_flag("--snapshot", flags->snapshot, "Let its time range stand still");
  command->add_option("--from", flags->from, "Beginning of the range of a snapshot");
  command->add_option("--to", flags->to, "Its end");
}

void add_revoke(CLI::App& all, Chosen& chosen) {
  const auto token = std::make_shared<std::int32_t>(0);
  const auto [command, options] = add_api_command(
      all, chosen, "revoke", "End one; the token and its other links go on", {{}, false, "revoked"},
      [token](const ApiOptions& given) -> Result<ApiQuestion> {
        return ApiQuestion{Method::kDelete, path_of(token) + "/" + std::to_string(given.id), "",
                           given.if_match};
      });
  add_token(*command, token);
  add_id(*command, *options);
  add_if_match(*command, *options);
}

}  // namespace

void add_link_commands(CLI::App& program, Chosen& chosen) {
  CLI::App& all = *program.add_subcommand("link", "Manage sharing links over the API");
  all.require_subcommand(1);
  add_list(all, chosen);
  add_create(all, chosen);
  add_revoke(all, chosen);
}

}  // namespace weir::proxy
