#include "cli/api_command.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <ctime>
#include <iostream>

#include "cli/flags.h"
#include "config/value.h"

namespace weir::proxy {
namespace {

std::string quoted(const std::string& text) {
  rapidjson::StringBuffer buffer;
  rapidjson::Writer<rapidjson::StringBuffer> writer(buffer);
  writer.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
  return {buffer.GetString(), buffer.GetSize()};
}

int show(const ApiAnswer& answer, const ApiOptions& options, const ApiShape& shape) {
  if (answer.status < 200 || answer.status > 299) {
    std::cerr << "weir: " << describe_error(answer) << "\n";
    return kExitRefused;
  }
  if (options.output == "json") {
    std::cout << answer.body << (answer.body.empty() ? "" : "\n");
    return 0;
  }
  const std::string table = table_of(answer.body, shape.columns, shape.list);
  if (table.empty() && !answer.body.empty()) {
    std::cerr << "weir: the server's answer is not that of the Shared Tokens API; see --server\n";
    return kExitRefused;
  }
  std::cout << table;
  if (!answer.etag.empty() && !shape.list) {
    std::cout << "etag: " << printable(answer.etag) << "\n";
  }
  if (answer.body.empty() && !shape.done.empty()) {
    std::cout << shape.done << "\n";
  }
  return 0;
}

int ask_and_show(const ApiOptions& options, const ApiShape& shape, const MakeQuestion& make) {
  const auto question = make(options);
  if (!question) {
    print_problems(question.problems());
    return kExitUsage;
  }
  const auto answer = ask_api(options.target, question.value());
  if (!answer) {
    print_problems(answer.problems());
    return kExitUsage;
  }
  if (!answer.value()) {
    std::cerr << "weir: the server cannot be reached, or gave no whole answer; is --server (or "
                 "WEIR_SERVER) its admin listener, and --ca its authority?\n";
    return kExitUnreachable;
  }
  return show(*answer.value(), options, shape);
}

}  // namespace

void BodyBuilder::raw(const std::string& name, const std::string& json) {
  members_ += (members_.empty() ? "" : ",") + quoted(name) + ":" + json;
}

void BodyBuilder::text(const std::string& name, const std::optional<std::string>& value) {
  if (value) {
    raw(name, quoted(*value));
  }
}

void BodyBuilder::numbers(const std::string& name,
                          const std::optional<std::vector<std::int32_t>>& value) {
  if (!value) {
    return;
  }
  std::string list;
  for (const std::int32_t number : *value) {
    list += (list.empty() ? "" : ",") + std::to_string(number);
  }
  raw(name, "[" + list + "]");
}

void BodyBuilder::number(const std::string& name, std::int64_t value) {
  raw(name, std::to_string(value));
}

void BodyBuilder::flag(const std::string& name, bool value) { raw(name, value ? "true" : "false"); }

void BodyBuilder::null(const std::string& name) { raw(name, "null"); }

std::string BodyBuilder::expiry(const std::string& name, const std::optional<std::string>& value) {
  if (!value) {
    return {};
  }
  if (*value == "never") {
    null(name);
    return {};
  }
  if (Millis life{0}; parse_duration(Value{*value, false}, std::chrono::seconds(1),
                                     std::chrono::hours(24 * 36500), life)
                          .empty()) {
    number(name, static_cast<std::int64_t>(std::time(nullptr)) + life.count() / 1000);
    return {};
  }
  if (value->empty() || value->find_first_of("-T:") == std::string::npos) {
    return "`" + *value + "` is no expiry; write `never`, `90d` or `2030-12-31T23:59:59Z`";
  }
  text(name, value);
  return {};
}

std::pair<CLI::App*, ApiOptionsPtr> add_api_command(CLI::App& parent, Chosen& chosen,
                                                    const std::string& name,
                                                    const std::string& help, ApiShape shape,
                                                    MakeQuestion make) {
  CLI::App& command = *parent.add_subcommand(name, help);
  auto options = std::make_shared<ApiOptions>();
  command.add_option("--server", options->target.server,
                     "URL of the admin listener; WEIR_SERVER [http://127.0.0.1:9601]");
  command.add_option("--api-token-file", options->target.api_token_file,
                     "File with the API token; WEIR_API_TOKEN holds the token itself [`api-token` "
                     "in the data folder]");
  command.add_option("--data", options->target.data, "Data folder of a server on this machine")
      ->envname("WEIR_DATA")
      ->capture_default_str();
  command.add_option("--ca", options->target.ca_file,
                     "Authorities of the server's certificate, in PEM [the system's]");
  command.add_option("--output", options->output, "`table` or `json`")
      ->check(CLI::IsMember({"table", "json"}))
      ->capture_default_str();
  command.callback([&chosen, options, shape = std::move(shape), make = std::move(make)] {
    chosen = [options, shape, make] { return ask_and_show(*options, shape, make); };
  });
  return {&command, options};
}

void add_id(CLI::App& command, ApiOptions& options) {
  command.add_option("id", options.id, "Its id")->required()->check(CLI::PositiveNumber);
}

void add_if_match(CLI::App& command, ApiOptions& options) {
  command.add_option("--if-match", options.if_match,
                     "Only if it is still as `show` told it: its etag");
}

void add_confirm_widen(CLI::App& command, ApiOptions& options) {
  command.add_flag("--confirm-widen", options.confirm_widen,
                   "Also if holders will see more, or for longer, than before");
}

std::string confirmed(std::string path, const ApiOptions& options) {
  return std::move(path) + (options.confirm_widen ? "?confirm=widen" : "");
}

}  // namespace weir::proxy
