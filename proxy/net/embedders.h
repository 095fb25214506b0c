// Which pages may show the front's in a frame, account by account; replaced whole at a reload.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace weir::proxy {

/// Any thread.
class Embedders {
 public:
  /// Account -> the sources of a `frame-ancestors` directive.
  void store(std::map<std::string, std::string> sources) {
    const std::lock_guard lock(mutex_);
    sources_ = std::move(sources);
  }
  /// For an account that names none: itself only.
  std::string of(const std::string& account) const {
    const std::lock_guard lock(mutex_);
    const auto found = sources_.find(account);
    return found == sources_.end() ? "'self'" : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> sources_;
};

}  // namespace weir::proxy
