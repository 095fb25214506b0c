#include "auth/secret.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

namespace weir::proxy {

Secret::Secret(std::string_view text)
    : bytes_(std::make_unique_for_overwrite<char[]>(text.size())), size_(text.size()) {
  std::copy(text.begin(), text.end(), bytes_.get());
}

Secret::Secret(Secret&& other) noexcept
    : bytes_(std::move(other.bytes_)), size_(std::exchange(other.size_, 0)) {}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe();
    bytes_ = std::move(other.bytes_);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

Secret::~Secret() { wipe(); }

bool Secret::equals(std::string_view other) const noexcept {
  return other.size() == size_ &&
         (size_ == 0 || CRYPTO_memcmp(bytes_.get(), other.data(), size_) == 0);
}

void Secret::wipe() noexcept {
  if (size_ != 0) OPENSSL_cleanse(bytes_.get(), size_);
  size_ = 0;
}

}  // namespace weir::proxy
