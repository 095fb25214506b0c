// What a store promises about links, held to both databases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "proxy/postgresql_server.h"
#include "proxy/temp_folder.h"
#include "store/store.h"

namespace weir::proxy {
namespace {

enum class Database { kSqlite, kPostgresql };

TokenDigest digest_of(std::uint8_t n) {
  TokenDigest digest;
  digest.bytes[0] = n;
  return digest;
}

class LinksStoreTest : public ::testing::TestWithParam<Database> {
 protected:
  void SetUp() override {
    store_ = open_store(GetParam() == Database::kSqlite
                            ? "sqlite:" + folder_.path() + "/weir.db"
                            : PostgresqlServer::instance().new_database());
    auto work = store_->begin_write();
    work->put_account({"a", {"logs-*"}});
    TokenRow row;
    row.account = "a";
    row.digest = digest_of(1);
    token_ = work->insert_token(row);
    row.digest = digest_of(2);
    other_ = work->insert_token(row);
    work->commit();
  }

  std::int32_t add(std::int32_t token, std::uint8_t n) {
    auto work = store_->begin_write();
    LinkRow row;
    row.token = token;
    row.account = "a";
    row.name = "Zürich\nand a line";
    row.digest = digest_of(n);
    row.snapshot = true;
    row.path = "/app/x#/view/1";
    row.objects = R"([{"type":"dashboard","id":"1","title":"ü"}])";
    row.created_at = 100;
    const std::int32_t id = work->insert_link(row);
    work->set_sealed_link_secret(id, std::string("sealed\0\xff", 8));
    work->commit();
    return id;
  }
  LinkRow row(std::int32_t id) { return *store_->begin_read()->find_link("a", token_, id); }
  std::set<std::int32_t> tokens_changed_since(std::uint64_t version) {
    return store_->begin_read()->changes_since(version)->tokens;
  }
  std::uint64_t version() { return store_->begin_read()->change_version(); }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
  std::int32_t token_ = 0;
  std::int32_t other_ = 0;
};

INSTANTIATE_TEST_SUITE_P(, LinksStoreTest,
                         ::testing::Values(Database::kSqlite, Database::kPostgresql),
                         [](const auto& test) {
                           return test.param == Database::kSqlite ? "Sqlite" : "PostgreSql";
                         });

TEST_P(LinksStoreTest, KeepsRowsAsTheyAre) {
  const std::int32_t id = add(token_, 3);
  const LinkRow kept = row(id);
  EXPECT_EQ(kept.token, token_);
  EXPECT_EQ(kept.account, "a");
  EXPECT_EQ(kept.name, "Zürich\nand a line");
  EXPECT_EQ(kept.digest, digest_of(3));
  EXPECT_EQ(kept.sealed_secret, std::string("sealed\0\xff", 8));
  EXPECT_TRUE(kept.snapshot);
  EXPECT_EQ(kept.path, "/app/x#/view/1");
  EXPECT_EQ(kept.objects, R"([{"type":"dashboard","id":"1","title":"ü"}])");
  EXPECT_EQ(kept.created_at, 100);
  EXPECT_EQ(kept.last_used, std::nullopt);
  EXPECT_EQ(kept.revision, 1U);
  const auto read = store_->begin_read();
  EXPECT_FALSE(read->find_link("a", other_, id));
  EXPECT_FALSE(read->find_link("b", token_, id));
  EXPECT_EQ(read->links("a", token_).size(), 1U);
  EXPECT_TRUE(read->links("b", token_).empty());
  EXPECT_EQ(read->all_links().size(), 1U);
  EXPECT_EQ(read->count_links(token_), 1U);
  EXPECT_EQ(read->find_token("a", token_)->links, 1U);
  EXPECT_EQ(read->find_token("a", other_)->links, 0U);
}

TEST_P(LinksStoreTest, EndsWithItsTokenOrAlone) {
  const std::int32_t first = add(token_, 3);
  const std::int32_t second = add(token_, 4);
  add(other_, 5);
  const std::uint64_t before = version();
  auto work = store_->begin_write();
  EXPECT_FALSE(work->delete_link("b", token_, first));
  EXPECT_FALSE(work->delete_link("a", other_, first));
  EXPECT_TRUE(work->delete_link("a", token_, first));
  work->commit();
  work.reset();
  EXPECT_EQ(store_->begin_read()->links("a", token_).front().id, second);
  EXPECT_EQ(tokens_changed_since(before), std::set{token_});
  work = store_->begin_write();
  work->delete_token("a", token_);
  work->commit();
  work.reset();
  EXPECT_EQ(store_->begin_read()->all_links().size(), 1U);
}

TEST_P(LinksStoreTest, ChangesThatMatterMoveTheVersion) {
  const std::uint64_t before = version();
  const std::int32_t id = add(token_, 3);
  EXPECT_EQ(version(), before + 1);
  EXPECT_EQ(tokens_changed_since(before), std::set{token_});
  auto work = store_->begin_write();
  EXPECT_TRUE(work->set_link_objects(id, "[]"));
  EXPECT_FALSE(work->set_link_objects(id + 7, "[]"));
  work->commit();
  work.reset();
  EXPECT_EQ(version(), before + 2);
  EXPECT_EQ(tokens_changed_since(before + 1), std::set{token_});
  EXPECT_EQ(row(id).objects, "[]");
  EXPECT_EQ(row(id).revision, 2U);
  work = store_->begin_write();
  work->rekey_link(id, digest_of(9), "other");
  work->merge_link_use({{static_cast<std::uint32_t>(id), 50}, {4711, 60}});
  work->merge_link_use({{static_cast<std::uint32_t>(id), 40}});
  work->commit();
  work.reset();
  EXPECT_EQ(version(), before + 2);
  EXPECT_EQ(row(id).digest, digest_of(9));
  EXPECT_EQ(row(id).sealed_secret, "other");
  EXPECT_EQ(row(id).last_used, 50);
  EXPECT_EQ(row(id).revision, 2U);
  work = store_->begin_write();
  work->delete_link("a", token_, id);
  work->commit();
  work.reset();
  EXPECT_EQ(version(), before + 3);
}

TEST_P(LinksStoreTest, NoTwoHaveOneSecret) {
  add(token_, 3);
  EXPECT_THROW(add(other_, 3), StoreError);
}

}  // namespace
}  // namespace weir::proxy
