// The log: one JSON object per line. Every request of the gate leaves at most one `request` line,
// and exactly one if it was denied or failed, which then tells the cause. The lines carry shapes
// (route, code, sizes, times), never a query string, a body or a credential; there is no function
// here that would take one.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "observe/causes.h"
#include "observe/stage_clock.h"

namespace weir::proxy {

enum class LogLevel : std::uint8_t { kDebug, kInfo, kWarn, kError, kOff };

struct LogSettings {
  LogLevel level = LogLevel::kInfo;
  std::string file;      // empty: standard error
  bool requests = true;  // a line for each request (at kInfo), not only for those that failed
};

/// What is said about one finished request. Views are used during the call only.
struct RequestRecord {
  std::string_view request_id;
  std::string_view listener;  // "gate", "admin", "front"
  std::string_view method;
  std::string_view route;  // a name of the route table, never a path
  std::uint32_t token_id = 0;
  std::string_view account = {};  // of the token; empty: not known
  std::string_view outcome;       // "forward", "deny", "reply", "error", "aborted"
  int status = 0;                 // 0: the client got none
  int upstream_status = 0;        // 0: the upstream was not asked or did not answer
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::chrono::microseconds duration{0};
  std::string_view remote;
  std::string_view
      upstream_error;  // written at kDebug only: it may quote what the client asked for

  // What went wrong; a request without a cause was answered.
  Cause cause = {};
  Stage stage = Stage::kHead;      // at which it went wrong
  std::string_view where = {};     // JSON pointer or `?param`; it is cut if it is long
  std::string_view upstream = {};  // its name, if it took part
};

/// What is said about a request that is traced, beside its record.
struct TraceRecord {
  std::uint32_t trace = 0;               // the order's id
  std::span<const std::string> indices;  // that it asked for
  StageClock::Spent spent{};
  std::uint64_t upstream_bytes_out = 0;  // of the bodies sent to the upstream
  std::uint64_t upstream_bytes_in = 0;   // of the bodies it sent
  std::uint32_t upstream_requests = 0;   // with those that were asked for the gate's own sake
  std::uint32_t redecisions = 0;         // because the policy changed meanwhile
  std::uint32_t resent = 0;              // because a kept connection was gone
  bool connected = false;                // a connection had to be made
};

/// Any thread. Never throws; a line that cannot be written is lost, not waited for. Lines of requests
/// are written within LogWriter::kDelay, events at once.
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

  /// One line for a request, with the cause if it has one.
  void request(const RequestRecord& record) noexcept;
  /// A line of its own. At kInfo.
  void trace(const RequestRecord& record, const TraceRecord& trace) noexcept;

  /// Lines that were given up because the file could not keep pace.
  std::size_t lost() const noexcept;

  /// From the next line on.
  void set_level(LogLevel level) noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace weir::proxy
