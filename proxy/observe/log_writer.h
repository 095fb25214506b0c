// The writing end of the log. Lines are put into memory and written together a little later, by a
// thread of their own: one system call for as many requests as end within that time, and nothing a
// network thread has to wait for.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace weir::proxy {

/// Any thread. The destructor writes what is left.
class LogWriter {
 public:
  /// How long a line may lie in memory: what a crash of the program loses of the log.
  static constexpr std::chrono::milliseconds kDelay{50};
  /// A full disk or a stuck pipe costs lines, never memory without end and never requests.
  static constexpr std::size_t kMaxPending = 4U << 20U;

  /// Appends to `file`; empty: standard error. Throws std::runtime_error if it cannot be opened.
  explicit LogWriter(const std::string& file);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  /// `line` ends with its newline. `now`: it does not wait for others. Throws std::bad_alloc.
  void write(std::string_view line, bool now);
  /// Lines that were given up.
  std::size_t lost() const noexcept { return lost_.load(std::memory_order_relaxed); }

 private:
  void run();
  void write_out(std::string_view lines);

  int file_;
  bool owned_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::string pending_;
  bool asleep_ = true;  // the thread waits for a first line
  bool urgent_ = false;
  bool stop_ = false;
  std::atomic<std::size_t> lost_{0};
  std::thread thread_;
};

}  // namespace weir::proxy
