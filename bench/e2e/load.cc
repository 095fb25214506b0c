// The load generator: the same request over kept-alive connections, one thread, no allocation per request.
//
//   bench_load --port P --heads FILE --body FILE [--connections N] [--seconds S | --requests N] [--rate R] [--hold]
//
// FILE of --heads has one or more whole heads (with their empty lines), which are sent in turn: several tokens. Without a rate each
// connection sends when it has been answered (closed loop). With one, requests become due at fixed times whatever the answers do, and latency counts
// from then: a stall of the proxy is seen by all requests that it holds up (no coordinated omission). With --hold the connections
// stay open, after the line of output, until standard input ends. Prints one line of JSON.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <vector>

#include "e2e/message.h"

namespace weir::bench {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;
constexpr std::size_t kMaxErrors = 100;

struct Plan {
  std::uint16_t port = 0;
  std::vector<std::string> heads;
  std::string body;
  std::size_t connections = 16;
  double seconds = 1;
  std::size_t requests = SIZE_MAX;
  double rate = 0;
  bool hold = false;
};

struct Connection {
  int fd = -1;
  bool busy = false;
  bool waiting = false;  // for room in the socket
  std::size_t sent = 0;
  const std::string* head = nullptr;
  std::int64_t due_ns = 0;
  std::int64_t first_ns = 0;
  MessageReader answer;
};

struct Results {
  std::vector<double> whole_us;
  std::vector<double> first_us;  // to the first byte of the body
  std::size_t errors = 0;
  std::size_t body_bytes = 0;
  int odd_status = 0;
  double seconds = 0;
};

double quantile(std::vector<double>& sorted, double part) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(part * static_cast<double>(sorted.size())))];
}

class Load {
 public:
  explicit Load(const Plan& plan) : plan_(plan), poll_(::epoll_create1(EPOLL_CLOEXEC)), connections_(plan.connections) {
    results_.whole_us.reserve(1U << 20U);
    results_.first_us.reserve(1U << 20U);
    for (std::size_t i = 0; i < connections_.size(); ++i) {
      open(i);
      idle_.push_back(i);
    }
  }

  Results run() {
    const std::int64_t begin = now_ns();
    const std::int64_t end = plan_.requests == SIZE_MAX ? begin + static_cast<std::int64_t>(plan_.seconds * 1e9) : INT64_MAX;
    next_due_ns_ = begin;
    std::array<epoll_event, 256> events{};
    for (std::int64_t now = begin; results_.errors <= kMaxErrors; now = now_ns()) {
      const bool over = now >= end || begun_ >= plan_.requests;
      if (!over) begin_due(now);
      if (over && idle_.size() == connections_.size()) break;
      int count = wait(events, now);
      for (int i = 0; i < count; ++i) advance(events[i].data.u64, events[i].events);
    }
    results_.seconds = static_cast<double>(now_ns() - begin) / 1e9;
    return std::move(results_);
  }

 private:
  void open(std::size_t index) {
    Connection& c = connections_[index];
    c.fd = connect_to(plan_.port);
    if (c.fd < 0) fail("the proxy does not accept connections");
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_ADD, c.fd, &event);
  }

  void begin_due(std::int64_t now) {
    if (plan_.rate > 0) {
      for (; next_due_ns_ <= now; next_due_ns_ += static_cast<std::int64_t>(1e9 / plan_.rate)) due_.push_back(next_due_ns_);
    }
    while (!idle_.empty() && begun_ < plan_.requests && (plan_.rate <= 0 || !due_.empty())) {
      std::size_t index = idle_.front();
      idle_.pop_front();
      Connection& c = connections_[index];
      c.due_ns = plan_.rate > 0 ? due_.front() : now_ns();
      if (plan_.rate > 0) due_.pop_front();
      c.head = &plan_.heads[begun_++ % plan_.heads.size()];
      c.busy = true;
      c.sent = 0;
      c.first_ns = 0;
      c.answer.reset();
      send(index);
    }
  }

  int wait(std::array<epoll_event, 256>& events, std::int64_t now) {
    std::int64_t pause = plan_.rate > 0 ? std::max<std::int64_t>(next_due_ns_ - now, 0) : 50'000'000;
    timespec time{pause / 1'000'000'000, pause % 1'000'000'000};
    return ::epoll_pwait2(poll_, events.data(), static_cast<int>(events.size()), &time, nullptr);
  }

  void advance(std::size_t index, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) send(index);
    if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) receive(index);
  }

  void send(std::size_t index) {
    Connection& c = connections_[index];
    const std::size_t all = c.head->size() + plan_.body.size();
    while (c.sent < all) {
      std::array<iovec, 2> parts{};
      int count = 0;
      if (c.sent < c.head->size()) parts[count++] = {const_cast<char*>(c.head->data()) + c.sent, c.head->size() - c.sent};
      const std::size_t at = c.sent < c.head->size() ? 0 : c.sent - c.head->size();
      if (at < plan_.body.size()) parts[count++] = {const_cast<char*>(plan_.body.data()) + at, plan_.body.size() - at};
      msghdr message{};
      message.msg_iov = parts.data();
      message.msg_iovlen = static_cast<std::size_t>(count);
      ssize_t sent = ::sendmsg(c.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) return lose(index);
      if (sent < 0) return wait_for_room(index, true);
      c.sent += static_cast<std::size_t>(sent);
    }
    if (c.waiting) wait_for_room(index, false);
  }

  void wait_for_room(std::size_t index, bool wanted) {
    Connection& c = connections_[index];
    if (c.waiting == wanted) return;
    c.waiting = wanted;
    epoll_event event{};
    event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
    event.data.u64 = index;
    ::epoll_ctl(poll_, EPOLL_CTL_MOD, c.fd, &event);
  }

  void receive(std::size_t index) {
    Connection& c = connections_[index];
    ssize_t got = ::recv(c.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0 || !c.busy || !c.answer.take({buffer_.data(), static_cast<std::size_t>(got)})) return lose(index);
    if (c.first_ns == 0 && c.answer.body_bytes() > 0) c.first_ns = now_ns();
    if (c.answer.done()) finish(index);
  }

  void finish(std::size_t index) {
    Connection& c = connections_[index];
    const std::int64_t now = now_ns();
    if (results_.body_bytes == 0) results_.body_bytes = c.answer.body_bytes();
    if (c.answer.status() != 200 || c.answer.body_bytes() != results_.body_bytes || c.sent < c.head->size() + plan_.body.size()) {
      results_.odd_status = c.answer.status();
      return lose(index);
    }
    results_.whole_us.push_back(static_cast<double>(now - c.due_ns) / 1e3);
    results_.first_us.push_back(static_cast<double>((c.first_ns == 0 ? now : c.first_ns) - c.due_ns) / 1e3);
    c.busy = false;
    idle_.push_back(index);
  }

  void lose(std::size_t index) {
    Connection& c = connections_[index];
    ++results_.errors;
    ::close(c.fd);
    if (c.busy) idle_.push_back(index);
    c.busy = c.waiting = false;
    open(index);
  }

  const Plan& plan_;
  int poll_;
  std::vector<Connection> connections_;
  std::deque<std::size_t> idle_;
  std::deque<std::int64_t> due_;
  std::int64_t next_due_ns_ = 0;
  std::size_t begun_ = 0;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  Results results_;
};

std::vector<std::string> split_heads(std::string_view text) {
  std::vector<std::string> heads;
  for (std::size_t size; (size = head_size(text)) > 0; text.remove_prefix(size)) heads.emplace_back(text.substr(0, size));
  if (heads.empty()) fail("there is no head in the file of --heads");
  return heads;
}

Plan read_plan(int argc, char** argv) {
  Plan plan;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--hold") {
      plan.hold = true;
      continue;
    }
    if (++i == argc) fail("a value is missing");
    const std::string value = argv[i];
    if (name == "--port") plan.port = static_cast<std::uint16_t>(std::stoul(value));
    else if (name == "--heads") plan.heads = split_heads(read_file(value));
    else if (name == "--body") plan.body = read_file(value);
    else if (name == "--connections") plan.connections = std::stoul(value);
    else if (name == "--seconds") plan.seconds = std::stod(value);
    else if (name == "--requests") plan.requests = std::stoul(value);
    else if (name == "--rate") plan.rate = std::stod(value);
    else fail("unknown option " + std::string(name));
  }
  if (plan.port == 0 || plan.heads.empty()) fail("--port and --heads are needed");
  return plan;
}

void print(Results& results) {
  std::sort(results.whole_us.begin(), results.whole_us.end());
  std::sort(results.first_us.begin(), results.first_us.end());
  std::printf("{\"requests\":%zu,\"errors\":%zu,\"odd_status\":%d,\"body_bytes\":%zu,\"seconds\":%.6f,", results.whole_us.size(), results.errors,
              results.odd_status, results.body_bytes, results.seconds);
  std::printf("\"p50_us\":%.1f,\"p99_us\":%.1f,\"max_us\":%.1f,", quantile(results.whole_us, 0.5), quantile(results.whole_us, 0.99),
              results.whole_us.empty() ? 0 : results.whole_us.back());
  std::printf("\"first_p50_us\":%.1f,\"first_p99_us\":%.1f}\n", quantile(results.first_us, 0.5), quantile(results.first_us, 0.99));
  std::fflush(stdout);
}

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  const weir::bench::Plan plan = weir::bench::read_plan(argc, argv);
  weir::bench::Load load(plan);
  weir::bench::Results results = load.run();
  weir::bench::print(results);
  char ignored = 0;
  while (plan.hold && ::read(0, &ignored, 1) > 0) {
  }
  return results.errors == 0 ? 0 : 1;
}
