#include "cli/key.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstring>
#include <ctime>
#include <iomanip>
#include <iostream>
#include <memory>
#include <ostream>
#include <thread>
#include <utility>

#include "admin/key_keeper.h"
#include "admin/key_need.h"
#include "admin/rekey.h"
#include "auth/key_ring.h"
#include "cli/flags.h"
#include "store/store.h"

namespace weir::proxy {
namespace {

using Problems = std::vector<Problem>;

constexpr std::chrono::seconds kPatience{20};
constexpr std::chrono::milliseconds kLookEvery{100};

Seconds now_seconds() { return static_cast<Seconds>(std::time(nullptr)); }

/// Opened and locked; released by the system whatever happens.
class FileLock {
 public:
  FileLock(const std::string& path, int flags, int operation)
      : fd_(::open(path.c_str(), flags | O_RDONLY | O_CLOEXEC)),
        held_(fd_ >= 0 && ::flock(fd_, operation) == 0) {}
  ~FileLock() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  bool exists() const noexcept { return fd_ >= 0; }
  bool held() const noexcept { return held_; }

 private:
  int fd_;
  bool held_;
};

/// The server over this data folder holds its lock.
bool server_runs(const Config& config) {
  const FileLock probe(config.data + "/lock", 0, LOCK_SH | LOCK_NB);
  return probe.exists() && !probe.held();
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// A store and its keys, one command at a time.
class Vault {
 public:
  Vault(const Config& config, const KeySource& source)
      : config_(config),
        source_(source),
        lock_(source.is_variable() ? "/" : folder_of(source.name()), O_DIRECTORY,
              source.is_variable() ? LOCK_UN : LOCK_EX | LOCK_NB) {}

  Problems open() {
    if (!lock_.held()) {
      return {{source_.name(),
               "the keys are not here, or another `weir key` command works on them; try again"}};
    }
    if (Problems problems = load(); !problems.empty()) {
      return problems;
    }
    store_ = open_store(config_.store_url);
    const auto work = store_->begin_read();
    if (const std::string active = active_key(*work); active.empty()) {
      return {{store_name(config_.store_url),
               "this store has never been served; start `weir serve` first"}};
    } else if (!ring_->activate(active)) {
      return {{source_.name(),
               "the store's active key is not among these; restore the keys it was served with"}};
    }
    return {};
  }

  Problems load() {
    auto masters = source_.load(KeySource::Missing::kRefuse);
    if (!masters) {
      return masters.problems();
    }
    auto ring = KeyRing::derive(masters.value());
    if (!ring) {
      return {{"", "the cryptographic library failed"}};
    }
    if (ring_) {
      ring->activate(ring_->fingerprint());
    }
    ring_ = std::move(ring);
    masters_ = std::make_unique<MasterKeys>(std::move(masters).value());
    return {};
  }

  /// Puts another text in place of the key file, and reads it. `remedy` is what to do where the
  /// file is not Weir's to write.
  Problems write(const Secret& text, const std::string& remedy) {
    struct stat info {};
    if (source_.is_variable() ||
        (::lstat(source_.name().c_str(), &info) == 0 && S_ISLNK(info.st_mode))) {
      return {{source_.name(), remedy}};
    }
    if (std::string wrong = replace_private_file(source_.name(), text.unsafe_reveal());
        !wrong.empty()) {
      return {{source_.name(), wrong + "; " + remedy}};
    }
    return load();
  }

  std::map<std::string, KeyNeed> needs() {
    return key_needs(*store_->begin_read(), ring_->keys(), now_seconds());
  }
  KeyNeed need_of(const DerivedKey& key) { return needs()[key.name()]; }

  /// The names that the running server has told, the active one first; empty if none runs.
  std::string served_with() {
    return !shared() && server_runs(config_) ? told_keys(*store_->begin_read()) + " " : "";
  }

  /// False if a running server's keys stay otherwise for too long.
  template <typename Condition>
  bool wait_for_server(std::chrono::milliseconds patience, Condition good) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (;;) {
      const std::string served = served_with();
      if (served.empty() || good(served)) {
        return true;
      }
      if (std::chrono::steady_clock::now() >= end) {
        return false;
      }
      std::this_thread::sleep_for(kLookEvery);
    }
  }

  bool shared() const { return is_shared_store(config_.store_url); }
  Store& store() { return *store_; }
  KeyRing& ring() { return *ring_; }
  const MasterKeys& masters() const { return *masters_; }

 private:
  const Config& config_;
  const KeySource& source_;
  FileLock lock_;
  std::unique_ptr<MasterKeys> masters_;
  std::unique_ptr<KeyRing> ring_;
  std::unique_ptr<Store> store_;
};

/// `work` with the opened vault.
template <typename Work>
Problems with_vault(const Config& config, const KeySource& source, Work work) try {
  Vault vault(config, source);
  Problems problems = vault.open();
  return problems.empty() ? work(vault) : problems;
} catch (const StoreError& error) {
  return {{"store", error.what()}};
}

/// Puts a new key before the others.
Problems add_key(Vault& vault, const KeySource& source, std::ostream& out) {
  if (vault.masters().size() >= kMaxKeys) {
    return {{source.name(), "there are " + std::to_string(kMaxKeys) +
                                " keys already; retire old ones first, see `weir key list`"}};
  }
  const Secret line = new_key_line();
  if (line.empty()) {
    return {{"", "the system gave no random bytes"}};
  }
  const Secret others = key_text(vault.masters());
  std::string text;
  text.reserve(line.size() + others.size());
  text += line.unsafe_reveal();
  text += others.unsafe_reveal();
  const Secret all(text);
  std::fill(text.begin(), text.end(), '\0');
  Problems problems = vault.write(
      all,
      "put a new key before the others yourself (`weir key new` prints one), on every server, "
      "restart those that have it in WEIR_KEY, and run `weir key rotate` again");
  if (problems.empty()) {
    out << "added key " << vault.ring().keys().front()->name() << " to " << source.name() << "\n";
  }
  return problems;
}

/// Whether something would be left to do under the active key.
bool unfinished(Vault& vault) {
  const std::string active = vault.ring().active()->name();
  const auto needs = vault.needs();
  return std::any_of(needs.begin(), needs.end(), [&](const auto& need) {
    return need.first != active && !need.first.empty() &&
           need.second.sealed + need.second.sealed_links != 0;
  });
}

Problems rotate(Vault& vault, const KeySource& source, bool everywhere,
                std::chrono::milliseconds patience, std::ostream& out) {
  if (vault.shared() && !everywhere) {
    return {
        {"--everywhere",
         "several servers may serve from this store; put a new key before the others in the key "
         "file of each (`weir key new` prints one), wait for `keys_read` in their logs, and "
         "run `weir key rotate --everywhere`"}};
  }
  const bool newest_is_active = vault.ring().keys().front() == vault.ring().active();
  if (newest_is_active && vault.shared()) {
    if (!unfinished(vault)) {
      return {{source.name(), "the newest key is active already; put a new one before it first"}};
    }
  } else if (newest_is_active && !unfinished(vault)) {
    if (Problems problems = add_key(vault, source, out); !problems.empty()) {
      return problems;
    }
  }
  const auto newest = vault.ring().keys().front();
  // Before any row is under it, so that there is never one that a server cannot open.
  if (!vault.wait_for_server(patience, [&](const std::string& served) {
        return served.find(newest->name()) != std::string::npos;
      })) {
    return {{source.name(), "the running server has not taken up key " + newest->name() +
                                " yet, so nothing was changed; see its log for `keys_refused`, "
                                "and run `weir key rotate` again"}};
  }
  {
    const auto work = vault.store().begin_write();
    set_active_key(*work, newest->fingerprint());
    work->commit();
    vault.ring().activate(newest->fingerprint());
  }
  // Until the server has seen it, it may make rows under the old key: then this goes on behind it.
  if (!vault.wait_for_server(patience, [&](const std::string& served) {
        return served.starts_with(newest->name());
      })) {
    return {{source.name(), "the running server has not made key " + newest->name() +
                                " its active one yet; run `weir key rotate` again to finish"}};
  }
  const Rekeyed done = rekey_tokens(vault.store(), vault.ring());
  out << "key " << newest->name() << " is active; " << done.moved
      << " shared tokens were put under it\n";
  if (done.unreadable != 0) {
    return {{"store", std::to_string(done.unreadable) +
                          " shared tokens have a secret that none of the keys opens; delete them"}};
  }
  return {};
}

void print_keys(Vault& vault, std::ostream& out) {
  const auto needs = vault.needs();
  const std::string served = vault.served_with();
  out << std::left << std::setw(18) << "key" << std::setw(10) << "state"
      << "needed by\n";
  bool before_active = true;
  for (const auto& key : vault.ring().keys()) {
    const bool active = key == vault.ring().active();
    before_active = before_active && !active;
    const auto need = needs.find(key->name());
    out << std::setw(18) << key->name() << std::setw(10)
        << (active          ? "active"
            : before_active ? "new"
                            : "old")
        << (need == needs.end() ? "nothing" : describe(need->second))
        << (!served.empty() && served.find(key->name()) == std::string::npos
                ? " (the running server has not taken it up)"
                : "")
        << "\n";
  }
  if (const auto lost = needs.find(""); lost != needs.end()) {
    out << std::setw(18) << "?" << std::setw(10) << "missing" << describe(lost->second) << "\n";
  }
}

Problems retire(Vault& vault, const std::string& name, std::ostream& out) {
  const DerivedKeys keys = vault.ring().keys();
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const auto& key) { return key->name() == name; });
  if (found == keys.end()) {
    return {{"", "there is no key `" + name + "`; see `weir key list`"}};
  }
  if (*found == vault.ring().active()) {
    return {{"", "key " + name + " is the active one; run `weir key rotate` first"}};
  }
  if (const KeyNeed need = vault.need_of(**found); need.any()) {
    return {
        {"", "key " + name + " is still needed by " + describe(need) +
                 "; `weir key rotate` moves shared tokens with a stored secret, API tokens move "
                 "when they are used, the rest has to end or to be rotated"}};
  }
  if (vault.served_with().starts_with(name)) {
    return {{"", "the running server still makes new secrets under key " + name +
                     "; it will not some seconds after `weir key rotate`"}};
  }
  std::string text;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] != *found) {
      text += key_text({&vault.masters()[i], 1}).unsafe_reveal();
    }
  }
  const Secret rest(text);
  std::fill(text.begin(), text.end(), '\0');
  Problems problems =
      vault.write(rest, "nothing needs key " + name +
                            ": take it out yourself, on every server, and restart those "
                            "that have it in WEIR_KEY");
  if (problems.empty()) {
    out << "key " << name << " is retired; cursors that are still open under it end\n";
  }
  return problems;
}

Problems forget(Vault& vault, std::ostream& out) {
  if (unfinished(vault)) {
    return {{"store",
             "some stored secrets are not under the active key, and could never be put there once "
             "they are forgotten; run `weir key rotate` first, it finishes"}};
  }
  const std::size_t forgotten = forget_secrets(vault.store());
  out << "forgot the secrets of " << forgotten
      << (forgotten == 1 ? " shared token" : " shared tokens") << "; the tokens work on\n";
  return {};
}

}  // namespace

std::vector<Problem> list_keys(const Config& config, const KeySource& source, std::ostream& out) {
  return with_vault(config, source, [&](Vault& vault) -> Problems {
    print_keys(vault, out);
    return {};
  });
}

std::vector<Problem> rotate_key(const Config& config, const KeySource& source, bool everywhere,
                                std::chrono::milliseconds patience, std::ostream& out) {
  return with_vault(config, source,
                    [&](Vault& vault) { return rotate(vault, source, everywhere, patience, out); });
}

std::vector<Problem> retire_key(const Config& config, const KeySource& source,
                                const std::string& name, std::ostream& out) {
  return with_vault(config, source, [&](Vault& vault) { return retire(vault, name, out); });
}

std::vector<Problem> forget_all_secrets(const Config& config, const KeySource& source,
                                        std::ostream& out) {
  if (config.tokens.reveal != Reveal::kOnce) {
    return {{"tokens.reveal",
             "secrets are shown on every read here, so nothing was forgotten; let the server, and "
             "this command, have `tokens.reveal = \"once\"` first (the file, or "
             "WEIR_TOKENS_REVEAL=once)"}};
  }
  return with_vault(config, source, [&](Vault& vault) { return forget(vault, out); });
}

namespace {

using KeyWork = std::function<Problems(const Config&, const KeySource&)>;

void add_command(CLI::App& parent, Chosen& chosen, const std::string& name, const std::string& help,
                 KeyWork work, const std::function<void(CLI::App&)>& more = {}) {
  CLI::App& command = *parent.add_subcommand(name, help);
  const auto flags = std::make_shared<ConfigFlags>(command, ConfigFlags::Which::kStore);
  if (more) {
    more(command);
  }
  command.callback([&chosen, flags, work = std::move(work)] {
    chosen = [flags, work] {
      const auto config = load_config(flags->sources());
      Problems problems = config.problems();
      if (config) {
        problems = work(config.value(), KeySource(key_of_environment(), config.value().key_file,
                                                  key_path(config.value())));
      }
      print_problems(problems);
      return problems.empty() ? 0 : 1;
    };
  });
}

}  // namespace

void add_key_commands(CLI::App& program, Chosen& chosen) {
  CLI::App& all = *program.add_subcommand("key", "Manage the keys that encrypt the store");
  all.require_subcommand(1);
  add_command(all, chosen, "list", "List the keys and what needs each",
              [](const Config& config, const KeySource& source) {
                return list_keys(config, source, std::cout);
              });
  const auto everywhere = std::make_shared<bool>(false);
  add_command(
      all, chosen, "rotate", "Make a new key active and put the stored secrets under it",
      [everywhere](const Config& config, const KeySource& source) {
        return rotate_key(config, source, *everywhere, kPatience, std::cout);
      },
      [everywhere](CLI::App& command) {
        command.add_flag("--everywhere", *everywhere,
                         "All servers over this store have the newest key (PostgreSQL)");
      });
  const auto name = std::make_shared<std::string>();
  add_command(
      all, chosen, "retire", "Remove a key that nothing needs any more",
      [name](const Config& config, const KeySource& source) {
        return retire_key(config, source, *name, std::cout);
      },
      [name](CLI::App& command) {
        command.add_option("key", *name, "Its name, from `weir key list`")->required();
      });
  add_command(all, chosen, "forget-secrets",
              "Take the secrets of shared tokens out of the store, where they are shown once",
              [](const Config& config, const KeySource& source) {
                return forget_all_secrets(config, source, std::cout);
              });
  all.add_subcommand("new", "Print a new key, for a key file or WEIR_KEY of your own")
      ->callback([&chosen] {
        chosen = [] {
          const Secret line = new_key_line();
          std::cout << line.unsafe_reveal();
          return line.empty() ? 1 : 0;
        };
      });
}

}  // namespace weir::proxy
