#include "auth/key_ring.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <regex>
#include <set>
#include <thread>

#include "auth/encoding.h"

namespace weir::proxy {
namespace {

MasterKey master(std::uint8_t first, KeyForm form = KeyForm::kPlain) {
  MasterKey::Array bytes{};
  bytes[0] = first;
  return MasterKey(bytes, form);
}

std::unique_ptr<KeyRing> ring(std::uint8_t first = 1, KeyForm form = KeyForm::kPlain) {
  return KeyRing::derive(master(first, form));
}

/// The newest first; the first one that was made is plain.
std::unique_ptr<KeyRing> ring_of(const std::vector<std::uint8_t>& firsts) {
  MasterKeys masters;
  masters.reserve(firsts.size());
  for (const std::uint8_t first : firsts) {
    masters.push_back(master(first, first == 1 ? KeyForm::kPlain : KeyForm::kTagged));
  }
  return KeyRing::derive(masters);
}

bool has(const TokenDigests& digests, const TokenDigest& wanted) {
  return std::find(digests.begin(), digests.end(), wanted) != digests.end();
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

TEST(KeyRing, ATaggedKeyNamesItself) {
  const auto keys = ring(2, KeyForm::kTagged);
  const auto digest = keys->token_digest("x");
  const auto plain = ring(2)->token_digest("x");
  ASSERT_TRUE(digest && plain);
  EXPECT_EQ(hex(*digest).substr(0, 48), hex(*plain).substr(0, 48)) << "the same hash, cut";
  EXPECT_EQ(hex(*digest).substr(48), keys->active()->name());
  EXPECT_EQ(hex(*keys->api_token_digest("x")).substr(48), keys->active()->name());
  EXPECT_EQ(to_hex(as_bytes(keys->fingerprint())).substr(0, 16), keys->active()->name());
}

TEST(KeyRing, FindsWhatEveryKeyMade) {
  const auto keys = ring_of({3, 2, 1});
  EXPECT_EQ(keys->fingerprint(), ring(3, KeyForm::kTagged)->fingerprint());
  const TokenDigests tokens = keys->token_digests("x");
  const TokenDigests api_tokens = keys->api_token_digests("x");
  ASSERT_EQ(tokens.size(), 3U);
  ASSERT_EQ(api_tokens.size(), 3U);
  EXPECT_EQ(*tokens.begin(), *keys->token_digest("x")) << "the active one first";
  for (const std::uint8_t first : {1, 2, 3}) {
    const auto alone = ring(first, first == 1 ? KeyForm::kPlain : KeyForm::kTagged);
    EXPECT_TRUE(has(tokens, *alone->token_digest("x")));
    EXPECT_TRUE(has(api_tokens, *alone->api_token_digest("x")));
    EXPECT_FALSE(has(tokens, *alone->api_token_digest("x")));
    EXPECT_EQ(maker_of(*alone->token_digest("x"), keys->keys())->name(), alone->active()->name());
    const std::string sealed = *alone->seal_secret(7, Secret("open sesame"));
    EXPECT_TRUE(keys->open_secret(7, sealed)->equals("open sesame"));
    EXPECT_EQ(sealer_of(sealed, keys->keys())->name(), alone->active()->name());
    EXPECT_FALSE(keys->open_secret(8, sealed));
  }
  EXPECT_FALSE(has(tokens, *ring(4)->token_digest("x")));
  EXPECT_EQ(maker_of(*ring(4, KeyForm::kTagged)->token_digest("x"), ring_of({3, 2})->keys()),
            nullptr);
  EXPECT_EQ(sealer_of(*ring(4, KeyForm::kTagged)->seal_secret(1, Secret("x")), keys->keys()),
            nullptr);
}

TEST(KeyRing, OneOfItsKeysIsActive) {
  const auto keys = ring_of({3, 2, 1});
  const std::uint64_t before = keys->generation();
  const auto plain = ring(1);
  ASSERT_TRUE(keys->activate(plain->fingerprint()));
  EXPECT_GT(keys->generation(), before);
  EXPECT_EQ(keys->fingerprint(), plain->fingerprint());
  EXPECT_EQ(*keys->token_digest("x"), *plain->token_digest("x"));
  EXPECT_EQ(*keys->token_digests("x").begin(), *plain->token_digest("x"));
  EXPECT_EQ(keys->token_digests("x").size(), 3U);
  EXPECT_TRUE(plain->open_secret(7, *keys->seal_secret(7, Secret("s"))));
  EXPECT_EQ(keys->keys().front()->name(), ring(3, KeyForm::kTagged)->active()->name())
      << "the order stays";

  const std::uint64_t again = keys->generation();
  EXPECT_TRUE(keys->activate(plain->fingerprint()));
  EXPECT_FALSE(keys->activate(ring(9)->fingerprint()));
  EXPECT_EQ(keys->generation(), again);
  EXPECT_EQ(keys->fingerprint(), plain->fingerprint());
}

TEST(KeyRing, TakesOverOtherKeys) {
  const auto keys = ring_of({2, 1});
  ASSERT_TRUE(keys->activate(ring(1)->fingerprint()));
  const TokenDigests old = keys->token_digests("x");
  EXPECT_EQ(old.generation(), keys->generation());
  keys->replace(ring_of({3, 2, 1})->keys());
  EXPECT_NE(old.generation(), keys->generation());
  EXPECT_EQ(keys->fingerprint(), ring(1)->fingerprint()) << "what is active stays so";
  keys->replace(ring_of({3})->keys());
  EXPECT_EQ(keys->fingerprint(), ring(3, KeyForm::kTagged)->fingerprint());
  EXPECT_EQ(keys->token_digests("x").size(), 1U);
}

TEST(CursorSealer, OpensWhatEveryKeySealed) {
  const auto keys = ring_of({3, 2, 1});
  const SealContext context{CursorKind::kScroll, 3, 9};
  for (const std::uint8_t first : {1, 2, 3}) {
    const auto alone = ring(first, first == 1 ? KeyForm::kPlain : KeyForm::kTagged);
    std::string sealed;
    ASSERT_TRUE(alone->cursor_sealer().seal(context, "cursor", sealed));
    std::string out;
    EXPECT_TRUE(keys->cursor_sealer().open(context, sealed, out));
    EXPECT_EQ(out, "cursor");
    EXPECT_EQ(first == 3, [&] {
      std::string again;
      return keys->cursor_sealer().seal(context, "cursor", again) && again == sealed;
    }()) << "sealed under the active key";
  }
  std::string sealed;
  std::string out;
  ASSERT_TRUE(ring(4)->cursor_sealer().seal(context, "cursor", sealed));
  EXPECT_FALSE(keys->cursor_sealer().open(context, sealed, out));
  EXPECT_EQ(out, "");
}

TEST(KeyRing, IsReadWhileItChanges) {
  const auto keys = ring_of({2, 1});
  const TokenDigest old = *ring(1)->token_digest("x");
  std::atomic<bool> stop = false;
  std::atomic<int> missed = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!stop) {
        missed += has(keys->token_digests("x"), old) ? 0 : 1;
      }
    });
  }
  for (int i = 0; i < 200; ++i) {
    keys->replace(ring_of({3, 2, 1})->keys());
    keys->activate(ring(1)->fingerprint());
    keys->replace(ring_of({2, 1})->keys());
  }
  stop = true;
  for (auto& reader : readers) {
    reader.join();
  }
  EXPECT_EQ(missed, 0);
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
  for (const KeyForm form : {KeyForm::kPlain, KeyForm::kTagged}) {
    const auto keys = ring(1, form);
    const std::string sealed = *keys->seal_secret(7, Secret("open sesame"));
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      std::string damaged = sealed;
      damaged[i] = static_cast<char>(damaged[i] ^ 1);
      EXPECT_FALSE(keys->open_secret(7, damaged)) << "byte " << i;
      EXPECT_FALSE(keys->open_secret(7, sealed.substr(0, i))) << "cut at " << i;
    }
  }
}

TEST(KeyRing, SealedSecretsAreStableAcrossVersions) {
  // Made by the first version: its sealed secrets, digests and cursors have to open forever.
  const std::string sealed = *ring(1)->seal_secret(7, Secret("s"));
  EXPECT_EQ(sealed[0], 1);
  EXPECT_EQ(sealed.size(), 1U + 12U + 1U + 16U);
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
