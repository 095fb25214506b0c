#include "http/credential.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "http/text.h"

namespace weir::proxy {
namespace {

// Longer than any token ever issued; bounds the work on rubbish.
constexpr std::size_t kMaxTokenBytes = 512;
constexpr std::string_view kBasicUser = "shared-token";

bool plausible(std::string_view token) {
  return !token.empty() && token.size() <= kMaxTokenBytes &&
         std::all_of(token.begin(), token.end(), is_visible);
}

int base64_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+') return 62;
  return c == '/' ? 63 : -1;
}

// The one encoding of RFC 4648 (padding optional, spare bits zero); an empty secret for anything
// else.
Secret decode_base64(std::string_view text) {
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::array<char, 2 * kMaxTokenBytes> out{};
  if (text.size() % 4 == 1 || text.size() > out.size()) return {};
  std::size_t size = 0;
  unsigned bits = 0;
  unsigned held = 0;
  for (char c : text) {
    int value = base64_value(c);
    if (value < 0) return {};
    bits = (bits << 6U) | static_cast<unsigned>(value);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out[size++] = static_cast<char>((bits >> held) & 0xffU);
    }
    bits &= (1U << held) - 1;
  }
  if (bits != 0) return {};
  Secret decoded({out.data(), size});
  volatile char* wipe = out.data();
  for (std::size_t i = 0; i < size; ++i) wipe[i] = 0;
  return decoded;
}

std::optional<Secret> token_of_authorization(std::string_view value) {
  std::size_t space = value.find(' ');
  if (space == std::string_view::npos) return std::nullopt;
  std::string_view scheme = value.substr(0, space);
  std::string_view rest = trim(value.substr(space + 1));
  if (same_text(scheme, "bearer") && plausible(rest)) return Secret(rest);
  if (!same_text(scheme, "basic")) return std::nullopt;

  Secret pair = decode_base64(rest);
  std::string_view text = pair.unsafe_reveal();
  std::size_t colon = text.find(':');
  if (colon == std::string_view::npos || text.substr(0, colon) != kBasicUser) return std::nullopt;
  std::string_view password = text.substr(colon + 1);
  if (!plausible(password)) return std::nullopt;
  return Secret(password);
}

}  // namespace

Credential extract_credential(const RequestHead& head) {
  Credential credential;
  std::optional<Secret> first;
  if (head.authorization) first = token_of_authorization(*head.authorization);
  if (head.shared_token) {
    if (head.authorization && !(first && first->equals(*head.shared_token))) {
      credential.state = CredentialState::kConflict;
      return credential;
    }
    if (!first && plausible(*head.shared_token)) first = Secret(*head.shared_token);
  }
  if (first) {
    credential.state = CredentialState::kPresent;
    credential.token = std::move(*first);
  }
  return credential;
}

}  // namespace weir::proxy
