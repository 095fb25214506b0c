// A TCP relay on loopback that a test can cut: what a broken network does between a program and its
// database.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace weir::proxy {

class Relay {
 public:
  enum class Cut {
    kNever,
    kBefore,  // what holds the word is not passed on
    kAfter,   // it is, and its answer is not
    kSilent,  // nothing is passed on from there, and nothing is closed
  };

  explicit Relay(int target) : target_(target), listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::listen(listener_, 8) != 0 ||
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      std::perror("relay");
      std::abort();
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { run(); });
  }
  ~Relay() {
    stopped_ = true;
    thread_.join();
    for (std::thread& passing : passing_) passing.join();
    ::close(listener_);
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  int port() const { return port_; }

  /// The next message of the client with this word in it is cut; once.
  void cut(Cut how, std::string word) {
    word_ = std::move(word);
    cut_ = how;
  }

 private:
  static sockaddr_in loopback(int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
  }

  void run() {
    while (!stopped_) {
      pollfd item{listener_, POLLIN, 0};
      if (::poll(&item, 1, 20) <= 0) continue;
      passing_.emplace_back([this, client = ::accept(listener_, nullptr, nullptr)] {
        const int server = ::socket(AF_INET, SOCK_STREAM, 0);
        const sockaddr_in address = loopback(target_);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
          pass(client, server);
        }
        ::close(client);
        ::close(server);
      });
    }
  }

  void pass(int client, int server) {
    bool silent = false;
    while (!stopped_) {
      pollfd items[] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
      if (::poll(items, 2, 20) <= 0) continue;
      for (const int from : {0, 1}) {
        if (items[from].revents == 0) continue;
        char bytes[65536];
        const ssize_t size = ::recv(items[from].fd, bytes, sizeof bytes, 0);
        if (size <= 0) return;
        const std::string_view text(bytes, static_cast<std::size_t>(size));
        Cut how = Cut::kNever;
        if (from == 0 && cut_ != Cut::kNever && text.find(word_) != std::string_view::npos) {
          how = cut_.exchange(Cut::kNever);
        }
        if (how == Cut::kBefore) return;
        silent = silent || how == Cut::kSilent;
        if (silent) continue;
        if (::send(items[1 - from].fd, bytes, text.size(), MSG_NOSIGNAL) !=
            static_cast<ssize_t>(text.size())) {
          return;
        }
        if (how == Cut::kAfter) {
          // Its answer is waited for, so that the server has done it for certain.
          if (::recv(server, bytes, sizeof bytes, 0) <= 0) std::perror("relay");
          return;
        }
      }
    }
  }

  const int target_;
  const int listener_;
  int port_ = 0;
  std::string word_;
  std::atomic<Cut> cut_{Cut::kNever};
  std::atomic<bool> stopped_{false};
  std::vector<std::thread> passing_;
  std::thread thread_;
};

}  // namespace weir::proxy
