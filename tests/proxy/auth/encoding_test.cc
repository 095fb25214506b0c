#include "auth/encoding.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

std::string encode(std::string_view bytes) {
  std::string out;
  append_base64url(as_bytes(bytes), out);
  return out;
}

TEST(Base64Url, KnownValues) {
  // RFC 4648, section 10, without padding; and the two characters that differ from plain base64.
  EXPECT_EQ(encode(""), "");
  EXPECT_EQ(encode("f"), "Zg");
  EXPECT_EQ(encode("fo"), "Zm8");
  EXPECT_EQ(encode("foo"), "Zm9v");
  EXPECT_EQ(encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(encode("\xfb\xff"), "-_8");
}

TEST(Base64Url, EveryLengthComesBack) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(decode_base64url(encode(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(Base64Url, OneValueHasOneName) {
  for (const char* bad : {"Zg==", "Zh", "Z", "Zm9", "Zm9vY", "Zm 9v", "Zm9v\n", "Zm+v", "Zm/v"}) {
    EXPECT_FALSE(decode_base64url(bad)) << bad;
  }
  EXPECT_FALSE(decode_base64url(std::string_view("Zm\0v", 4)));
}

TEST(Hex, LowerCase) { EXPECT_EQ(to_hex(as_bytes("\x01\xaf\xff")), "01afff"); }

}  // namespace
}  // namespace weir::proxy
