#include "auth/key_file.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <optional>
#include <string_view>
#include <vector>

#include "auth/encoding.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kHead = "weir-key-1 ";

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

Result<MasterKey> problem(const std::string& path, const std::string& what) {
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
std::string check_mode(const struct stat& info) {
  if (!S_ISREG(info.st_mode)) {
    return "the key file is not a regular file; remove it or choose another data folder";
  }
  if (info.st_uid != ::geteuid()) {
    return "the key file belongs to another user; run weir as its owner or change the owner";
  }
  if ((info.st_mode & 077U) != 0) {
    return "the key file can be read or written by others; run `chmod 600` on it, and rotate the "
           "tokens if somebody may "
           "have read it";
  }
  return {};
}

std::optional<MasterKey> parse(std::string_view text) {
  if (!text.ends_with('\n') || !text.starts_with(kHead)) {
    return std::nullopt;
  }
  text.remove_suffix(1);
  text.remove_prefix(kHead.size());
  auto bytes = decode_base64url(text);
  if (!bytes || bytes->size() != MasterKey::kBytes) {
    return std::nullopt;
  }
  MasterKey::Array array{};
  std::memcpy(array.data(), bytes->data(), array.size());
  OPENSSL_cleanse(bytes->data(), bytes->size());
  MasterKey key(array);
  OPENSSL_cleanse(array.data(), array.size());
  return key;
}

Result<MasterKey> load(const std::string& path, int fd) {
  struct stat info {};
  if (::fstat(fd, &info) != 0) {
    return problem(path, "cannot look at the key file: " + reason());
  }
  if (std::string wrong = check_mode(info); !wrong.empty()) {
    return problem(path, wrong);
  }
  // Longer than any right content, so that trailing bytes are seen.
  std::array<char, 128> buffer{};
  std::size_t size = 0;
  while (size < buffer.size()) {
    const ssize_t n = ::read(fd, buffer.data() + size, buffer.size() - size);
    if (n < 0 && errno == EINTR) {
      continue;
    }
    if (n < 0) {
      return problem(path, "cannot read the key file: " + reason());
    }
    if (n == 0) {
      break;
    }
    size += static_cast<std::size_t>(n);
  }
  auto key = parse({buffer.data(), size});
  OPENSSL_cleanse(buffer.data(), buffer.size());
  if (!key) {
    return problem(path,
                   "the key file is malformed; restore it from a backup (without it the stored "
                   "tokens cannot be read), or "
                   "move it and the store away to begin anew");
  }
  return std::move(*key);
}

}  // namespace

void MasterKey::wipe() noexcept { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

std::string create_private_file(const std::string& path, std::string_view content) {
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
  // link() and not rename(): it fails when somebody else has created the file meanwhile, instead of
  // replacing it.
  if (wrong.empty() && ::link(draft.c_str(), path.c_str()) != 0) {
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

Result<MasterKey> load_or_create_key_file(const std::string& path) {
  {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file) {
      return load(path, file.get());
    }
    if (errno == ELOOP) {
      return problem(path, "the key file is a symbolic link; put the file itself there");
    }
    if (errno != ENOENT) {
      return problem(path, "cannot open the key file: " + reason());
    }
  }
  MasterKey::Array bytes{};
  if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return problem(path, "the system gave no random bytes for a new key file");
  }
  std::string text(kHead);
  append_base64url(bytes, text);
  text.push_back('\n');
  const std::string wrong = create_private_file(path, text);
  OPENSSL_cleanse(text.data(), text.size());
  if (!wrong.empty()) {
    OPENSSL_cleanse(bytes.data(), bytes.size());
    return problem(path, wrong);
  }
  MasterKey key(bytes);
  OPENSSL_cleanse(bytes.data(), bytes.size());
  return key;
}

}  // namespace weir::proxy
