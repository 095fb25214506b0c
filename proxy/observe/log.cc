#include "observe/log.h"

#include <spdlog/async.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <exception>
#include <stdexcept>

namespace weir::proxy {
namespace {

constexpr std::size_t kQueueLines = 8192;
constexpr std::size_t kMaxUpstreamError = 512;
constexpr std::size_t kMaxWhere = 256;
constexpr std::size_t kMaxIndices = 32;
constexpr std::size_t kMaxIndexName = 255;

void append_text(std::string_view text, std::string& out) {
  out += '"';
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte >= 0x7f) {
      // Beyond ASCII nothing is known to be UTF-8; it is written as the code points of its bytes.
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      out += escape.data();
    } else {
      out += c;
    }
  }
  out += '"';
}

template <typename T>
void append_number(T value, std::string& out) {
  std::array<char, 24> text{};
  auto end = std::to_chars(text.data(), text.data() + text.size(), value);
  out.append(text.data(), end.ptr);
}

void append_key(std::string_view key, std::string& out) {
  out += ",\"";
  out += key;
  out += "\":";
}

void append_field(std::string_view key, std::string_view value, std::string& out) {
  append_key(key, out);
  append_text(value, out);
}

template <typename T>
void append_count(std::string_view key, T value, std::string& out) {
  append_key(key, out);
  append_number(value, out);
}

// {"time":"2024-03-01T12:00:00.123Z","level":"info"
void begin_line(LogLevel level, std::string& out) {
  static constexpr std::array kNames = {"debug", "info", "warn", "error", "off"};
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  std::time_t seconds = static_cast<std::time_t>(millis / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 64> text{};
  std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text.data() + size, text.size() - size, ".%03dZ", static_cast<int>(millis % 1000));
  out += R"({"time":")";
  out += text.data();
  out += R"(","level":")";
  out += kNames[static_cast<std::size_t>(level)];
  out += '"';
}

}  // namespace

struct Log::Impl {
  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  // The writing thread ends, with everything written, before what it writes with goes away.
  ~Impl() { pool.reset(); }

  LogSettings settings;
  std::shared_ptr<spdlog::details::thread_pool> pool;
  std::shared_ptr<spdlog::async_logger> logger;

  std::atomic<LogLevel> least{LogLevel::kInfo};

  bool wants(LogLevel level) const {
    LogLevel wanted = least.load(std::memory_order_relaxed);
    return wanted != LogLevel::kOff && level >= wanted;
  }
  void write(std::string& line) const {
    line += '}';
    logger->log(spdlog::level::critical, spdlog::string_view_t(line.data(), line.size()));
  }
};

Log::Log(const LogSettings& settings) : impl_(std::make_unique<Impl>()) {
  impl_->settings = settings;
  impl_->least = settings.level;
  try {
    std::shared_ptr<spdlog::sinks::sink> sink;
    if (settings.file.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.file);
    }
    sink->set_pattern("%v");
    impl_->pool = std::make_shared<spdlog::details::thread_pool>(kQueueLines, 1);
    // Overrun: a full disk or a stuck pipe costs lines, never requests.
    impl_->logger = std::make_shared<spdlog::async_logger>(
        "weir", sink, impl_->pool, spdlog::async_overflow_policy::overrun_oldest);
    impl_->logger->flush_on(spdlog::level::trace);
    impl_->logger->set_error_handler([](const std::string&) {});
  } catch (const spdlog::spdlog_ex&) {
    throw std::runtime_error("the log file `" + settings.file +
                             "` cannot be opened; check the path and its rights");
  }
}

Log::~Log() = default;

void Log::set_level(LogLevel level) noexcept { impl_->least = level; }

void Log::event(LogLevel level, std::string_view event,
                std::initializer_list<Field> fields) noexcept {
  if (!impl_->wants(level)) return;
  try {
    std::string line;
    begin_line(level, line);
    append_field("event", event, line);
    for (const auto& [key, value] : fields) append_field(key, value, line);
    impl_->write(line);
  } catch (const std::exception&) {  // NOLINT: a line is lost, as promised
  }
}

namespace {

void append_flag(std::string_view key, bool value, std::string& out) {
  append_key(key, out);
  out += value ? "true" : "false";
}

void append_subject(const RequestRecord& record, std::string& line) {
  append_field("id", record.request_id, line);
  append_field("listener", record.listener, line);
  append_field("method", record.method, line);
  append_field("route", record.route, line);
  append_count("token_id", record.token_id, line);
  if (!record.account.empty()) append_field("account", record.account, line);
  append_field("outcome", record.outcome, line);
  if (!record.cause.code.empty()) append_field("code", record.cause.code, line);
  append_count("status", record.status, line);
}

void append_cause(const RequestRecord& record, std::string& line) {
  append_field("stage", stage_name(record.stage), line);
  if (!record.where.empty()) append_field("where", record.where.substr(0, kMaxWhere), line);
  append_field("reason", record.cause.reason, line);
  append_flag("retry", record.cause.retry, line);
}

void append_stages(const StageClock::Spent& spent, std::string& line) {
  append_key("stages", line);
  char separator = '{';
  for (std::size_t i = 0; i < spent.size(); ++i) {
    if (spent[i].count() == 0) continue;
    line += separator;
    line += '"';
    line += stage_name(static_cast<Stage>(i));
    line += "\":";
    append_number(std::chrono::duration_cast<std::chrono::microseconds>(spent[i]).count(), line);
    separator = ',';
  }
  line += separator == '{' ? "{}" : "}";
}

void append_indices(std::span<const std::string> indices, std::string& line) {
  append_key("indices", line);
  line += '[';
  const std::size_t shown = std::min(indices.size(), kMaxIndices);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i != 0) line += ',';
    append_text(std::string_view(indices[i]).substr(0, kMaxIndexName), line);
  }
  line += ']';
  if (shown < indices.size()) append_count("more_indices", indices.size() - shown, line);
}

}  // namespace

void Log::trace(const RequestRecord& record, const TraceRecord& trace) noexcept {
  if (!impl_->wants(LogLevel::kInfo)) return;
  try {
    std::string line;
    line.reserve(1024);
    begin_line(LogLevel::kInfo, line);
    append_field("event", "trace", line);
    append_count("trace", trace.trace, line);
    append_subject(record, line);
    if (!record.cause.code.empty()) append_cause(record, line);
    append_indices(trace.indices, line);
    append_count("bytes_in", record.bytes_in, line);
    append_count("bytes_out", record.bytes_out, line);
    if (!record.upstream.empty()) {
      append_field("upstream", record.upstream, line);
      append_count("upstream_status", record.upstream_status, line);
      append_count("upstream_requests", trace.upstream_requests, line);
      append_count("upstream_bytes_out", trace.upstream_bytes_out, line);
      append_count("upstream_bytes_in", trace.upstream_bytes_in, line);
      append_flag("connected", trace.connected, line);
    }
    append_count("redecisions", trace.redecisions, line);
    append_count("resent", trace.resent, line);
    append_count("micros", record.duration.count(), line);
    append_stages(trace.spent, line);
    impl_->write(line);
  } catch (const std::exception&) {  // NOLINT: a line is lost, as promised
  }
}

std::size_t Log::lost() const noexcept { return impl_->pool->overrun_counter(); }

void Log::request(const RequestRecord& record) noexcept {
  const bool failed = !record.cause.code.empty();
  if (!(impl_->settings.requests || failed) || !impl_->wants(LogLevel::kInfo)) return;
  try {
    std::string line;
    line.reserve(512);
    begin_line(LogLevel::kInfo, line);
    append_field("event", "request", line);
    append_subject(record, line);
    if (failed && record.listener == "gate") append_cause(record, line);
    if (!record.upstream.empty()) append_field("upstream", record.upstream, line);
    if (record.upstream_status != 0) append_count("upstream_status", record.upstream_status, line);
    append_count("bytes_in", record.bytes_in, line);
    append_count("bytes_out", record.bytes_out, line);
    append_count("micros", record.duration.count(), line);
    append_field("remote", record.remote, line);
    if (!record.upstream_error.empty() && impl_->wants(LogLevel::kDebug)) {
      append_field("upstream_error", record.upstream_error.substr(0, kMaxUpstreamError), line);
    }
    impl_->write(line);
  } catch (const std::exception&) {  // NOLINT: a line is lost, as promised
  }
}

}  // namespace weir::proxy
