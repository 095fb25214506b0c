#include "http/scrub.h"

namespace weir::proxy {
namespace {

constexpr std::string_view kInstead = "[secret]";
constexpr std::size_t kMinBytes = 4;

}  // namespace

void scrub(std::string& text, std::string_view secret) {
  if (secret.size() < kMinBytes) {
    return;
  }
  std::size_t at = text.find(secret);
  while (at != std::string::npos) {
    text.replace(at, secret.size(), kInstead);
    at = text.find(secret, at + kInstead.size());
  }
}

}  // namespace weir::proxy
