#include "auth/key_source.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace weir::proxy {
namespace {

constexpr const char* kVariable = "WEIR_KEY";

Secret take_variable() {
  char* text = ::getenv(kVariable);
  if (text == nullptr || *text == '\0') {
    return {};
  }
  Secret taken(text);
  OPENSSL_cleanse(text, std::strlen(text));
  ::unsetenv(kVariable);
  return taken;
}

}  // namespace

const Secret& key_of_environment() {
  static const Secret kTaken = take_variable();
  return kTaken;
}

KeySource::KeySource(const Secret& variable, std::string given_file, std::string own_file)
    : variable_(variable.clone()),
      kind_(given_file.empty() ? KeyFileKind::kOwn : KeyFileKind::kGiven),
      name_(!variable.empty()    ? kVariable
            : given_file.empty() ? std::move(own_file)
                                 : std::move(given_file)) {}

Result<MasterKeys> KeySource::load(Missing missing) const {
  if (is_variable()) {
    return parse_keys(variable_.unsafe_reveal(), name_);
  }
  struct stat info {};
  const bool there = ::stat(name_.c_str(), &info) == 0 || errno != ENOENT;
  if (!there && kind_ == KeyFileKind::kGiven) {
    return std::vector<Problem>{
        {name_,
         "there is no key file here (`key.file`); make one with `weir key new`, and give it to "
         "every server of this store"}};
  }
  if (!there && missing == Missing::kRefuse) {
    return std::vector<Problem>{
        {name_,
         "there is no key file here; name the data folder of the server with --data, or start "
         "`weir serve` first"}};
  }
  return kind_ == KeyFileKind::kGiven || missing == Missing::kRefuse
             ? load_key_file(name_, kind_)
             : load_or_create_key_file(name_);
}

std::string KeySource::state() const {
  struct stat info {};
  if (is_variable() || ::stat(name_.c_str(), &info) != 0) {
    return {};
  }
  return std::to_string(info.st_dev) + "/" + std::to_string(info.st_ino) + "/" +
         std::to_string(info.st_size) + "/" + std::to_string(info.st_mtim.tv_sec) + "." +
         std::to_string(info.st_mtim.tv_nsec);
}

}  // namespace weir::proxy
