// The one secret everything else is derived from: 32 random bytes in `<data>/keys`, a text file of
// one line that only its owner may read. Lost, every stored token is worthless; widely readable,
// every stored token is public. So a file that is malformed or open to others stops the start
// instead of being mended silently.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "weir/result.h"

namespace weir::proxy {

/// Wiped when it goes. Movable only, so that copies are not left behind.
class MasterKey {
 public:
  static constexpr std::size_t kBytes = 32;
  using Array = std::array<std::uint8_t, kBytes>;

  explicit MasterKey(const Array& bytes) noexcept : bytes_(bytes) {}
  MasterKey(MasterKey&& other) noexcept : bytes_(other.bytes_) { other.wipe(); }
  MasterKey& operator=(MasterKey&&) = delete;
  MasterKey(const MasterKey&) = delete;
  MasterKey& operator=(const MasterKey&) = delete;
  ~MasterKey() { wipe(); }

  /// The key itself: for deriving, never for printing.
  const Array& unsafe_bytes() const noexcept { return bytes_; }

 private:
  void wipe() noexcept;
  Array bytes_;
};

/// Reads the key file, or creates it (mode 0600, complete or not at all) when there is none.
/// `path`'s folder must exist. Problems: unreadable, mode wider than 0600, owned by somebody else,
/// not a regular file, malformed.
Result<MasterKey> load_or_create_key_file(const std::string& path);

/// Creates `path` with mode 0600 and `content`, complete or not at all; a file that is already
/// there is left alone and is a problem. Durable when it returns. Empty text when it worked.
std::string create_private_file(const std::string& path, std::string_view content);

}  // namespace weir::proxy
