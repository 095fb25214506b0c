// The log: one JSON object per line. Request lines carry shapes (route, code, sizes, times), never
// a query string, a body or a credential; there is no function here that would take one.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir::proxy {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  std::string file;      // empty: standard error
  bool requests = true;  // a line for each request (at kInfo)
};

/// What is said about one finished request. Views are used during the call only.
struct RequestRecord {
  std::string_view request_id;
  std::string_view listener;  // "gate", "admin"
  std::string_view method;
  std::string_view route;  // a name of the route table, never a path
  std::uint32_t token_id = 0;
  std::string_view outcome;  // "forward", "deny", "reply", "error", "aborted"
  std::string_view code;     // deny code, empty when none
  int status = 0;            // 0: the client got none
  int upstream_status = 0;   // 0: the upstream was not asked or did not answer
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::chrono::microseconds duration{0};
  std::string_view remote;
  std::string_view
      upstream_error;  // written at kDebug only: it may quote what the client asked for
};

/// Any thread. Never throws; a line that cannot be written is lost, not waited for.
class Log {
 public:
  /// Throws std::runtime_error if the file cannot be opened.
  explicit Log(const LogSettings& settings);
  ~Log();
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  using Field = std::pair<std::string_view, std::string_view>;
  /// An event beside requests: {"time","level","event",fields...}. Field values must hold no
  /// secret.
  void event(LogLevel level, std::string_view event,
             std::initializer_list<Field> fields = {}) noexcept;

  void request(const RequestRecord& record) noexcept;

  /// From the next line on.
  void set_level(LogLevel level) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::proxy
