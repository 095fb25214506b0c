#include "cli/serve.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>

#include "admin/control_plane.h"
#include "auth/key_ring.h"
#include "auth/key_source.h"
#include "cli/flags.h"
#include "config/value.h"
#include "fleet/replica.h"
#include "learn/learner.h"
#include "net/server.h"
#include "net/version_probe.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "store/store.h"

namespace weir::proxy {
namespace {

constexpr std::chrono::seconds kFlushEvery{3};
constexpr std::chrono::seconds kStorePatience{10};
constexpr std::chrono::milliseconds kStorePause{200};

/// A start that cannot go on, with the line to print.
[[noreturn]] void give_up(const std::string& what) { throw std::runtime_error(what); }

[[noreturn]] void give_up(const std::vector<Problem>& problems) {
  print_problems(problems);
  throw std::runtime_error("");
}

void make_data_folder(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return;
  }
  std::filesystem::create_directories(path, error);
  if (error) {
    give_up("the data folder `" + path + "` cannot be created: " + error.message());
  }
}

/// Held as long as this lives, and released by the system whatever happens: two servers over one
/// store would not hear of each other's changes.
class FolderLock {
 public:
  explicit FolderLock(const std::string& folder) {
    const std::string path = folder + "/lock";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd_ < 0) {
      give_up("cannot write to the data folder `" + folder + "`: " + std::strerror(errno));
    }
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
      ::close(fd_);
      give_up("another weir serves from the data folder `" + folder +
              "`; stop it or use another folder and store");
    }
  }
  ~FolderLock() { ::close(fd_); }
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int fd_ = -1;
};

/// Calls `job` every few seconds on a thread of its own.
class Clockwork {
 public:
  explicit Clockwork(std::function<void()> job)
      : thread_([this, job = std::move(job)] { run(job); }) {}
  ~Clockwork() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    wake_.notify_all();
    thread_.join();
  }
  Clockwork(const Clockwork&) = delete;
  Clockwork& operator=(const Clockwork&) = delete;

 private:
  void run(const std::function<void()>& job) {
    std::unique_lock lock(mutex_);
    while (!wake_.wait_for(lock, kFlushEvery, [this] { return stopped_; })) {
      job();
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
  std::thread thread_;
};

/// Tries again for a while what fails because a shared store is away or busy: databases restart,
/// and move. A store of one's own is as it is.
template <typename Step>
auto with_patience(const Config& config, Log& log, Step step) {
  const auto deadline = std::chrono::steady_clock::now() + kStorePatience;
  while (true) {
    try {
      return step();
    } catch (const StoreError& error) {
      if (!is_shared_store(config.store_url) || std::chrono::steady_clock::now() >= deadline) {
        throw;
      }
      log.event(LogLevel::kWarn, "store_not_reached", {{"reason", error.what()}});
      std::this_thread::sleep_for(kStorePause);
    }
  }
}

Seconds now_seconds() { return static_cast<Seconds>(std::time(nullptr)); }

std::int64_t now_millis() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::unique_ptr<KeyRing> load_keys(const KeySource& source) {
  const auto masters = source.load(KeySource::Missing::kCreate);
  if (!masters) {
    give_up(masters.problems());
  }
  auto keys = KeyRing::derive(masters.value());
  if (!keys) {
    give_up("the cryptographic library refuses HKDF, HMAC-SHA-256, AES-256-GCM or AES-256-SIV");
  }
  return keys;
}

/// Null where the store is this process's own.
std::unique_ptr<Replica> make_replica(const Config& config, SharedPolicy& policy,
                                      ControlPlane& control, Log& log) {
  if (!is_shared_store(config.store_url)) {
    return nullptr;
  }
  auto replica = std::make_unique<Replica>(Replica::Parts{
      config.store_url, config.store_lease, render_address(config.gate.listen),
      control.fleet_frame(), policy, log, [&control] { return control.version_in_force(); },
      [&control] { control.catch_up(); }});
  control.set_fleet(replica.get());
  const std::string wrong = with_patience(config, log, [&] { return replica->admit(); });
  if (!wrong.empty()) {
    give_up(wrong);
  }
  return replica;
}

void run(const ConfigSources& sources) {
  auto loaded = load_config(sources);
  if (!loaded) {
    give_up(loaded.problems());
  }
  const Config config = std::move(loaded).value();
  ::umask(077);
  make_data_folder(config.data);
  const FolderLock lock(config.data);
  Log log(config.log);
  const KeySource key_source(key_of_environment(), config.key_file, key_path(config));
  const auto keys = load_keys(key_source);
  const auto store = with_patience(
      config, log, [&] { return open_store(config.store_url, config.store_timeout); });
  SharedPolicy policy;
  Metrics metrics;
  Learner learner(config, log);
  ControlPlane control(
      {*store, *keys, policy, &metrics, log, now_seconds, &learner, &key_source, now_millis},
      config);

  std::function<void(const Config&)> embed;
  Server server(server_settings(config), policy, &keys->cursor_sealer(), log, metrics,
                {.digests = [&](std::string_view token) { return keys->token_digests(token); },
                 .key_generation = [&] { return keys->generation(); },
                 .used = [&](std::uint32_t token, std::uint32_t link,
                             std::int64_t now) { control.note_use(token, now, link); },
                 .denied = [&](const Denial& denial) { control.note_denial(denial); },
                 .tracer = &control.tracer(),
                 .enter = [&](std::string_view api_token) -> std::shared_ptr<void> {
                   auto place = control.enter(api_token);
                   return place ? std::make_shared<CallLimiter::Place>(std::move(*place)) : nullptr;
                 },
                 .admin = [&](const SmallRequest& request) { return control.answer(request); },
                 .reload =
                     [&] {
                       const auto changed = load_config(sources);
                       if (!control.reload(changed)) {
                         throw std::runtime_error(
                             "the configuration has problems; the old one stays in force");
                       }
                       embed(changed.value());
                     }});
  embed = [&server](const Config& current) { server.set_embedders(frame_ancestors(current)); };
  embed(config);
  // Before anything is written to the store: a second start by mistake must change nothing.
  server.bind();
  const auto replica = make_replica(config, policy, control, log);
  const auto problems = with_patience(config, log, [&] { return control.start(); });
  if (!problems.empty()) {
    give_up(problems);
  }
  if (replica) {
    replica->start();
  }
  {
    const VersionProbe probe(config.upstream, [&](const std::string& version) {
      server.post_control([&control, version] { control.learn_version(version); });
    });
    const Clockwork flusher([&] {
      server.post_control([&control] {
        control.flush_usage();
        control.look_at_keys();
      });
    });
    learner.start([&] { server.post_control([&control] { control.learn_indices(); }); });
    server.run();
    learner.stop();
  }
  // Behind everything that was posted: the control thread works in turn.
  std::mutex mutex;
  std::condition_variable done;
  bool flushed = false;
  server.post_control([&] {
    control.flush_usage();
    const std::lock_guard held(mutex);
    flushed = true;
    done.notify_all();
  });
  std::unique_lock held(mutex);
  done.wait(held, [&] { return flushed; });
  if (replica) {
    replica->leave();
  }
}

}  // namespace

int serve(const ConfigSources& sources) {
  try {
    run(sources);
    return 0;
  } catch (const std::exception& error) {
    if (*error.what() != '\0') {
      print_problems({{"", error.what()}});
    }
    return 1;
  }
}

}  // namespace weir::proxy
