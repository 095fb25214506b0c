#include "cli/serve.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
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
#include "auth/key_file.h"
#include "auth/key_ring.h"
#include "cli/flags.h"
#include "learn/learner.h"
#include "net/server.h"
#include "net/version_probe.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "store/store.h"

namespace weir::proxy {
namespace {

constexpr std::chrono::seconds kFlushEvery{3};

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

Seconds now_seconds() { return static_cast<Seconds>(std::time(nullptr)); }

std::unique_ptr<const KeyRing> load_keys(const Config& config) {
  auto master = load_or_create_key_file(key_path(config));
  if (!master) {
    give_up(master.problems());
  }
  auto keys = KeyRing::derive(std::move(master).value());
  if (!keys) {
    give_up("the cryptographic library refuses HKDF, HMAC-SHA-256, AES-256-GCM or AES-256-SIV");
  }
  return keys;
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
  const auto keys = load_keys(config);
  const auto store = open_store(config.store_url);
  SharedPolicy policy;
  Metrics metrics;
  Learner learner(config, log);
  ControlPlane control({*store, *keys, policy, &metrics, log, now_seconds, &learner}, config);

  Server server(server_settings(config), policy, &keys->cursor_sealer(), log, metrics,
                {.digest = [&](std::string_view token) { return control.digest(token); },
                 .used = [&](std::uint32_t id, std::int64_t now) { control.note_use(id, now); },
                 .admin = [&](const SmallRequest& request) { return control.answer(request); },
                 .reload =
                     [&] {
                       if (!control.reload(load_config(sources))) {
                         throw std::runtime_error(
                             "the configuration has problems; the old one stays in force");
                       }
                     }});
  // Before anything is written to the store: a second start by mistake must change nothing.
  server.bind();
  if (auto problems = control.start(); !problems.empty()) {
    give_up(problems);
  }
  {
    const VersionProbe probe(config.upstream, [&](const std::string& version) {
      server.post_control([&control, version] { control.learn_version(version); });
    });
    const Clockwork flusher([&] { server.post_control([&control] { control.flush_usage(); }); });
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
