#include "net/version_probe.h"

#include <rapidjson/document.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "net/upstream_client.h"

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

}  // namespace

std::optional<std::string> ask_version(const UpstreamSettings& upstream) noexcept try {
  UpstreamClient client(upstream, kPatience);
  const auto answer = client.get("/", kMaxBodyBytes);
  return answer && answer->status == 200 ? version_in(answer->body) : std::nullopt;
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
