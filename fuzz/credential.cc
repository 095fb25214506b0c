// Two header values, one a line: Authorization and X-Shared-Token (a line `-` leaves it out). What
// is taken for a token is compared with a plain reading of the three carriers.
#include "http/credential.h"

#include <array>
#include <optional>
#include <string>

#include "fuzz.h"

namespace {

using weir::fuzz::require;
using weir::proxy::Credential;
using weir::proxy::CredentialState;

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::string encode_base64(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    unsigned bits = 0;
    for (std::size_t j = 0; j < 3; ++j)
      bits = bits << 8U | (i + j < text.size() ? static_cast<unsigned char>(text[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) {
      out += j <= text.size() - i ? kAlphabet[bits >> (18U - 6U * j) & 63U] : '=';
    }
  }
  return out;
}

Credential extract(std::optional<std::string_view> authorization,
                   std::optional<std::string_view> shared_token) {
  weir::proxy::RequestHead head;
  head.authorization = authorization;
  head.shared_token = shared_token;
  return weir::proxy::extract_credential(head);
}

bool same(const Credential& a, const Credential& b) {
  return a.state == b.state && a.token.equals(b.token.unsafe_reveal());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view rest = weir::fuzz::as_text(data, size);
  std::string_view first = weir::fuzz::take_until(rest, '\n');
  std::string_view second = weir::fuzz::take_until(rest, '\n');
  auto optional = [](std::string_view line) {
    return line == "-" ? std::nullopt : std::optional(line);
  };

  Credential one = extract(optional(first), std::nullopt);
  require(one.state != CredentialState::kConflict, "one carrier cannot conflict");
  Credential two = extract(std::nullopt, optional(second));
  require(two.state != CredentialState::kConflict, "one carrier cannot conflict");
  for (const Credential* c : std::array<const Credential*, 2>{&one, &two}) {
    require((c->state == CredentialState::kPresent) != c->token.empty(),
            "a token exactly if present");
    for (char byte : c->token.unsafe_reveal())
      require(byte > 0x20 && byte < 0x7F, "a token is visible ASCII");
  }
  // A header value never holds outer blanks, so that what is present is the value itself.
  if (two.state == CredentialState::kPresent)
    require(two.token.equals(second), "the header is the token");

  if (one.state == CredentialState::kPresent) {
    std::string token(one.token.unsafe_reveal());
    std::string bearer = "bEARER " + token;
    std::string basic = "Basic " + encode_base64("shared-token:" + token);
    std::string other = "Basic " + encode_base64("shared-tokeN:" + token);
    require(same(extract(bearer, std::nullopt), one), "Bearer carries the same token");
    require(same(extract(basic, std::nullopt), one), "Basic carries the same token");
    require(extract(other, std::nullopt).state == CredentialState::kAbsent,
            "another user is somebody else");
    require(same(extract(bearer, token), one), "the same token twice is one");
    require(extract(bearer, token + "x").state == CredentialState::kConflict,
            "two tokens conflict");
  }
  Credential both = extract(optional(first), optional(second));
  if (both.state == CredentialState::kPresent) {
    require(same(both, one) || same(both, two), "no third token comes of two");
    require(first == "-" || second == "-" || same(one, two), "different credentials are never one");
  }
  return 0;
}
