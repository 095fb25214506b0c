// What the commands over the API share: their flags, and how an answer becomes output and an exit
// code.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/api_client.h"
#include "cli/api_output.h"
#include "cli/chosen.h"

namespace CLI {
class App;
}

namespace weir::proxy {

void add_token_commands(CLI::App& program, Chosen& chosen);
void add_link_commands(CLI::App& program, Chosen& chosen);
void add_filter_commands(CLI::App& program, Chosen& chosen);
void add_audit_command(CLI::App& program, Chosen& chosen);

/// The API refused; the command line is wrong; the server cannot be reached.
inline constexpr int kExitRefused = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitUnreachable = 3;

/// A body under construction, member by member.
class BodyBuilder {
 public:
  void text(const std::string& name, const std::optional<std::string>& value);
  void numbers(const std::string& name, const std::optional<std::vector<std::int32_t>>& value);
  void number(const std::string& name, std::int64_t value);
  void flag(const std::string& name, bool value);
  void null(const std::string& name);
  /// `never`, a time from now (`90d`), or a time as the API takes it. Returns what is wrong.
  std::string expiry(const std::string& name, const std::optional<std::string>& value);
  std::string json() const { return "{" + members_ + "}"; }

 private:
  void raw(const std::string& name, const std::string& json);
  std::string members_;
};

/// What a command's flags were filled with.
struct ApiOptions {
  ApiTarget target;
  std::string output = "table";
  std::int32_t id = 0;
  std::string if_match;
  bool confirm_widen = false;
};
using ApiOptionsPtr = std::shared_ptr<ApiOptions>;

/// How its answer is shown.
struct ApiShape {
  std::vector<Column> columns;
  bool list = false;
  std::string done = {};  // instead of an answer that has no body
};

/// A question, or what is wrong with the command line.
using MakeQuestion = std::function<Result<ApiQuestion>(const ApiOptions&)>;

/// Adds a command and its common flags; `chosen` asks the question when it is given. Returns it and
/// the options, which live as long as it.
std::pair<CLI::App*, ApiOptionsPtr> add_api_command(CLI::App& parent, Chosen& chosen,
                                                    const std::string& name,
                                                    const std::string& help, ApiShape shape,
                                                    MakeQuestion make);

void add_id(CLI::App& command, ApiOptions& options);
void add_if_match(CLI::App& command, ApiOptions& options);
void add_confirm_widen(CLI::App& command, ApiOptions& options);

/// `path`, with `?confirm=widen` where that was given.
std::string confirmed(std::string path, const ApiOptions& options);

}  // namespace weir::proxy
