// A search goes through the gate, from the first byte of its head to the line in the log, without a
// single allocation once the connection has served before. Every malloc of this program is counted
// while a client and an upstream, which make none themselves, pass requests through a whole server.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <thread>

#include "auth/key_ring.h"
#include "net/server.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "support/policy.h"

namespace {
std::atomic<std::size_t> allocations{0};
}

extern "C" {
void* __libc_malloc(std::size_t);
void* __libc_calloc(std::size_t, std::size_t);
void* __libc_realloc(void*, std::size_t);
void* __libc_memalign(std::size_t, std::size_t);

void* malloc(std::size_t size) {
  allocations.fetch_add(1);
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  allocations.fetch_add(1);
  return __libc_calloc(count, size);
}
void* realloc(void* memory, std::size_t size) {
  allocations.fetch_add(1);
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1);
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** out, std::size_t alignment, std::size_t size) {
  allocations.fetch_add(1);
  *out = __libc_memalign(alignment, size);
  return *out == nullptr ? ENOMEM : 0;
}
}

namespace weir::proxy {
namespace {

constexpr int kWarm = 200;
constexpr int kCounted = 200;

void check(bool good, const char* what) {
  if (good) return;
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  std::abort();
}

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    check(sent > 0, "send");
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// Reads one message with a Content-Length; false at the end of the connection.
bool read_message(int socket) {
  std::array<char, 64U << 10U> buffer;
  std::size_t held = 0;
  std::size_t whole = 0;
  while (whole == 0 || held < whole) {
    const ssize_t got = ::recv(socket, buffer.data() + held, buffer.size() - held, 0);
    if (got <= 0) return false;
    held += static_cast<std::size_t>(got);
    const std::string_view seen(buffer.data(), held);
    const std::size_t end = seen.find("\r\n\r\n");
    if (whole != 0 || end == std::string_view::npos) continue;
    constexpr std::string_view kLength = "content-length: ";
    const std::size_t at = seen.find(kLength);
    check(at < end, "a message without a length");
    whole = end + 4 + std::strtoul(buffer.data() + at + kLength.size(), nullptr, 10);
  }
  return true;
}

// One connection at a time: the gate's only worker keeps one.
class Upstream {
 public:
  Upstream() : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    check(::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
    check(::listen(listener_, 8) == 0, "listen");
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    answer_ = "HTTP/1.1 200 OK\r\ncontent-type: application/json; charset=UTF-8\r\n";
    answer_ += "content-length: 16000\r\n\r\n{\"hits\":\"" + std::string(15989, 'x') + "\"}";
    thread_ = std::thread([this] { serve(); });
  }
  ~Upstream() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    while (true) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      while (read_message(connection)) send_all(connection, answer_);
      ::close(connection);
    }
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::string answer_;
  std::thread thread_;
};

std::size_t count_requests(std::uint16_t gate, int requests) {
  static constexpr std::string_view kRequest =
      "POST /logs-*/_search HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer the-secret\r\n"
      "content-type: application/json\r\naccept: */*\r\nx-opaque-id: dashboard-1\r\n"
      "content-length: 52\r\n\r\n"
      R"({"query":{"match":{"message":"timeout"}},"size":200})";
  static int client = -1;
  if (client < 0) {
    client = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in address = loopback(gate);
    check(::connect(client, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0,
          "connect");
  }
  const std::size_t before = allocations.load();
  for (int i = 0; i < requests; ++i) {
    send_all(client, kRequest);
    check(read_message(client), "no answer");
  }
  return allocations.load() - before;
}

int run() {
  const Upstream upstream;
  MasterKey::Array bytes{};
  bytes.fill(7);
  const auto keys = KeyRing::derive(MasterKey(bytes, KeyForm::kPlain));
  PolicySource source = support::sample_source();
  source.tokens.front().digest = *keys->token_digest("the-secret");
  SharedPolicy policy(support::compile(source));
  Log log({.file = "/dev/null"});
  Metrics metrics;
  ServerSettings settings;
  settings.gate.listen.port = settings.admin.listen.port = 0;
  settings.upstreams.emplace_back().port = upstream.port();
  settings.worker_threads = 1;
  Server server(settings, policy, nullptr, log, metrics,
                {.digests = [&](std::string_view token) { return keys->token_digests(token); },
                 .key_generation = [&] { return keys->generation(); },
                 .used = [](std::uint32_t, std::uint32_t, std::int64_t) {},
                 .admin = nullptr,
                 .reload = nullptr});
  server.bind();
  std::thread serving([&] { server.run(); });
  count_requests(server.gate_port(), kWarm);
  const std::size_t made = count_requests(server.gate_port(), kCounted);
  server.stop();
  serving.join();
  std::printf("%zu allocations for %d searches\n", made, kCounted);
  // What allocates for a request does so for each; once in a while is somebody beside them.
  return made < kCounted / 10 ? 0 : 1;
}

}  // namespace
}  // namespace weir::proxy

int main() {
  const std::size_t before = allocations.load();
  std::free(std::malloc(100));
  const bool counts = allocations.load() != before;  // the count itself works
  return weir::proxy::run() == 0 && counts ? 0 : 1;
}
