// `weir token …`: shared tokens.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/api_command.h"
#include "config/value.h"

namespace weir::proxy {
namespace {

constexpr Column::Kind kTime = Column::Kind::kTime;

// The secret is not in the list: lists are looked at by more people than single tokens.
const std::vector<Column> kColumns = {{"ID", "id"},
                                      {"NAME", "name"},
                                      {"FILTERS", "filters"},
                                      {"OPERATOR", "filtersOperator"},
                                      {"LAST USED", "lastUsed", kTime},
                                      {"EXPIRES", "expirationDate", kTime},
                                      {"ENABLED", "enabled"},
                                      {"", "formerUntil", kTime}};
const std::vector<Column> kListed(kColumns.begin(), kColumns.begin() + 6);

std::string path_of(const ApiOptions& options, const std::string& more = "") {
  return "/v1/shared-tokens/" + std::to_string(options.id) + more;
}

/// What a token is made of.
struct TokenFlags {
  std::optional<std::string> name;
  std::optional<std::vector<std::int32_t>> filters;
  bool no_filters = false;
  std::optional<std::string> filters_operator;
  std::optional<std::string> expires;
  std::optional<std::string> client_key;

  void add(CLI::App& command) {
    command.add_option("--name", name, "What it is called");
    command.add_option("--filter", filters, "Id of a filter; may be repeated")
        ->allow_extra_args(false);
    command.add_option("--operator", filters_operator, "Whether all filters must match, or any")
        ->check(CLI::IsMember({"AND", "OR"}));
    command.add_option("--expires", expires, "`never`, after a time (`90d`), or at a time");
  }

  Result<std::string> body(const char* name_member) const {
    BodyBuilder out;
    out.text(name_member, name);
    out.numbers("filters", no_filters ? std::vector<std::int32_t>() : filters);
    out.text("filtersOperator", filters_operator);
    out.text("clientKey", client_key);
    if (std::string wrong = out.expiry("expirationDate", expires); !wrong.empty()) {
      return std::vector<Problem>{{"--expires", wrong}};
    }
    return out.json();
  }
};

Result<ApiQuestion> with_body(Method method, std::string path, Result<std::string> body,
                              const ApiOptions& options) {
  if (!body) {
    return body.problems();
  }
  return ApiQuestion{method, std::move(path), std::move(body).value(), options.if_match};
}

void add_reads(CLI::App& all, Chosen& chosen) {
  add_api_command(all, chosen, "list", "List the shared tokens, without their secrets in the table",
                  {kListed, true}, [](const ApiOptions&) -> Result<ApiQuestion> {
                    return ApiQuestion{Method::kGet, "/v1/shared-tokens", "", ""};
                  });
  const auto [show, options] =
      add_api_command(all, chosen, "show", "Show one, with its secret unless that is shown once",
                      {kColumns}, [](const ApiOptions& given) -> Result<ApiQuestion> {
                        return ApiQuestion{Method::kGet, path_of(given), "", ""};
                      });
  add_id(*show, *options);
}

void add_create(CLI::App& all, Chosen& chosen) {
  const auto flags = std::make_shared<TokenFlags>();
  const auto [create, options] = add_api_command(
      all, chosen, "create", "Create one and show it, with its secret", {kColumns},
      [flags](const ApiOptions& given) {
        return with_body(Method::kPost, "/v1/shared-tokens", flags->body("tokenName"), given);
      });
  flags->add(*create);
  create->add_option("--client-key", flags->client_key,
                     "A name of yours: asked again under it, the same token is shown");
}

void add_update(CLI::App& all, Chosen& chosen) {
  const auto flags = std::make_shared<TokenFlags>();
  const auto [update, options] =
      add_api_command(all, chosen, "update", "Change what is given of one", {kColumns},
                      [flags](const ApiOptions& given) {
                        return with_body(Method::kPatch, confirmed(path_of(given), given),
                                         flags->body("name"), given);
                      });
  add_id(*update, *options);
  flags->add(*update);
  update->add_flag("--no-filters", flags->no_filters, "Detach all filters")->excludes("--filter");
  add_if_match(*update, *options);
  add_confirm_widen(*update, *options);
}

void add_rotate(CLI::App& all, Chosen& chosen) {
  const auto grace = std::make_shared<std::string>();
  const auto [rotate, options] = add_api_command(
      all, chosen, "rotate", "Give one another secret and show it", {kColumns},
      [grace](const ApiOptions& given) -> Result<ApiQuestion> {
        BodyBuilder out;
        if (!grace->empty()) {
          Millis time{0};
          if (std::string wrong = parse_duration(Value{*grace, false}, Millis(0),
                                                 std::chrono::hours(24 * 366), time);
              !wrong.empty()) {
            return std::vector<Problem>{{"--grace", wrong}};
          }
          out.number("grace", time.count() / 1000);
        }
        return ApiQuestion{Method::kPost, path_of(given, "/rotate"), out.json(), given.if_match};
      });
  add_id(*rotate, *options);
  rotate->add_option("--grace", *grace, "How long the former secret works beside it, like `1h`");
  add_if_match(*rotate, *options);
}

void add_switch(CLI::App& all, Chosen& chosen, bool on) {
  const auto [command, options] = add_api_command(
      all, chosen, on ? "enable" : "disable",
      on ? "Let a disabled one open again" : "Let one open nothing until it is enabled", {kColumns},
      [on](const ApiOptions& given) -> Result<ApiQuestion> {
        BodyBuilder out;
        out.flag("enabled", on);
        return ApiQuestion{Method::kPatch, confirmed(path_of(given), given), out.json(),
                           given.if_match};
      });
  add_id(*command, *options);
  add_if_match(*command, *options);
  if (on) {
    add_confirm_widen(*command, *options);
  }
}

void add_delete(CLI::App& all, Chosen& chosen) {
  const auto [command, options] =
      add_api_command(all, chosen, "delete", "Delete one; its links end", {{}, false, "deleted"},
                      [](const ApiOptions& given) -> Result<ApiQuestion> {
                        return ApiQuestion{Method::kDelete, path_of(given), "", given.if_match};
                      });
  add_id(*command, *options);
  add_if_match(*command, *options);
}

}  // namespace

void add_token_commands(CLI::App& program, Chosen& chosen) {
  CLI::App& all = *program.add_subcommand("token", "Manage shared tokens over the API");
  all.require_subcommand(1);
  add_reads(all, chosen);
  add_create(all, chosen);
  add_update(all, chosen);
  add_rotate(all, chosen);
  add_switch(all, chosen, true);
  add_switch(all, chosen, false);
  add_delete(all, chosen);
}

}  // namespace weir::proxy
