#include "e2e/message.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

namespace weir::bench {
namespace {

constexpr int kBacklog = 4096;

bool same_name(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
         });
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

}  // namespace

std::size_t head_size(std::string_view bytes) {
  std::size_t end = bytes.find("\r\n\r\n");
  return end == std::string_view::npos ? 0 : end + 4;
}

std::optional<std::string_view> header(std::string_view head, std::string_view name) {
  for (std::size_t at = head.find("\r\n"); at + 2 < head.size();) {
    std::size_t end = head.find("\r\n", at + 2);
    if (end == std::string_view::npos) break;
    std::string_view line = head.substr(at + 2, end - at - 2);
    std::size_t colon = line.find(':');
    if (colon != std::string_view::npos && same_name(line.substr(0, colon), name)) {
      std::string_view value = line.substr(colon + 1);
      while (value.starts_with(' ')) value.remove_prefix(1);
      while (value.ends_with(' ')) value.remove_suffix(1);
      return value;
    }
    at = end;
  }
  return std::nullopt;
}

std::optional<std::size_t> content_length(std::string_view head) {
  auto text = header(head, "content-length");
  std::size_t value = 0;
  if (!text || std::from_chars(text->data(), text->data() + text->size(), value).ec != std::errc{}) return std::nullopt;
  return value;
}

void MessageReader::reset() {
  state_ = State::kHead;
  body_bytes_ = 0;
  head_.clear();
  line_.clear();
}

bool MessageReader::take(std::string_view bytes, std::string* body) {
  while (!bytes.empty()) {
    switch (state_) {
      case State::kDone:
        return false;
      case State::kHead:
        if (!take_head(bytes)) return false;
        break;
      case State::kBody: {
        std::size_t part = std::min(left_, bytes.size());
        left_ -= part;
        body_bytes_ += part;
        if (body != nullptr) body->append(bytes.substr(0, part));
        bytes.remove_prefix(part);
        if (left_ == 0) state_ = chunked_ ? State::kChunkEnd : State::kDone;
        break;
      }
      case State::kChunkSize:
      case State::kChunkEnd:
      case State::kTrailer:
        if (!take_line(bytes)) return false;
        break;
    }
  }
  return true;
}

bool MessageReader::take_head(std::string_view& bytes) {
  const std::size_t before = head_.size();
  head_.append(bytes);
  const std::size_t size = head_size(head_);
  if (size == 0) {
    bytes = {};
    return true;
  }
  bytes.remove_prefix(size - before);
  head_.resize(size);
  status_ = 0;
  if (head_.starts_with("HTTP/1.") && std::from_chars(head_.data() + 9, head_.data() + 12, status_).ec != std::errc{}) return false;
  auto coding = header(head_, "transfer-encoding");
  chunked_ = coding && same_name(*coding, "chunked");
  left_ = content_length(head_).value_or(0);
  state_ = chunked_ ? State::kChunkSize : (left_ == 0 ? State::kDone : State::kBody);
  return true;
}

bool MessageReader::take_line(std::string_view& bytes) {
  std::size_t end = bytes.find('\n');
  std::size_t part = end == std::string_view::npos ? bytes.size() : end + 1;
  line_.append(bytes.substr(0, part));
  bytes.remove_prefix(part);
  if (end == std::string_view::npos) return line_.size() < 256;
  if (state_ == State::kChunkSize) {
    if (std::from_chars(line_.data(), line_.data() + line_.size(), left_, 16).ec != std::errc{}) return false;
    state_ = left_ == 0 ? State::kTrailer : State::kBody;
  } else if (state_ == State::kChunkEnd) {
    state_ = State::kChunkSize;
  } else if (line_ == "\r\n") {
    state_ = State::kDone;
  }
  line_.clear();
  return true;
}

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int listen_on(std::uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address = loopback(port);
  if (::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 || ::listen(fd, kBacklog) != 0) {
    fail("the port cannot be listened on");
  }
  return fd;
}

int connect_to(std::uint16_t port) {
  int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  set_no_delay(fd);
  return fd;
}

void set_no_delay(int fd) {
  int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void fail(std::string_view what) {
  std::fprintf(stderr, "error: %.*s\n", static_cast<int>(what.size()), what.data());
  std::exit(1);
}

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) fail("cannot read " + path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace weir::bench
