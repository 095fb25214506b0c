#include "observe/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <exception>

#include "observe/log_writer.h"

namespace weir::proxy {
namespace {

constexpr std::size_t kMaxUpstreamError = 512;
constexpr std::size_t kMaxWhere = 256;
constexpr std::size_t kMaxIndices = 32;
constexpr std::size_t kMaxIndexName = 255;

bool is_plain(char c) {
  auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x7f && c != '"' && c != '\\';
}

void append_text(std::string_view text, std::string& out) {
  out += '"';
  while (!text.empty()) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_plain);
    const auto plain = static_cast<std::size_t>(end - text.begin());
    out += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else {
      // Beyond ASCII nothing is known to be UTF-8; it is written as the code points of its bytes.
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned char>(c));
      out += escape.data();
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
  // Of the last line of this thread: the date is written out once a second.
  thread_local std::time_t last = -1;
  thread_local std::array<char, 64> text{};
  auto now = std::chrono::system_clock::now().time_since_epoch();
  auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
  std::time_t seconds = static_cast<std::time_t>(millis / 1000);
  if (seconds != last) {
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    std::strftime(text.data(), text.size(), R"({"time":"%Y-%m-%dT%H:%M:%S.)", &parts);
    last = seconds;
  }
  const auto part = static_cast<unsigned>(millis % 1000);
  const std::array<char, 3> digits = {static_cast<char>('0' + part / 100),
                                      static_cast<char>('0' + part / 10 % 10),
                                      static_cast<char>('0' + part % 10)};
  out += text.data();
  out.append(digits.data(), digits.size());
  out += R"(Z","level":")";
  out += kNames[static_cast<std::size_t>(level)];
  out += '"';
}

// Where this thread's lines are put together: memory that the next line finds again.
std::string& new_line() {
  constexpr std::size_t kKeptBytes = 16U << 10U;
  thread_local std::string line;
  if (line.capacity() > kKeptBytes) line = std::string();
  line.clear();
  line.reserve(1024);
  return line;
}

}  // namespace

struct Log::Impl {
  explicit Impl(const LogSettings& given)
      : requests(given.requests), least(given.level), writer(given.file) {}

  const bool requests;
  std::atomic<LogLevel> least;
  LogWriter writer;

  bool wants(LogLevel level) const {
    LogLevel wanted = least.load(std::memory_order_relaxed);
    return wanted != LogLevel::kOff && level >= wanted;
  }
  void write(std::string& line, bool now) {
    line += "}\n";
    writer.write(line, now);
  }
};

Log::Log(const LogSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}

Log::~Log() = default;

void Log::set_level(LogLevel level) noexcept { impl_->least = level; }

void Log::event(LogLevel level, std::string_view event,
                std::initializer_list<Field> fields) noexcept {
  if (!impl_->wants(level)) return;
  try {
    std::string& line = new_line();
    begin_line(level, line);
    append_field("event", event, line);
    for (const auto& [key, value] : fields) append_field(key, value, line);
    impl_->write(line, true);
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
    std::string& line = new_line();
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
    impl_->write(line, false);
  } catch (const std::exception&) {  // NOLINT: a line is lost, as promised
  }
}

std::size_t Log::lost() const noexcept { return impl_->writer.lost(); }

void Log::request(const RequestRecord& record) noexcept {
  const bool failed = !record.cause.code.empty();
  if (!(impl_->requests || failed) || !impl_->wants(LogLevel::kInfo)) return;
  try {
    std::string& line = new_line();
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
    impl_->write(line, false);
  } catch (const std::exception&) {  // NOLINT: a line is lost, as promised
  }
}

}  // namespace weir::proxy
