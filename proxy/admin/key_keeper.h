// Keeps a running server's keys in step with the key file and with the store: a key that appears in
// the file is taken up, the key that the store calls active makes what is new, and a key that
// leaves the file is forgotten once no row needs it. At no moment is there a row in force whose key
// is not in the ring.
#pragma once

#include <functional>
#include <string>

#include "auth/key_ring.h"
#include "auth/key_source.h"
#include "observe/log.h"
#include "store/store.h"

namespace weir::proxy {

/// Control thread only. What it is given must outlive it.
class KeyKeeper {
 public:
  struct Parts {
    Store& store;
    KeyRing& keys;
    const KeySource* source = nullptr;  // null: the keys stay as they are
    Log& log;
    std::function<Seconds()> now;
    bool alone = true;  // no other server can be over this store
  };
  explicit KeyKeeper(Parts parts);

  /// At the start, in its transaction: ties a new store to the keys, or finds the active key among
  /// them. Returns what is wrong; empty when nothing is.
  std::string bring_up(Transaction& work);

  /// Looks at file and store. `publish` puts the rows in force as they are now; false if it cannot.
  /// Throws StoreError; then the next call tries again.
  void look(const std::function<bool()>& publish);

 private:
  bool read_file(const std::function<bool()>& publish);
  void tell(Transaction& work);
  void complain(const std::string& what);

  Parts parts_;
  std::string seen_;       // KeySource::state() of what is in the ring
  std::string told_;       // what the store was told last, if nobody else tells it
  std::string complaint_;  // the last one, so that it is made once
};

/// What the only server over this store has told it last: the names of its keys, the active one
/// first. Throws StoreError.
std::string told_keys(Transaction& work);

}  // namespace weir::proxy
