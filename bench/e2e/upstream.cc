// A search cluster that costs nearly nothing: answers read from files, chosen by a text in the request line.
//
//   bench_upstream PORT RULES
//
// A line of the file RULES is `TEXT FILE [PIECE MILLISECONDS]`: a request whose line has TEXT in it gets FILE, by the first rule that fits;
// with the two numbers as that many bytes at a time, so far apart. With `!` before TEXT it is a rule for
// the proxy's own questions, `!root` the one for `/`. `GET /__last` gives the request before it (no own question), head and body as they were, so that somebody can see what a proxy
// really sent, the body without chunks.
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <memory>
#include <sstream>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "e2e/message.h"

namespace weir::bench {
namespace {

constexpr std::size_t kReadBytes = 256U << 10U;

struct Rule {
  std::string text;
  bool own_question = false;
  std::string answer;
  std::size_t piece = 0;  // 0: all at once
  std::int64_t pause_ns = 0;
};

struct Connection {
  int fd = -1;
  MessageReader request;
  std::string body;
  const Rule* rule = nullptr;
  std::string own;  // an answer that no rule has
  std::string_view answer;
  std::size_t sent = 0;
  bool waiting = false;     // for room in the socket
  std::int64_t due_ns = 0;  // when the next piece goes out
};

std::string answer_of(std::string_view status, std::string_view body) {
  std::string out = "HTTP/1.1 ";
  out += status;
  out += "\r\nX-OpenSearch-Version: OpenSearch/3.4.0 (opensearch)\r\ncontent-type: application/json; charset=UTF-8\r\ncontent-length: ";
  out += std::to_string(body.size()) + "\r\n\r\n";
  return out.append(body);
}

std::vector<Rule> read_rules(const std::string& path) {
  std::vector<Rule> rules;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string text, file;
    if (!(words >> text >> file)) continue;
    Rule& rule = rules.emplace_back();
    rule.own_question = text.starts_with('!');
    rule.text = text.substr(rule.own_question ? 1 : 0);
    rule.answer = answer_of("200 OK", read_file(file));
    std::int64_t milliseconds = 0;
    if (words >> rule.piece >> milliseconds) rule.pause_ns = milliseconds * 1'000'000;
  }
  return rules;
}

class Upstream {
 public:
  Upstream(std::uint16_t port, std::vector<Rule> rules) : rules_(std::move(rules)), poll_(::epoll_create1(EPOLL_CLOEXEC)), listener_(listen_on(port)) {
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), slow_.empty() ? -1 : 1);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == listener_) {
          accept_all();
        } else if (!advance(*connections_.at(events[i].data.fd), events[i].events)) {
          drop(events[i].data.fd);
        }
      }
      send_due();
    }
  }

 private:
  void watch(int operation, int fd, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    ::epoll_ctl(poll_, operation, fd, &event);
  }

  void accept_all() {
    for (int fd; (fd = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      set_no_delay(fd);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      connections_[fd] = std::move(connection);
      watch(EPOLL_CTL_ADD, fd, EPOLLIN);
    }
  }

  void drop(int fd) {
    auto found = connections_.find(fd);
    std::erase(slow_, found->second.get());
    connections_.erase(found);
    ::close(fd);
  }

  // False if the connection is over.
  bool advance(Connection& c, std::uint32_t events) {
    if ((events & EPOLLOUT) != 0) return send(c);
    if (!c.answer.empty()) return (events & (EPOLLHUP | EPOLLERR)) == 0;  // it may only wait
    ssize_t got = ::recv(c.fd, buffer_.data(), buffer_.size(), 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    if (!c.request.take({buffer_.data(), static_cast<std::size_t>(got)}, &c.body)) return false;
    return !c.request.done() || answer(c);
  }

  bool answer(Connection& c) {
    const std::string& head = c.request.head();
    std::string_view line = std::string_view(head).substr(0, head.find("\r\n"));
    bool root = line.find(" / ") != std::string_view::npos;
    auto found = std::find_if(rules_.begin(), rules_.end(), [&](const Rule& rule) {
      return root ? rule.own_question && rule.text == "root" : line.find(rule.text) != std::string_view::npos;
    });
    if (line.find(" /__last ") != std::string_view::npos) {
      c.own = answer_of("200 OK", last_head_ + last_body_);
      c.answer = c.own;
    } else if (found == rules_.end()) {
      c.own = answer_of("404 Not Found", R"({"error":"no rule"})");
      c.answer = c.own;
    } else {
      c.rule = &*found;
      c.answer = found->answer;
    }
    if (c.rule != nullptr && !c.rule->own_question) {
      last_head_ = head;
      last_body_.swap(c.body);
    }
    c.sent = 0;
    c.due_ns = now_ns();
    if (c.rule != nullptr && c.rule->piece > 0) slow_.push_back(&c);
    return send(c);
  }

  bool send(Connection& c) {
    while (c.sent < c.answer.size()) {
      std::size_t size = c.answer.size() - c.sent;
      if (c.rule != nullptr && c.rule->piece > 0) {
        if (now_ns() < c.due_ns) return true;
        size = std::min(size, c.rule->piece);
      }
      ssize_t sent = ::send(c.fd, c.answer.data() + c.sent, size, MSG_NOSIGNAL);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0 || static_cast<std::size_t>(sent) < size) {
        c.sent += static_cast<std::size_t>(std::max<ssize_t>(sent, 0));
        watch(EPOLL_CTL_MOD, c.fd, EPOLLIN | EPOLLOUT);
        c.waiting = true;
        return true;
      }
      c.sent += size;
      c.due_ns += c.rule != nullptr ? c.rule->pause_ns : 0;
    }
    finish(c);
    return true;
  }

  void finish(Connection& c) {
    if (std::exchange(c.waiting, false)) watch(EPOLL_CTL_MOD, c.fd, EPOLLIN);
    if (c.rule != nullptr && c.rule->piece > 0) std::erase(slow_, &c);
    c.rule = nullptr;
    c.answer = {};
    c.request.reset();
    c.body.clear();
  }

  void send_due() {
    const std::vector<Connection*> slow = slow_;
    for (Connection* c : slow) {
      if (!send(*c)) drop(c->fd);
    }
  }

  std::vector<Rule> rules_;
  int poll_;
  int listener_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  std::unordered_map<int, std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> slow_;
  std::string last_head_;
  std::string last_body_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  if (argc != 3) weir::bench::fail("usage: bench_upstream PORT RULES");
  weir::bench::Upstream(static_cast<std::uint16_t>(std::atoi(argv[1])), weir::bench::read_rules(argv[2])).run();
}
