#include "admin/rekey.h"

#include <gtest/gtest.h>

#include "admin/api_caller.h"
#include "admin/key_need.h"
#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

MasterKeys masters(const std::vector<std::uint8_t>& firsts) {
  MasterKeys all;
  all.reserve(firsts.size());
  for (const std::uint8_t first : firsts) {
    MasterKey::Array bytes{};
    bytes[0] = first;
    all.emplace_back(bytes, KeyForm::kTagged);
  }
  return all;
}

class RekeyTest : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = open_store("sqlite:" + folder_.path() + "/weir.db");
    const auto work = store_->begin_write();
    work->put_account({"a", {"logs-*"}});
    work->commit();
  }

  /// A token with the secret `text`, made under the active key of `keys`.
  std::int32_t make(const KeyRing& keys, const std::string& text, bool stored = true) {
    const auto work = store_->begin_write();
    TokenRow row;
    row.account = "a";
    row.digest = *keys.token_digest(text);
    row.id = work->insert_token(row);
    if (stored) {
      work->set_sealed_secret(row.id,
                              *keys.seal_secret(static_cast<std::uint32_t>(row.id), Secret(text)));
    }
    work->commit();
    return row.id;
  }
  TokenRow row(std::int32_t id) { return *store_->begin_read()->find_token("a", id); }
  KeyNeed need(const KeyRing& keys, const KeyRing& of, Seconds now = 0) {
    return key_needs(*store_->begin_read(), keys.keys(), now)[of.active()->name()];
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<KeyRing> old_ = KeyRing::derive(masters({1}));
  std::unique_ptr<KeyRing> new_ = KeyRing::derive(masters({2}));
  std::unique_ptr<KeyRing> both_ = KeyRing::derive(masters({2, 1}));
};

TEST_F(RekeyTest, LinksMoveAndForgetToo) {
  const std::int32_t token = make(*old_, "one");
  auto work = store_->begin_write();
  LinkRow link;
  link.token = token;
  link.account = "a";
  link.objects = "[]";
  link.digest = *old_->token_digest("link");
  link.id = work->insert_link(link);
  work->set_sealed_link_secret(link.id,
                               *old_->seal_secret(link_secret_id(link.id), Secret("link")));
  work->commit();
  work.reset();
  EXPECT_EQ(need(*both_, *old_).sealed_links, 1U);
  EXPECT_EQ(describe(need(*both_, *old_)), "1 shared token, 1 link");
  EXPECT_EQ(rekey_tokens(*store_, *both_).moved, 2U);
  EXPECT_FALSE(need(*both_, *old_).any());
  const LinkRow moved = *store_->begin_read()->find_link("a", token, link.id);
  EXPECT_EQ(moved.digest, *new_->token_digest("link"));
  EXPECT_TRUE(new_->open_secret(link_secret_id(link.id), moved.sealed_secret)->equals("link"));
  EXPECT_FALSE(new_->open_secret(static_cast<std::uint32_t>(link.id), moved.sealed_secret))
      << "a token's secret does not stand in its place";
  EXPECT_EQ(forget_secrets(*store_), 2U);
  EXPECT_EQ(store_->begin_read()->all_links().front().sealed_secret, "");
  EXPECT_EQ(need(*both_, *new_).links, 1U);
}

TEST_F(RekeyTest, MovesWhatIsStoredAndKeepsWhatIsNot) {
  const std::int32_t stored = make(*old_, "one");
  const std::int32_t once = make(*old_, "two", false);
  EXPECT_EQ(describe(need(*both_, *old_)), "1 shared token, 1 shared token shown once");
  const Rekeyed done = rekey_tokens(*store_, *both_);
  EXPECT_EQ(done.moved, 1U);
  EXPECT_EQ(done.unreadable, 0U);
  EXPECT_EQ(row(stored).digest, *new_->token_digest("one"));
  EXPECT_TRUE(new_->open_secret(static_cast<std::uint32_t>(stored), row(stored).sealed_secret)
                  ->equals("one"));
  EXPECT_EQ(row(once).digest, *old_->token_digest("two"));
  EXPECT_EQ(describe(need(*both_, *old_)), "1 shared token shown once");
  EXPECT_EQ(describe(need(*both_, *new_)), "1 shared token");
  EXPECT_EQ(rekey_tokens(*store_, *both_).moved, 0U) << "nothing is done twice";
}

TEST_F(RekeyTest, AForgottenSecretLeavesItsDigestUnderItsKey) {
  const std::int32_t first = make(*old_, "one");
  const std::int32_t second = make(*new_, "two");
  const std::int32_t once = make(*old_, "three", false);
  EXPECT_EQ(forget_secrets(*store_, 1), 2U);
  EXPECT_EQ(row(first).sealed_secret, "");
  EXPECT_EQ(row(second).sealed_secret, "");
  EXPECT_EQ(row(first).digest, *old_->token_digest("one")) << "it opens what it opened";
  EXPECT_EQ(row(first).revision, 1U);
  EXPECT_EQ(row(first).epoch, 1U);
  EXPECT_EQ(describe(need(*both_, *old_)), "2 shared tokens shown once");
  EXPECT_EQ(describe(need(*both_, *new_)), "1 shared token shown once");
  EXPECT_EQ(rekey_tokens(*store_, *both_).moved, 0U) << "none can be put under another key";
  EXPECT_EQ(row(once).digest, *old_->token_digest("three"));
  EXPECT_EQ(forget_secrets(*store_), 0U);
}

TEST_F(RekeyTest, GoesThroughAllInBatches) {
  for (int i = 0; i < 7; ++i) {
    make(i % 2 == 0 ? *old_ : *new_, "secret " + std::to_string(i));
  }
  EXPECT_EQ(rekey_tokens(*store_, *both_, 2).moved, 4U);
  EXPECT_FALSE(need(*both_, *old_).any());
}

TEST_F(RekeyTest, CountsWhatNoKeyOpens) {
  const auto lost = KeyRing::derive(masters({3}));
  make(*lost, "one");
  make(*old_, "two");
  const Rekeyed done = rekey_tokens(*store_, *both_);
  EXPECT_EQ(done.moved, 1U);
  EXPECT_EQ(done.unreadable, 1U);
  EXPECT_EQ(key_needs(*store_->begin_read(), both_->keys(), 0)[""].sealed, 1U);
}

TEST_F(RekeyTest, AFormerSecretHoldsItsKeyUntilItEnds) {
  const std::int32_t id = make(*new_, "now");
  {
    const auto work = store_->begin_write();
    TokenRow changed = *work->find_token("a", id);
    changed.former_digest = *old_->token_digest("before");
    changed.former_until = 100;
    work->update_token(changed, EpochMove::kKeep);
    work->commit();
  }
  EXPECT_EQ(describe(need(*both_, *old_, 99)), "1 former secret");
  EXPECT_FALSE(need(*both_, *old_, 100).any());
}

TEST_F(RekeyTest, AnApiTokenMovesWhenItIsUsed) {
  {
    const auto work = store_->begin_write();
    ApiTokenRow api;
    api.account = "a";
    api.digest = *old_->api_token_digest("secret");
    work->insert_api_token(api);
    work->commit();
  }
  EXPECT_FALSE(find_api_token(*store_, *both_, "another"));
  EXPECT_FALSE(find_api_token(*store_, *both_, ""));
  EXPECT_FALSE(find_api_token(*store_, *new_, "secret"));
  EXPECT_EQ(need(*both_, *old_).api_tokens, 1U);
  ASSERT_TRUE(find_api_token(*store_, *both_, "secret"));
  EXPECT_FALSE(need(*both_, *old_).any());
  EXPECT_TRUE(find_api_token(*store_, *new_, "secret"));
}

}  // namespace
}  // namespace weir::proxy
