#include "observe/log_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace weir::proxy {
namespace {

// So much does not wait for more, and no more memory than twice that is kept.
constexpr std::size_t kBatchBytes = 64U << 10U;

int open_file(const std::string& file) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  const int opened = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
  if (opened < 0) {
    throw std::runtime_error("the log file `" + file +
                             "` cannot be opened; check the path and its rights");
  }
  return opened;
}

}  // namespace

LogWriter::LogWriter(const std::string& file)
    : file_(file.empty() ? STDERR_FILENO : open_file(file)), owned_(!file.empty()) {
  pending_.reserve(2 * kBatchBytes);
  thread_ = std::thread([this] { run(); });
}

LogWriter::~LogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  if (owned_) ::close(file_);
}

void LogWriter::write(std::string_view line, bool now) {
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (line.size() > kMaxPending - pending_.size()) {
      lost_.fetch_add(1, std::memory_order_relaxed);
      return;
    }
    pending_ += line;
    now = now || pending_.size() >= kBatchBytes;
    wake = asleep_ || (now && !urgent_);
    asleep_ = false;
    urgent_ = urgent_ || now;
  }
  if (wake) wake_.notify_one();
}

void LogWriter::run() {
  std::string lines;
  lines.reserve(2 * kBatchBytes);
  std::unique_lock lock(mutex_);
  while (true) {
    asleep_ = pending_.empty();
    wake_.wait(lock, [this] { return stop_ || !pending_.empty(); });
    if (!stop_) wake_.wait_for(lock, kDelay, [this] { return stop_ || urgent_; });
    if (pending_.empty()) return;
    lines.swap(pending_);
    urgent_ = false;
    lock.unlock();
    write_out(lines);
    lines.clear();
    if (lines.capacity() > 2 * kBatchBytes) lines.shrink_to_fit();
    lock.lock();
  }
}

void LogWriter::write_out(std::string_view lines) {
  while (!lines.empty()) {
    const ssize_t written = ::write(file_, lines.data(), lines.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const auto gone = std::count(lines.begin(), lines.end(), '\n');
      lost_.fetch_add(static_cast<std::size_t>(gone), std::memory_order_relaxed);
      return;
    }
    lines.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace weir::proxy
