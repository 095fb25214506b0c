// A store with two accounts, and rows for it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proxy/temp_folder.h"
#include "store/store.h"

namespace weir::proxy {

inline TokenDigest digest_of(int n) {
  TokenDigest digest;
  digest.bytes[0] = static_cast<std::uint8_t>(n);
  digest.bytes[1] = static_cast<std::uint8_t>(n >> 8);
  return digest;
}

class StoreFixture : public ::testing::Test {
 protected:
  void open(const std::string& url) {
    store_ = open_store(url);
    auto work = store_->begin_write();
    work->put_account({"a", {"logs-*"}});
    work->put_account({"b", {"*"}});
    work->commit();
  }

  std::int32_t add_filter(const std::string& account, const std::string& value,
                          bool literal = false) {
    auto work = store_->begin_write();
    FilterRow row;
    row.account = account;
    row.field = "team";
    row.value = value;
    row.description = "of " + value;
    row.literal = literal;
    const std::int32_t id = work->insert_filter(row);
    work->commit();
    return id;
  }

  std::int32_t add_token(const std::string& account, std::vector<std::int32_t> filters, int n) {
    auto work = store_->begin_write();
    TokenRow row;
    row.account = account;
    row.name = "token " + std::to_string(n);
    row.digest = digest_of(n);
    row.filters = std::move(filters);
    row.expires_at = 1000 + n;
    const std::int32_t id = work->insert_token(row);
    work->set_sealed_secret(id, "sealed " + std::to_string(n));
    work->commit();
    return id;
  }

  TokenRow token(const std::string& account, std::int32_t id) {
    auto found = store_->begin_read()->find_token(account, id);
    EXPECT_TRUE(found);
    return found.value_or(TokenRow{});
  }

  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace weir::proxy
