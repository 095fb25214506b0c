#include "auth/key_ring.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <thread>

#include "auth/encoding.h"

namespace weir::proxy {
namespace {

std::unique_ptr<const KeyRing> ring(std::uint8_t first = 1) {
  MasterKey::Array bytes{};
  bytes[0] = first;
  return KeyRing::derive(MasterKey(bytes));
}

std::string hex(const TokenDigest& digest) { return to_hex(digest.bytes); }

TEST(KeyRing, DigestsDependOnKeyTextAndPurpose) {
  const auto a = ring(1);
  const auto b = ring(2);
  ASSERT_TRUE(a && b);
  const std::set<std::string> all = {hex(*a->token_digest("x")), hex(*a->token_digest("y")),
                                     hex(*a->api_token_digest("x")), hex(*b->token_digest("x"))};
  EXPECT_EQ(all.size(), 4U);
  EXPECT_EQ(*a->token_digest("x"), *ring(1)->token_digest("x"));
  EXPECT_NE(a->fingerprint(), b->fingerprint());
  EXPECT_EQ(a->fingerprint(), ring(1)->fingerprint());
}

TEST(KeyRing, DigestsAreStableAcrossVersions) {
  // A changed derivation would lock every holder out after an upgrade. From RFC 5869 and RFC 2104
  // with another library.
  EXPECT_EQ(hex(*ring(1)->token_digest("x")),
            "a92040e153acd5490e527c9fc83bff6c204f97eff05c538718510b8c56b0657c");
}

TEST(KeyRing, SealsSecretsToTheirToken) {
  const auto keys = ring();
  const auto sealed = keys->seal_secret(7, Secret("open sesame"));
  ASSERT_TRUE(sealed);
  EXPECT_EQ(sealed->find("sesame"), std::string::npos);
  EXPECT_NE(*sealed, *keys->seal_secret(7, Secret("open sesame"))) << "the nonce must be fresh";
  const auto opened = keys->open_secret(7, *sealed);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->equals("open sesame"));
  EXPECT_FALSE(keys->open_secret(8, *sealed));
  EXPECT_FALSE(ring(2)->open_secret(7, *sealed));
}

TEST(KeyRing, RefusesEveryDamagedSecret) {
  const auto keys = ring();
  const std::string sealed = *keys->seal_secret(7, Secret("open sesame"));
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(keys->open_secret(7, damaged)) << "byte " << i;
    EXPECT_FALSE(keys->open_secret(7, sealed.substr(0, i))) << "cut at " << i;
  }
}

TEST(CursorSealer, IsDeterministicAndUrlSafe) {
  const auto keys = ring();
  const SealContext context{CursorKind::kScroll, 3, 9};
  std::string a = "prefix:";
  std::string b = "prefix:";
  ASSERT_TRUE(keys->cursor_sealer().seal(context, "FGluY2x1ZGVfY29udGV4dA==", a));
  ASSERT_TRUE(keys->cursor_sealer().seal(context, "FGluY2x1ZGVfY29udGV4dA==", b));
  EXPECT_EQ(a, b);
  EXPECT_TRUE(std::regex_match(a, std::regex("prefix:[A-Za-z0-9_-]+"))) << a;
  std::string plain = "was:";
  ASSERT_TRUE(keys->cursor_sealer().open(context, a.substr(7), plain));
  EXPECT_EQ(plain, "was:FGluY2x1ZGVfY29udGV4dA==");
}

TEST(CursorSealer, OpensOnlyInItsContext) {
  const auto keys = ring();
  const SealContext context{CursorKind::kScroll, 3, 9};
  std::string sealed;
  ASSERT_TRUE(keys->cursor_sealer().seal(context, "cursor", sealed));
  std::string out = "untouched";
  for (const SealContext& other :
       {SealContext{CursorKind::kPointInTime, 3, 9}, SealContext{CursorKind::kScroll, 4, 9},
        SealContext{CursorKind::kScroll, 3, 10},
        SealContext{CursorKind::kScroll, 3, 9 + (1ULL << 32U)}}) {
    EXPECT_FALSE(keys->cursor_sealer().open(other, sealed, out));
  }
  EXPECT_FALSE(ring(2)->cursor_sealer().open(context, sealed, out));
  EXPECT_EQ(out, "untouched");
}

TEST(CursorSealer, RefusesEveryDamagedText) {
  const auto keys = ring();
  const SealContext context{CursorKind::kPointInTime, 3, 9};
  std::string sealed;
  ASSERT_TRUE(keys->cursor_sealer().seal(context, "some cursor", sealed));
  std::string out;
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string damaged = sealed;
    damaged[i] = damaged[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(keys->cursor_sealer().open(context, damaged, out)) << i;
    EXPECT_FALSE(keys->cursor_sealer().open(context, sealed.substr(0, i), out)) << i;
  }
  EXPECT_FALSE(keys->cursor_sealer().open(context, sealed + "A", out));
  EXPECT_FALSE(keys->cursor_sealer().open(context, "", out));
  EXPECT_FALSE(keys->cursor_sealer().open(context, "not base64!", out));
  EXPECT_FALSE(keys->cursor_sealer().seal(context, "", out));
  EXPECT_EQ(out, "");
}

TEST(CursorSealer, ServesManyThreads) {
  const auto keys = ring();
  std::vector<std::thread> threads;
  std::vector<int> good(4);
  for (std::size_t t = 0; t < good.size(); ++t) {
    threads.emplace_back([&keys, &good, t] {
      for (int i = 0; i < 500; ++i) {
        const SealContext context{CursorKind::kScroll, static_cast<std::uint32_t>(t), 1};
        const std::string plain(static_cast<std::size_t>(i) + 1, static_cast<char>('a' + t));
        std::string sealed;
        std::string opened;
        if (keys->cursor_sealer().seal(context, plain, sealed) &&
            keys->cursor_sealer().open(context, sealed, opened) && opened == plain &&
            keys->token_digest(plain) == keys->token_digest(opened)) {
          ++good[t];
        }
      }
    });
  }
  for (auto& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(good, std::vector<int>(4, 500));
}

TEST(GenerateSecret, HasTheFormOfOldAndNeverRepeats) {
  const std::regex form("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto secret = generate_secret();
    ASSERT_TRUE(secret);
    const std::string text(secret->unsafe_reveal());
    EXPECT_TRUE(std::regex_match(text, form)) << text;
    seen.insert(text);
  }
  EXPECT_EQ(seen.size(), 200U);
}

}  // namespace
}  // namespace weir::proxy
