#include "net/version_probe.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "http/head_writer.h"
#include "net/exchange.h"
#include "net/ticker.h"
#include "net/upstream.h"
#include "observe/metrics.h"

namespace weir::proxy {
namespace {

constexpr Millis kPatience{5000};
constexpr std::chrono::seconds kAgainUnanswered{5};
constexpr std::chrono::seconds kAgainAnswered{300};
constexpr std::size_t kMaxBodyBytes = 64U << 10U;
constexpr std::size_t kMaxVersionBytes = 32;

std::optional<std::string> version_in(const std::string& body) {
  rapidjson::Document document;
  if (document.Parse<rapidjson::kParseIterativeFlag>(body.data(), body.size()).HasParseError() ||
      !document.IsObject() || !document.HasMember("version")) {
    return std::nullopt;
  }
  const rapidjson::Value& version = document["version"];
  if (!version.IsObject() || !version.HasMember("number") || !version["number"].IsString()) {
    return std::nullopt;
  }
  const std::string text(version["number"].GetString(), version["number"].GetStringLength());
  const bool plain = !text.empty() && text.size() <= kMaxVersionBytes &&
                     std::all_of(text.begin(), text.end(), [](char c) {
                       return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                              (c >= 'A' && c <= 'Z') || c == '.' || c == '-';
                     });
  return plain ? std::optional(text) : std::nullopt;
}

Task<std::optional<std::string>> ask(UpstreamPool* pool, WaitControl* control) {
  Acquired acquired = co_await pool->acquire(true, control);
  if (!acquired.lease) {
    co_return std::nullopt;
  }
  control->stream = &acquired.lease.connection().stream;
  const UpstreamSettings& settings = pool->upstream().settings;
  UpstreamRequestHead request;
  request.method = Method::kGet;
  request.path_prefix = settings.path_prefix;
  request.target = "/";
  request.fixed_headers = pool->upstream().fixed_headers;
  std::string text;
  append_upstream_head(request, text);
  Exchange exchange(&acquired.lease.connection(), &settings);
  std::vector<std::string_view> pieces = {text};
  ResponseHead head;
  ExchangeError error = co_await exchange.send(std::move(pieces));
  if (error == ExchangeError::kNone) {
    error = co_await exchange.read_head(false, &head);
  }
  std::string body;
  while (error == ExchangeError::kNone && head.status == 200 && !exchange.ended() &&
         body.size() <= kMaxBodyBytes) {
    std::vector<std::string_view> part;
    error = co_await exchange.read_body(&part);
    for (const std::string_view piece : part) {
      body += piece;
    }
  }
  control->stream = nullptr;
  const bool whole = error == ExchangeError::kNone && head.status == 200 && exchange.ended();
  co_return whole ? version_in(body) : std::nullopt;
}

}  // namespace

std::optional<std::string> ask_version(const UpstreamSettings& given) noexcept try {
  UpstreamSettings settings = given;
  settings.connect_timeout = std::min(settings.connect_timeout, kPatience);
  settings.head_timeout = std::min(settings.head_timeout, kPatience);
  settings.body_idle_timeout = std::min(settings.body_idle_timeout, kPatience);
  Upstream upstream(settings);
  Metrics unread;  // the server's own connections are counted, not these
  asio::io_context context{1};
  Ticker ticker(context);
  UpstreamPool pool(context, ticker, upstream, unread);
  WaitControl control;
  std::optional<std::string> version;
  bool done = false;
  ticker.start();
  asio::co_spawn(context.get_executor(), ask(&pool, &control),
                 [&](const std::exception_ptr& failure, std::optional<std::string> answer) {
                   if (!failure) {
                     version = std::move(answer);
                   }
                   done = true;
                   context.stop();
                 });
  context.run_for(4 * kPatience);
  if (!done) {
    // An answer that trickles. The coroutine must end before what it uses does.
    control.cancel();
    context.run();
  }
  return version;
} catch (const std::exception&) {
  return std::nullopt;
}

struct VersionProbe::Impl {
  void run() {
    std::string last;
    std::unique_lock lock(mutex);
    while (!stopped) {
      lock.unlock();
      auto version = ask_version(upstream);
      if (version && *version != last) {
        last = *version;
        learned(*version);
      }
      lock.lock();
      wake.wait_for(lock, version ? kAgainAnswered : kAgainUnanswered, [this] { return stopped; });
    }
  }

  UpstreamSettings upstream;
  std::function<void(std::string)> learned;
  std::mutex mutex;
  std::condition_variable wake;
  bool stopped = false;
  std::thread thread;
};

VersionProbe::VersionProbe(UpstreamSettings upstream, std::function<void(std::string)> learned)
    : impl_(std::make_unique<Impl>()) {
  impl_->upstream = std::move(upstream);
  impl_->learned = std::move(learned);
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

VersionProbe::~VersionProbe() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->stopped = true;
  }
  impl_->wake.notify_all();
  impl_->thread.join();
}

}  // namespace weir::proxy
