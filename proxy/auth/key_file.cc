#include "auth/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "auth/encoding.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kHeads[] = {"weir-key-1 ", "weir-key-2 "};  // by KeyForm
constexpr std::size_t kMaxFileBytes = 1024;                            // of kMaxKeys and more

class Descriptor {
 public:
  explicit Descriptor(int fd) noexcept : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) {
      ::close(fd_);
    }
  }
  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }

 private:
  int fd_;
};

std::string reason() { return std::strerror(errno); }

Result<MasterKeys> problem(const std::string& path, const std::string& what) {
  return std::vector<Problem>{{path, what}};
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n <= 0) {
      return false;
    }
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
}

/// What is wrong with who may read the file; empty when nothing is.
std::string check_mode(const struct stat& info, KeyFileKind kind) {
  if (!S_ISREG(info.st_mode)) {
    return "the key file is not a regular file; remove it or choose another one";
  }
  const bool handed_down = kind == KeyFileKind::kGiven && info.st_uid == 0;
  if (info.st_uid != ::geteuid() && !handed_down) {
    return "the key file belongs to another user; run weir as its owner or change the owner";
  }
  if ((info.st_mode & (handed_down ? 037U : 077U)) != 0) {
    return "the key file can be read or written by others; run `chmod 600` on it, and rotate the "
           "key and the tokens if somebody may have read it";
  }
  return {};
}

std::optional<MasterKey> parse_line(std::string_view line) {
  for (const KeyForm form : {KeyForm::kPlain, KeyForm::kTagged}) {
    const std::string_view head = kHeads[static_cast<std::size_t>(form) - 1];
    if (!line.starts_with(head)) {
      continue;
    }
    auto bytes = decode_base64url(line.substr(head.size()));
    if (!bytes) {
      return std::nullopt;
    }
    const Secret held(*bytes);
    const bool whole = bytes->size() == MasterKey::kBytes;
    OPENSSL_cleanse(bytes->data(), bytes->size());
    if (!whole) {
      return std::nullopt;
    }
    MasterKey::Array array{};
    std::memcpy(array.data(), held.unsafe_reveal().data(), array.size());
    MasterKey key(array, form);
    OPENSSL_cleanse(array.data(), array.size());
    return key;
  }
  return std::nullopt;
}

/// Empty text when `out` holds all of them.
std::string parse_text(std::string_view text, MasterKeys& out) {
  const std::string malformed =
      "malformed; restore it from a backup (without it the stored tokens cannot be read), or move "
      "it and the store away to begin anew";
  if (!text.ends_with('\n')) {
    return malformed;
  }
  out.reserve(kMaxKeys);
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    auto key = parse_line(text.substr(0, end));
    text.remove_prefix(end + 1);
    if (!key) {
      return malformed;
    }
    for (const MasterKey& other : out) {
      if (CRYPTO_memcmp(other.unsafe_bytes().data(), key->unsafe_bytes().data(),
                        MasterKey::kBytes) == 0) {
        return "malformed: one key stands in it twice; remove one of the two lines";
      }
      if (other.form() == KeyForm::kPlain && key->form() == KeyForm::kPlain) {
        return "malformed: two keys of the first form (`weir-key-1`) cannot be told apart; take "
               "new ones from `weir key new`";
      }
    }
    if (out.size() == kMaxKeys) {
      return "too long: there may be " + std::to_string(kMaxKeys) +
             " keys; remove old ones with `weir key retire`";
    }
    out.push_back(std::move(*key));
  }
  return {};
}

/// The whole of a small file; nothing if it cannot be read.
std::optional<Secret> read_all(int fd) {
  // Longer than any right content, so that trailing bytes are seen.
  std::array<char, kMaxFileBytes> buffer{};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t n = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return std::nullopt;
    }
    if (n == 0) {
      break;
    }
    size += static_cast<std::size_t>(n);
  }
  Secret text({buffer.data(), size});
  OPENSSL_cleanse(buffer.data(), buffer.size());
  return text;
}

Result<MasterKeys> load(const std::string& path, int fd, KeyFileKind kind) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return problem(path, "cannot look at the key file: " + reason());
  }
  if (std::string wrong = check_mode(info, kind); !wrong.empty()) {
    return problem(path, wrong);
  }
  const auto text = read_all(fd);
  if (!text) {
    return problem(path, "cannot read the key file: " + reason());
  }
  MasterKeys keys;
  if (std::string wrong = parse_text(text->unsafe_reveal(), keys); !wrong.empty()) {
    return problem(path, "the key file is " + wrong);
  }
  return keys;
}

int open_key_file(const std::string& path, KeyFileKind kind) {
  const int links = kind == KeyFileKind::kOwn ? O_NOFOLLOW : 0;
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | links);
}

Result<MasterKeys> cannot_open(const std::string& path) {
  return errno == ELOOP
             ? problem(path, "the key file is a symbolic link; put the file itself there")
             : problem(path, "cannot open the key file: " + reason());
}

/// Writes `content` beside `path` and lets `place` put it there.
template <typename Place>
std::string write_private_file(const std::string& path, std::string_view content, Place place) {
  const std::string draft = path + ".new." + std::to_string(::getpid());
  ::unlink(draft.c_str());
  std::string wrong;
  {
    const Descriptor file(
        ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
      return "cannot create `" + path + "`: " + reason();
    }
    // The umask can only take bits away, and the owner's must stay.
    if (::fchmod(file.get(), 0600) != 0 || !write_all(file.get(), content) ||
        ::fsync(file.get()) != 0) {
      wrong = "cannot write `" + path + "`: " + reason();
    }
  }
  if (wrong.empty() && place(draft.c_str(), path.c_str()) != 0) {
    wrong = "cannot create `" + path + "`: " + reason();
  }
  ::unlink(draft.c_str());
  if (wrong.empty()) {
    if (const Descriptor folder(
            ::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        folder) {
      ::fsync(folder.get());
    }
  }
  return wrong;
}

Secret line_of(KeyForm form, Bytes bytes) {
  std::string text(kHeads[static_cast<std::size_t>(form) - 1]);
  text.reserve(text.size() + 2 * bytes.size());
  append_base64url(bytes, text);
  text.push_back('\n');
  Secret line(text);
  OPENSSL_cleanse(text.data(), text.size());
  return line;
}

}  // namespace

void MasterKey::wipe() noexcept { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

Secret new_key_line() {
  MasterKey::Array bytes{};
  if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return {};
  }
  Secret line = line_of(KeyForm::kTagged, bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return line;
}

Secret key_text(std::span<const MasterKey> keys) {
  std::string text;
  text.reserve(kMaxFileBytes);
  for (const MasterKey& key : keys) {
    text += line_of(key.form(), key.unsafe_bytes()).unsafe_reveal();
  }
  Secret all(text);
  OPENSSL_cleanse(text.data(), text.size());
  return all;
}

Result<MasterKeys> parse_keys(std::string_view text, const std::string& where) {
  std::string lines;
  lines.reserve(2 * text.size() + 2);
  bool within = false;  // between a key's first word and its second
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t begin = text.find_first_not_of(" \t\r\n", at);
    if (begin == std::string_view::npos) {
      break;
    }
    at = std::min(text.find_first_of(" \t\r\n", begin), text.size());
    lines.append(text.substr(begin, at - begin));
    lines.push_back(within ? '\n' : ' ');
    within = !within;
  }
  MasterKeys keys;
  std::string wrong = parse_text(lines, keys);
  OPENSSL_cleanse(lines.data(), lines.size());
  if (!wrong.empty()) {
    return problem(where, "the key is " + wrong);
  }
  return keys;
}

std::string create_private_file(const std::string& path, std::string_view content) {
  // link() and not rename(): it fails when somebody else has created the file meanwhile, instead of
  // replacing it.
  return write_private_file(path, content, ::link);
}

std::string replace_private_file(const std::string& path, std::string_view content) {
  return write_private_file(path, content, ::rename);
}

Result<MasterKeys> load_key_file(const std::string& path, KeyFileKind kind) {
  const Descriptor file(open_key_file(path, kind));
  return file ? load(path, file.get(), kind) : cannot_open(path);
}

Result<MasterKeys> load_or_create_key_file(const std::string& path) {
  {
    const Descriptor file(open_key_file(path, KeyFileKind::kOwn));
    if (file) {
      return load(path, file.get(), KeyFileKind::kOwn);
    }
    if (errno != ENOENT) {
      return cannot_open(path);
    }
  }
  const Secret line = new_key_line();
  if (line.empty()) {
    return problem(path, "the system gave no random bytes for a new key file");
  }
  if (std::string wrong = create_private_file(path, line.unsafe_reveal()); !wrong.empty()) {
    return problem(path, wrong);
  }
  return parse_keys(line.unsafe_reveal(), path);
}

}  // namespace weir::proxy
