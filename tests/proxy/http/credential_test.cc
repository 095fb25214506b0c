#include "http/credential.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::proxy {
namespace {

// "absent", "conflict" or the token.
std::string credential_of(const std::string& lines) {
  auto parsed = parse_request_head("GET / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n");
  Credential credential = extract_credential(std::get<RequestHead>(parsed));
  if (credential.state == CredentialState::kAbsent) return "absent";
  if (credential.state == CredentialState::kConflict) return "conflict";
  return "=" + std::string(credential.token.unsafe_reveal());
}

TEST(Credential, ReadsEveryCarrier) {
  EXPECT_EQ(credential_of(""), "absent");
  EXPECT_EQ(credential_of("Authorization: Bearer abc\r\n"), "=abc");
  EXPECT_EQ(credential_of("authorization: bEARER   abc\r\n"), "=abc");
  EXPECT_EQ(credential_of("X-Shared-Token: abc\r\n"), "=abc");
  EXPECT_EQ(credential_of("Authorization: Basic c2hhcmVkLXRva2VuOmFiYw==\r\n"),
            "=abc");  // shared-token:abc
  EXPECT_EQ(credential_of("Authorization: Basic c2hhcmVkLXRva2VuOmFiYw\r\n"),
            "=abc");  // without padding
  EXPECT_EQ(credential_of("Authorization: Basic c2hhcmVkLXRva2VuOmE6Yg==\r\n"),
            "=a:b");  // shared-token:a:b
}

TEST(Credential, SeesNoTokenInAnythingElse) {
  for (const std::string value : {
           "Bearer", "Bearer ", "abc", "Digest abc", "Bearer a b", "Basic !!!!", "Basic",
           "Basic YWRtaW46YWRtaW4=",          // admin:admin
           "Basic c2hhcmVkLXRva2Vu",          // shared-token, no colon
           "Basic c2hhcmVkLXRva2VuOg==",      // shared-token:
           "Basic U2hhcmVkLXRva2VuOmFiYw==",  // Shared-token:abc
           "Basic c2hhcmVkLXRva2VuOmFiYx==",  // spare bits set
           "Basic c2hhcmVkLXRva2VuOmFiYwAA",  // a NUL in it
       }) {
    EXPECT_EQ(credential_of("Authorization: " + value + "\r\n"), "absent") << value;
  }
  EXPECT_EQ(credential_of("X-Shared-Token:\r\n"), "absent");
  EXPECT_EQ(credential_of("X-Shared-Token: a b\r\n"), "absent");
  EXPECT_EQ(credential_of("X-Shared-Token: " + std::string(513, 'a') + "\r\n"), "absent");
}

TEST(Credential, RefusesTwoThatDiffer) {
  EXPECT_EQ(credential_of("Authorization: Bearer abc\r\nX-Shared-Token: abc\r\n"), "=abc");
  EXPECT_EQ(
      credential_of("Authorization: Basic c2hhcmVkLXRva2VuOmFiYw==\r\nX-Shared-Token: abc\r\n"),
      "=abc");
  EXPECT_EQ(credential_of("Authorization: Bearer abc\r\nX-Shared-Token: abd\r\n"), "conflict");
  EXPECT_EQ(credential_of("Authorization: Bearer abc\r\nX-Shared-Token:\r\n"), "conflict");
  EXPECT_EQ(credential_of("Authorization: Basic YWRtaW46YWRtaW4=\r\nX-Shared-Token: abc\r\n"),
            "conflict");
}

TEST(Secret, ComparesAndMoves) {
  Secret secret("abc");
  EXPECT_TRUE(secret.equals("abc"));
  EXPECT_FALSE(secret.equals("abd"));
  EXPECT_FALSE(secret.equals("ab"));
  EXPECT_TRUE(Secret().equals(""));
  Secret copy = secret.clone();
  Secret moved = std::move(secret);
  EXPECT_TRUE(secret.empty());  // NOLINT: what is left behind is part of the contract
  EXPECT_TRUE(moved.equals(copy.unsafe_reveal()));
}

}  // namespace
}  // namespace weir::proxy
