// A secret in memory: it cannot be printed, copied by accident or compared with `==`, and its bytes
// are wiped when it goes.
#pragma once

#include <array>
#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string_view>

namespace weir::proxy {

/// Movable, not copyable (clone() says it aloud). Not synchronised; const members may be called
/// from several threads.
class Secret {
 public:
  Secret() noexcept {}  // NOLINT: memory that says nothing needs no zeros
  explicit Secret(std::string_view text);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret clone() const { return Secret(unsafe_reveal()); }

  bool empty() const noexcept { return size_ == 0; }
  std::size_t size() const noexcept { return size_; }

  /// Takes the same time wherever the texts differ; only their lengths show.
  bool equals(std::string_view other) const noexcept;

  /// The bytes themselves. The view lives as long as this object and is not moved from; never log
  /// or store it.
  std::string_view unsafe_reveal() const noexcept { return {data(), size_}; }

  friend bool operator==(const Secret&, const Secret&) = delete;
  friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

 private:
  const char* data() const noexcept { return bytes_ ? bytes_.get() : short_.data(); }
  void take(Secret& other) noexcept;
  void wipe() noexcept;

  std::array<char, 64> short_;  // for what fits: every token that is issued does
  std::unique_ptr<char[]> bytes_;
  std::size_t size_ = 0;
};

}  // namespace weir::proxy
