// `weir filter …`: token filters.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/api_command.h"

namespace weir::proxy {
namespace {

const std::vector<Column> kColumns = {
    {"ID", "id"}, {"FIELD", "field"}, {"VALUE", "value"}, {"DESCRIPTION", "description"}};

std::string path_of(const ApiOptions& options) {
  return "/v1/shared-tokens/filters/" + std::to_string(options.id);
}

/// What a filter is made of.
struct FilterFlags {
  std::optional<std::string> field;
  std::optional<std::string> value;
  std::optional<std::string> description;
  std::optional<std::string> client_key;
  bool literal = false;

  void add(CLI::App& command, bool needed) {
    command.add_option("--field", field, "The field")->required(needed);
    command.add_option("--value", value, "The value, exactly")->required(needed);
    command.add_option("--description", description, "What it is for");
    command.add_flag("--literal", literal, "Take `*` and `?` in the value as they are");
  }

  std::string body() const {
    BodyBuilder out;
    out.text("field", field);
    out.text("value", value);
    out.text("description", description);
    if (literal) {
      out.flag("literal", true);
    }
    out.text("clientKey", client_key);
    return out.json();
  }
};

void add_changes(CLI::App& all, Chosen& chosen) {
  const auto made = std::make_shared<FilterFlags>();
  const auto [create, unused] = add_api_command(
      all, chosen, "create", "Create one", {kColumns},
      [made](const ApiOptions&) -> Result<ApiQuestion> {
        return ApiQuestion{Method::kPost, "/v1/shared-tokens/filters", made->body(), ""};
      });
  made->add(*create, true);
  create->add_option("--client-key", made->client_key,
                     "A name of yours: asked again under it, the same filter is shown");

  const auto changed = std::make_shared<FilterFlags>();
  const auto [update, options] = add_api_command(
      all, chosen, "update", "Change what is given of one, for all tokens that use it", {kColumns},
      [changed](const ApiOptions& given) -> Result<ApiQuestion> {
        return ApiQuestion{Method::kPatch, confirmed(path_of(given), given), changed->body(),
                           given.if_match};
      });
  changed->add(*update, false);
  add_id(*update, *options);
  add_if_match(*update, *options);
  add_confirm_widen(*update, *options);
}

}  // namespace

void add_filter_commands(CLI::App& program, Chosen& chosen) {
  CLI::App& all = *program.add_subcommand("filter", "Manage token filters over the API");
  all.require_subcommand(1);
  add_api_command(all, chosen, "list", "List the filters", {kColumns, true},
                  [](const ApiOptions&) -> Result<ApiQuestion> {
                    return ApiQuestion{Method::kGet, "/v1/shared-tokens/filters", "", ""};
                  });
  const auto [show, show_options] =
      add_api_command(all, chosen, "show", "Show one", {kColumns},
                      [](const ApiOptions& given) -> Result<ApiQuestion> {
                        return ApiQuestion{Method::kGet, path_of(given), "", ""};
                      });
  add_id(*show, *show_options);
  add_changes(all, chosen);
  const auto [remove, remove_options] = add_api_command(
      all, chosen, "delete", "Delete one, and detach it from the tokens that use it",
      {{}, false, "deleted"}, [](const ApiOptions& given) -> Result<ApiQuestion> {
        return ApiQuestion{Method::kDelete, confirmed(path_of(given), given), "", given.if_match};
      });
  add_id(*remove, *remove_options);
  add_if_match(*remove, *remove_options);
  add_confirm_widen(*remove, *remove_options);
}

}  // namespace weir::proxy
