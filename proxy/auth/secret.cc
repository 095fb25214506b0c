#include "auth/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace weir::proxy {

Secret::Secret(std::string_view text) : size_(text.size()) {
  if (size_ > short_.size()) bytes_ = std::make_unique_for_overwrite<char[]>(size_);
  std::copy(text.begin(), text.end(), bytes_ ? bytes_.get() : short_.data());
}

Secret::Secret(Secret&& other) noexcept { take(other); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    take(other);
  }
  return *this;
}

// REQUIRES: nothing is held.
void Secret::take(Secret& other) noexcept {
  bytes_ = std::move(other.bytes_);
  size_ = other.size_;
  if (!bytes_) std::copy_n(other.short_.data(), size_, short_.data());
  // What has moved as a pointer is not there any more.
  if (bytes_) other.size_ = 0;
  other.wipe();
}

Secret::~Secret() { wipe(); }

bool Secret::equals(std::string_view other) const noexcept {
  return other.size() == size_ &&
         (size_ == 0 || CRYPTO_memcmp(data(), other.data(), size_) == 0);
}

void Secret::wipe() noexcept {
  if (size_ != 0) OPENSSL_cleanse(bytes_ ? bytes_.get() : short_.data(), size_);
  bytes_.reset();
  size_ = 0;
}

}  // namespace weir::proxy
