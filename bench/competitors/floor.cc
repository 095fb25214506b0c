// The least that a gate could do: find the ends of the messages, check every JSON value of a body with simdjson, splice the filter in. No
// token, no limits, no names decided, no second thoughts about framing; one upstream connection for each client.
//
//   peer_floor PORT UPSTREAM_PORT
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "e2e/message.h"
#include "micro/walk_values.h"

namespace weir::bench {
namespace {

constexpr std::string_view kBefore = R"({"bool":{"filter":[{"term":{"team":{"value":"payments"}}}],"must":[)";
constexpr std::string_view kAfter = "]}}";
constexpr std::size_t kReadBytes = 256U << 10U;

namespace od = simdjson::ondemand;

using Pieces = std::vector<std::string_view>;

// Checks one search and adds its pieces with the filter. `text` has room behind it. False if it is refused.
bool splice_search(od::parser& parser, std::string_view text, std::size_t room, Pieces& pieces) {
  try {
    od::document document = parser.iterate(text.data(), text.size(), text.size() + room);
    const char* begin = nullptr;
    const char* end = nullptr;
    for (od::field field : document.get_object()) {
      const bool query = std::string_view(field.unescaped_key()) == "query";
      od::value value = field.value();
      const char* at = value.raw_json_token().data();
      walk_values<od::value>(value);
      if (query) {
        begin = at;
        end = document.current_location().value();
      }
    }
    if (begin == nullptr) return false;
    const char* last = text.data() + text.size();
    pieces.insert(pieces.end(), {{text.data(), static_cast<std::size_t>(begin - text.data())}, kBefore,
                                 {begin, static_cast<std::size_t>(end - begin)}, kAfter, {end, static_cast<std::size_t>(last - end)}});
    return true;
  } catch (const simdjson::simdjson_error&) {
    return false;
  }
}

bool splice(od::parser& parser, std::string_view body, bool lines, Pieces& pieces) {
  if (!lines) return splice_search(parser, body, simdjson::SIMDJSON_PADDING, pieces);
  bool header = true;
  for (std::size_t end; !body.empty(); body.remove_prefix(end + 1), header = !header) {
    end = body.find('\n');
    if (end == std::string_view::npos) return false;
    const std::size_t room = body.size() - end + simdjson::SIMDJSON_PADDING;
    if (header) {
      od::document document = parser.iterate(body.data(), end, end + room);
      if (walk_values<od::document&>(document) == 0) return false;
      pieces.push_back(body.substr(0, end + 1));
    } else {
      if (!splice_search(parser, body.substr(0, end), room, pieces)) return false;
      pieces.push_back("\n");
    }
  }
  return true;
}

// A client and its upstream connection; each side has its own place in the poll set.
struct Pair {
  struct Side {
    Pair* pair = nullptr;
    int fd = -1;
    bool waiting = false;
  };
  Side client;
  Side upstream;
  std::string in;
  std::size_t wanted = 0;
  std::string head;
  Pieces pieces;
  std::vector<iovec> out;
  std::size_t out_at = 0;
  std::string held;  // of an answer that the client does not take
};

class Floor {
 public:
  Floor(std::uint16_t port, std::uint16_t upstream) : upstream_(upstream), poll_(::epoll_create1(EPOLL_CLOEXEC)), listener_{nullptr, listen_on(port)} {
    watch(EPOLL_CTL_ADD, listener_, EPOLLIN);
  }

  [[noreturn]] void run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      int count = ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto& side = *static_cast<Pair::Side*>(events[i].data.ptr);
        if (&side == &listener_) {
          accept_all();
        } else if (side.pair->client.fd >= 0 && !advance(side, events[i].events)) {
          close(*side.pair);
        }
      }
      pairs_.erase(std::remove_if(pairs_.begin(), pairs_.end(), [](const auto& pair) { return pair->client.fd < 0; }), pairs_.end());
    }
  }

 private:
  void watch(int operation, Pair::Side& side, std::uint32_t what) {
    epoll_event event{};
    event.events = what;
    event.data.ptr = &side;
    ::epoll_ctl(poll_, operation, side.fd, &event);
  }

  void wait_for_room(Pair::Side& side, bool wanted) {
    if (side.waiting == wanted) return;
    side.waiting = wanted;
    watch(EPOLL_CTL_MOD, side, wanted ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }

  void accept_all() {
    for (int fd; (fd = ::accept4(listener_.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      set_no_delay(fd);
      Pair& pair = *pairs_.emplace_back(std::make_unique<Pair>());
      pair.client = {&pair, fd};
      pair.upstream = {&pair, connect_to(upstream_)};
      watch(EPOLL_CTL_ADD, pair.client, EPOLLIN);
      watch(EPOLL_CTL_ADD, pair.upstream, EPOLLIN);
    }
  }

  void close(Pair& pair) {
    ::close(pair.client.fd);
    ::close(pair.upstream.fd);
    pair.client.fd = -1;
  }

  bool advance(Pair::Side& side, std::uint32_t events) {
    Pair& pair = *side.pair;
    if (&side == &pair.upstream) {
      if ((events & EPOLLOUT) != 0) return send(pair);
      return pair.held.empty() ? answer(pair) : true;
    }
    if ((events & EPOLLOUT) != 0) return send_held(pair);
    return take_request(pair);
  }

  bool take_request(Pair& pair) {
    ssize_t got = ::recv(pair.client.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    pair.in.append(buffer_.data(), static_cast<std::size_t>(got));
    std::size_t size = head_size(pair.in);
    if (size == 0) return true;
    if (pair.wanted == 0) {
      pair.wanted = size + content_length(std::string_view(pair.in).substr(0, size)).value_or(0);
      pair.in.reserve(pair.wanted + simdjson::SIMDJSON_PADDING);
    }
    return pair.in.size() < pair.wanted || rewrite(pair, size);
  }

  bool rewrite(Pair& pair, std::size_t size) {
    std::string_view head = std::string_view(pair.in).substr(0, size);
    std::string_view body = std::string_view(pair.in).substr(size);
    pair.pieces.clear();
    const bool lines = head.substr(0, head.find("\r\n")).find("_msearch") != std::string_view::npos;
    if (!splice(parser_, body, lines, pair.pieces)) return false;
    std::size_t bytes = 0;
    for (std::string_view piece : pair.pieces) bytes += piece.size();
    std::string_view length = *header(head, "content-length");
    const auto at = static_cast<std::size_t>(length.data() - head.data());
    pair.head.assign(head.substr(0, at)).append(std::to_string(bytes)).append(head.substr(at + length.size()));
    pair.out.assign(1, {pair.head.data(), pair.head.size()});
    for (std::string_view piece : pair.pieces) pair.out.push_back({const_cast<char*>(piece.data()), piece.size()});
    pair.out_at = 0;
    return send(pair);
  }

  bool send(Pair& pair) {
    while (pair.out_at < pair.out.size()) {
      msghdr message{};
      message.msg_iov = pair.out.data() + pair.out_at;
      message.msg_iovlen = pair.out.size() - pair.out_at;
      ssize_t sent = ::sendmsg(pair.upstream.fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
      if (sent < 0 && errno != EAGAIN) return false;
      if (sent < 0) {
        wait_for_room(pair.upstream, true);
        return true;
      }
      for (auto left = static_cast<std::size_t>(sent); pair.out_at < pair.out.size();) {
        iovec& piece = pair.out[pair.out_at];
        std::size_t part = std::min(left, piece.iov_len);
        piece = {static_cast<char*>(piece.iov_base) + part, piece.iov_len - part};
        left -= part;
        if (piece.iov_len > 0) break;
        ++pair.out_at;
      }
    }
    wait_for_room(pair.upstream, false);
    pair.in.clear();
    pair.wanted = 0;
    return true;
  }

  bool answer(Pair& pair) {
    ssize_t got = ::recv(pair.upstream.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    ssize_t sent = ::send(pair.client.fd, buffer_.data(), static_cast<std::size_t>(got), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && errno != EAGAIN) return false;
    sent = std::max<ssize_t>(sent, 0);
    if (sent == got) return true;
    pair.held.assign(buffer_.data() + sent, static_cast<std::size_t>(got - sent));
    watch(EPOLL_CTL_MOD, pair.upstream, 0);
    wait_for_room(pair.client, true);
    return true;
  }

  bool send_held(Pair& pair) {
    ssize_t sent = ::send(pair.client.fd, pair.held.data(), pair.held.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) return errno == EAGAIN;
    pair.held.erase(0, static_cast<std::size_t>(sent));
    if (!pair.held.empty()) return true;
    wait_for_room(pair.client, false);
    watch(EPOLL_CTL_MOD, pair.upstream, EPOLLIN);
    return true;
  }

  std::uint16_t upstream_;
  int poll_;
  Pair::Side listener_;
  std::vector<std::unique_ptr<Pair>> pairs_;
  std::vector<char> buffer_ = std::vector<char>(kReadBytes);
  od::parser parser_;
};

}  // namespace
}  // namespace weir::bench

int main(int argc, char** argv) {
  if (argc != 3) weir::bench::fail("usage: peer_floor PORT UPSTREAM_PORT");
  weir::bench::Floor(static_cast<std::uint16_t>(std::atoi(argv[1])), static_cast<std::uint16_t>(std::atoi(argv[2]))).run();
}
