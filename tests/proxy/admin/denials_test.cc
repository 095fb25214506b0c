#include "admin/denials.h"

#include <gtest/gtest.h>

#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

class DenialBookTest : public ::testing::Test {
 protected:
  bool note(std::uint32_t token, std::int64_t at_ms = 1) {
    return book_.note({token, "a", "search", "agg.global", "r" + std::to_string(at_ms)}, at_ms);
  }
  std::vector<AuditRow> stored() {
    return store_->begin_read()->audit("a", {.kind = "denial", .limit = 10'000});
  }
  TempFolder folder_;
  std::unique_ptr<Store> store_ = open_store("sqlite:" + folder_.path() + "/weir.db");
  DenialBook book_;
};

TEST_F(DenialBookTest, BringsDenialsToTheAudit) {
  book_.flush(*store_, 10'000);
  EXPECT_TRUE(note(7, 1));
  EXPECT_TRUE(note(8, 2));
  EXPECT_TRUE(stored().empty());
  book_.flush(*store_, 10'000);
  book_.flush(*store_, 10'000);
  const auto rows = stored();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].at_ms, 2);
  EXPECT_EQ(rows[1].token, 7);
  EXPECT_EQ(rows[1].kind, "denial");
  EXPECT_EQ(rows[1].route, "search");
  EXPECT_EQ(rows[1].code, "agg.global");
  EXPECT_EQ(rows[1].request_id, "r1");
  EXPECT_EQ(rows[1].before + rows[1].after + rows[1].operation, "");
}

TEST_F(DenialBookTest, IsBounded) {
  for (std::size_t i = 0; i < DenialBook::kMaxRowsOfToken; ++i) EXPECT_TRUE(note(7)) << i;
  EXPECT_FALSE(note(7));
  EXPECT_TRUE(note(8)) << "another token has room of its own";
  std::uint32_t token = 100;
  std::size_t noted = DenialBook::kMaxRowsOfToken + 1;
  while (noted < DenialBook::kMaxRows) noted += note(token++) ? 1 : 0;
  EXPECT_FALSE(note(token));
  book_.flush(*store_, 10'000);
  EXPECT_EQ(stored().size(), DenialBook::kMaxRows);
  EXPECT_TRUE(note(7));
}

TEST_F(DenialBookTest, LeavesTheNewestOfAnAccountAndAllChanges) {
  auto work = store_->begin_write();
  for (const char* kind : {"change", "denial"}) {
    for (const char* account : {"a", "b"}) {
      AuditRow row;
      row.account = account;
      row.kind = kind;
      for (int i = 0; i < 5; ++i) work->append_audit(row);
    }
  }
  work->commit();
  work.reset();
  const auto count = [&](const char* account, const char* kind) {
    return store_->begin_read()->audit(account, {.kind = kind, .limit = 100}).size();
  };
  book_.flush(*store_, 3);
  EXPECT_EQ(count("a", "denial"), 5U) << "nothing came, nothing goes";
  for (int at = 1; at <= 4; ++at) note(7, at);
  book_.flush(*store_, 3);
  const auto rows = stored();
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_EQ(rows.front().at_ms, 4);
  EXPECT_EQ(rows.back().at_ms, 2);
  EXPECT_EQ(count("a", "change"), 5U);
  EXPECT_EQ(count("b", "denial"), 5U);
  EXPECT_EQ(count("b", "change"), 5U);
}

TEST_F(DenialBookTest, KeepsWhatCouldNotBeStored) {
  class Broken : public Store {
    std::unique_ptr<Transaction> begin_read() override { throw StoreError("gone"); }
    std::unique_ptr<Transaction> begin_write() override { throw StoreError("gone"); }
  } broken;
  note(7);
  EXPECT_THROW(book_.flush(broken, 10'000), StoreError);
  book_.flush(*store_, 10'000);
  EXPECT_EQ(stored().size(), 1U);
}

}  // namespace
}  // namespace weir::proxy
