#include "admin/usage.h"

#include <gtest/gtest.h>

#include <thread>

#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

class UsageBookTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto work = store_->begin_write();
    work->put_account({"a", {"*"}});
    TokenRow row;
    row.account = "a";
    id_ = static_cast<std::uint32_t>(work->insert_token(row));
    work->commit();
  }
  std::optional<Seconds> stored() {
    return store_->begin_read()->find_token("a", static_cast<std::int32_t>(id_))->last_used;
  }
  TempFolder folder_;
  std::unique_ptr<Store> store_ = open_store("sqlite:" + folder_.path() + "/weir.db");
  UsageBook book_;
  std::uint32_t id_ = 0;
};

TEST_F(UsageBookTest, KeepsTheLatestUntilItIsStored) {
  EXPECT_EQ(book_.latest(id_), std::nullopt);
  book_.note(id_, 100);
  book_.note(id_, 99);
  EXPECT_EQ(book_.latest(id_), 100);
  EXPECT_EQ(stored(), std::nullopt);
  book_.flush(*store_);
  EXPECT_EQ(stored(), 100);
  EXPECT_EQ(book_.latest(id_), std::nullopt);
  book_.note(999, 1);  // deleted meanwhile
  book_.flush(*store_);
  EXPECT_EQ(book_.latest(999), std::nullopt);
}

TEST_F(UsageBookTest, CountsRequestsAndDenials) {
  book_.note(id_, 100);
  book_.note(id_, 101);
  book_.note_denial(id_);
  TokenRow shown = store_->begin_read()->find_token("a", static_cast<std::int32_t>(id_)).value();
  book_.add_to(shown);
  EXPECT_EQ(shown.requests, 2U);
  EXPECT_EQ(shown.denials, 1U);
  EXPECT_EQ(shown.last_used, 101);
  book_.flush(*store_);
  book_.note_denial(id_);
  shown = store_->begin_read()->find_token("a", static_cast<std::int32_t>(id_)).value();
  EXPECT_EQ(shown.requests, 2U);
  EXPECT_EQ(shown.denials, 1U);
  book_.add_to(shown);
  EXPECT_EQ(shown.requests, 2U);
  EXPECT_EQ(shown.denials, 2U);
  EXPECT_EQ(shown.last_used, 101) << "a denial alone is of an expired token";
  book_.flush(*store_);
  EXPECT_FALSE(book_.pending(id_));
}

TEST_F(UsageBookTest, CountsWhatComesWhileItIsWritten) {
  book_.note(id_, 100);
  const auto work = store_->begin_write();
  const auto written = book_.write(*work);
  book_.note(id_, 102);
  work->commit();
  book_.forget(written);
  EXPECT_EQ(book_.latest(id_), 102);
  EXPECT_EQ(book_.pending(id_)->requests, 1U);
}

TEST_F(UsageBookTest, AFailedFlushLosesNothing) {
  book_.note(id_, 100);
  class Broken : public Store {
    std::unique_ptr<Transaction> begin_read() override { throw StoreError("full"); }
    std::unique_ptr<Transaction> begin_write() override { throw StoreError("full"); }
  } broken;
  EXPECT_THROW(book_.flush(broken), StoreError);
  EXPECT_EQ(book_.latest(id_), 100);
  book_.flush(*store_);
  EXPECT_EQ(stored(), 100);
}

TEST_F(UsageBookTest, ManyThreadsNote) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 10000; ++i) {
        book_.note(id_, t * 10000 + i);
      }
    });
  }
  for (int i = 0; i < 20; ++i) {
    book_.flush(*store_);
  }
  for (auto& thread : threads) {
    thread.join();
  }
  book_.flush(*store_);
  EXPECT_EQ(stored(), 39999);
}

}  // namespace
}  // namespace weir::proxy
