// The words the network code is written in. Internal to net/: nobody else includes Asio.
//
// One thread runs one io_context; everything of a connection happens on its thread, so nothing here
// is locked.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstddef>

#include "net/task.h"

namespace weir::proxy {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Executor = asio::io_context::executor_type;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

struct IoResult {
  ErrorCode error;
  std::size_t bytes = 0;

  bool ok() const noexcept { return !error; }
  bool timed_out() const noexcept { return error == asio::error::timed_out; }
};

/// Something that will happen once, waited for by one coroutine.
class Event {
 public:
  explicit Event(Executor executor) : timer_(executor) {}

  void notify() {
    set_ = true;
    timer_.cancel();
  }
  bool is_set() const noexcept { return set_; }

  /// True if it happened before the deadline.
  Task<bool> wait(TimePoint deadline);

 private:
  Timer timer_;
  bool set_ = false;
};

}  // namespace weir::proxy
