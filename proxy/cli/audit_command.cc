// `weir audit`: what has been done.
#include <CLI/CLI.hpp>
#include <memory>

#include "cli/api_command.h"

namespace weir::proxy {
namespace {

struct AuditFlags {
  std::string token;
  std::string kind;
  std::string before;
  std::string limit;
};

std::string query(const AuditFlags& flags) {
  std::string text;
  for (const auto& [name, value] : {std::pair<std::string, std::string>{"token", flags.token},
                                    {"kind", flags.kind},
                                    {"before", flags.before},
                                    {"limit", flags.limit}}) {
    if (!value.empty()) {
      text += (text.empty() ? "?" : "&") + name + "=" + percent_encoded(value);
    }
  }
  return text;
}

}  // namespace

void add_audit_command(CLI::App& program, Chosen& chosen) {
  const auto flags = std::make_shared<AuditFlags>();
  const auto [audit, options] =
      add_api_command(program, chosen, "audit", "Show what has been done, the newest first",
                      {{{"ID", "id"},
                        {"AT", "at", Column::Kind::kTime},
                        {"KIND", "kind"},
                        {"API TOKEN", "apiToken"},
                        {"OPERATION", "operation"},
                        {"TOKEN", "token"},
                        {"FILTER", "filter"},
                        {"ROUTE", "route"},
                        {"CODE", "code"}},
                       true},
                      [flags](const ApiOptions&) -> Result<ApiQuestion> {
                        return ApiQuestion{Method::kGet, "/v1/audit" + query(*flags), "", ""};
                      });
  audit->add_option("--token", flags->token, "Of one shared token")->check(CLI::PositiveNumber);
  audit->add_option("--kind", flags->kind, "`change` or `denial`")
      ->check(CLI::IsMember({"change", "denial"}));
  audit->add_option("--before", flags->before, "Older than this id")->check(CLI::PositiveNumber);
  audit->add_option("--limit", flags->limit, "How many")->check(CLI::PositiveNumber);
}

}  // namespace weir::proxy
