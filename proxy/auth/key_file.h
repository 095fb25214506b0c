// The secrets everything else is derived from: 32 random bytes each, one per line of a text that
// is the file `<data>/keys`, a file of the operator's, or a variable. Lost, every stored token is
// worthless; widely readable, every stored token is public. So a file that is malformed or open to
// others stops the start instead of being mended silently.
//
// Several keys, newest first, are there while one replaces another.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "auth/secret.h"
#include "auth/token_digests.h"
#include "weir/result.h"

namespace weir::proxy {

/// How what a key makes tells which key made it. Plain: not at all, as long as there was only one.
/// Tagged: by the key's id.
enum class KeyForm : std::uint8_t { kPlain = 1, kTagged = 2 };

/// Wiped when it goes. Movable only, so that copies are not left behind.
class MasterKey {
 public:
  static constexpr std::size_t kBytes = 32;
  using Array = std::array<std::uint8_t, kBytes>;

  explicit MasterKey(const Array& bytes, KeyForm form = KeyForm::kPlain) noexcept
      : bytes_(bytes), form_(form) {}
  MasterKey(MasterKey&& other) noexcept : bytes_(other.bytes_), form_(other.form_) { other.wipe(); }
  MasterKey& operator=(MasterKey&&) = delete;
  MasterKey(const MasterKey&) = delete;
  MasterKey& operator=(const MasterKey&) = delete;
  ~MasterKey() { wipe(); }

  KeyForm form() const noexcept { return form_; }
  /// The key itself: for deriving, never for printing.
  const Array& unsafe_bytes() const noexcept { return bytes_; }

 private:
  void wipe() noexcept;
  Array bytes_;
  KeyForm form_;
};

using MasterKeys = std::vector<MasterKey>;

/// A new key as the one line of a new file. Empty if the system gives no random bytes.
Secret new_key_line();

/// Keys as the text of a file.
Secret key_text(std::span<const MasterKey> keys);

/// Keys of a variable, where blanks of any kind stand between the words. `where` is its name.
Result<MasterKeys> parse_keys(std::string_view text, const std::string& where);

/// Whose the file is. Own: Weir made it; it must be this user's, mode 0600, and no link. Given: the
/// operator (or what mounts secrets for him) put it there; it may be a link, and root's, and then
/// readable by the group.
enum class KeyFileKind : std::uint8_t { kOwn, kGiven };

/// Reads the key file. Problems: missing, unreadable, open to others, not a regular file,
/// malformed.
Result<MasterKeys> load_key_file(const std::string& path, KeyFileKind kind);

/// Reads Weir's own key file, or creates it (mode 0600, complete or not at all) when there is none.
/// `path`'s folder must exist.
Result<MasterKeys> load_or_create_key_file(const std::string& path);

/// Creates `path` with mode 0600 and `content`, complete or not at all; a file that is already
/// there is left alone and is a problem. Durable when it returns. Empty text when it worked.
std::string create_private_file(const std::string& path, std::string_view content);

/// The same in place of the file that is there.
std::string replace_private_file(const std::string& path, std::string_view content);

}  // namespace weir::proxy
