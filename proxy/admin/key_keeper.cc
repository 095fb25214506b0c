#include "admin/key_keeper.h"

#include <algorithm>
#include <utility>

#include "admin/first_start.h"
#include "admin/key_need.h"

namespace weir::proxy {
namespace {

constexpr const char* kServerKeys = "server_keys";

bool contains(const DerivedKeys& keys, const DerivedKey& wanted) {
  return std::any_of(keys.begin(), keys.end(),
                     [&](const auto& key) { return key->fingerprint() == wanted.fingerprint(); });
}

std::string names(const KeyRing& ring) {
  const auto active = ring.active();
  std::string text = active->name();
  for (const auto& key : ring.keys()) {
    if (key != active) {
      text += " " + key->name();
    }
  }
  return text;
}

}  // namespace

KeyKeeper::KeyKeeper(Parts parts) : parts_(std::move(parts)) {
  if (parts_.source != nullptr) {
    seen_ = parts_.source->state();
  }
}

std::string KeyKeeper::bring_up(Transaction& work) {
  if (std::string wrong = check_key_of_store(work, parts_.keys); !wrong.empty()) {
    return wrong;
  }
  tell(work);
  const auto needs = key_needs(work, parts_.keys.keys(), parts_.now());
  if (const auto lost = needs.find(""); lost != needs.end()) {
    parts_.log.event(LogLevel::kError, "keys_missing",
                     {{"rows", describe(lost->second)},
                      {"file", parts_.source == nullptr ? "" : parts_.source->name()}});
  }
  return {};
}

void KeyKeeper::tell(Transaction& work) {
  const std::string now = names(parts_.keys);
  if (parts_.alone && now != told_) {
    work.put_meta(kServerKeys, now);
    told_ = now;
  }
}

void KeyKeeper::complain(const std::string& what) {
  if (what != complaint_) {
    parts_.log.event(
        LogLevel::kError, "keys_refused",
        {{"file", parts_.source->name()}, {"reason", what}, {"keys", names(parts_.keys)}});
  }
  complaint_ = what;
}

/// False if it has to be read again.
bool KeyKeeper::read_file(const std::function<bool()>& publish) {
  const auto loaded = parts_.source->load(KeySource::Missing::kRefuse);
  if (!loaded) {
    complain(loaded.problems().front().what);
    return false;
  }
  DerivedKeys next = derive_keys(loaded.value());
  if (next.empty()) {
    complain("the cryptographic library failed");
    return false;
  }
  const DerivedKeys old = parts_.keys.keys();
  DerivedKeys both = next;
  std::copy_if(old.begin(), old.end(), std::back_inserter(both),
               [&](const auto& key) { return !contains(next, *key); });
  const bool drops = both.size() > next.size();
  if (both.size() > old.size()) {
    parts_.keys.replace(both);
  }
  if (drops) {
    const auto work = parts_.store.begin_read();
    const std::string active = active_key(*work);
    const auto needs = key_needs(*work, both, parts_.now());
    for (const auto& key : old) {
      const auto need = needs.find(key->name());
      if (!contains(next, *key) && (need != needs.end() || key->fingerprint() == active)) {
        complain("key " + key->name() + " is not in the file any more, and " +
                 (need == needs.end() ? "it is the active one" : describe(need->second)) +
                 " of the store need it; put it back (it stays in use until the next start)");
        return true;
      }
    }
  }
  // Rows that moved to other keys are in force before the keys they had are forgotten.
  if (!publish()) {
    return false;
  }
  if (drops) {
    parts_.keys.replace(std::move(next));
  }
  complaint_.clear();
  parts_.log.event(LogLevel::kInfo, "keys_read",
                   {{"file", parts_.source->name()}, {"keys", names(parts_.keys)}});
  return true;
}

void KeyKeeper::look(const std::function<bool()>& publish) {
  if (parts_.source == nullptr) {
    return;
  }
  if (std::string state = parts_.source->state(); state != seen_ && read_file(publish)) {
    seen_ = std::move(state);
  }
  const std::string active = active_key(*parts_.store.begin_read());
  if (active != parts_.keys.fingerprint()) {
    if (parts_.keys.activate(active)) {
      parts_.log.event(LogLevel::kInfo, "key_active", {{"key", parts_.keys.active()->name()}});
    } else {
      complain(
          "the store's active key is not among this server's; give it the key file that "
          "`weir key rotate` was run with");
    }
  }
  if (parts_.alone && names(parts_.keys) != told_) {
    const auto work = parts_.store.begin_write();
    const std::string before = told_;
    tell(*work);
    try {
      work->commit();
    } catch (...) {
      told_ = before;
      throw;
    }
  }
}

std::string told_keys(Transaction& work) { return work.find_meta(kServerKeys).value_or(""); }

}  // namespace weir::proxy
