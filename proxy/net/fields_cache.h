// The last answers to `_field_caps` where it lists the fields of visible documents, which costs a
// search over all of them. An answer belongs to one request, of one token, at one epoch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/io.h"
#include "net/settings.h"
#include "weir/request.h"

namespace weir::proxy {

/// Any thread.
class FieldsCache {
 public:
  /// An answer older than `fresh` is still given, for some times as long, while somebody asks anew.
  /// Nothing is kept if `fresh` is zero.
  explicit FieldsCache(Millis fresh) : fresh_(fresh) {}

  /// What a request is known by; empty for one that is not kept.
  std::string key_of(std::uint32_t token_id, std::uint64_t token_epoch,
                     const RequestView& request) const;

  struct Found {
    std::shared_ptr<const std::string> body;  // null: nothing that may be given
    bool ask_anew = false;                    // told to one caller, who owes a put() or let_be()
  };
  Found find(const std::string& key, TimePoint now);

  void put(const std::string& key, std::string_view body, TimePoint now);
  /// The asking failed: somebody else may try.
  void let_be(const std::string& key);

 private:
  struct Entry {
    std::string key;
    std::shared_ptr<const std::string> body;
    TimePoint made;
    bool asked = false;
  };
  using Place = std::list<Entry>::iterator;

  void drop(Place place);

  const Millis fresh_;
  std::mutex mutex_;
  std::list<Entry> entries_;                            // the latest used first
  std::unordered_map<std::string_view, Place> places_;  // of the entries' own keys
  std::size_t bytes_ = 0;
};

}  // namespace weir::proxy
