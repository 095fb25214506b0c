// The API over a store of its own: accounts `a` and `b` with a key each (`key-a`, `key-b`), and
// keys of `a` that may only read, only write, have expired, or belong to an account that is gone.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin/shared_tokens_api.h"
#include "proxy/temp_folder.h"
#include "trace/tracer.h"

namespace weir::proxy {

inline constexpr Seconds kNow = 1700000000;

inline std::string header(const SmallResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) {
      return value;
    }
  }
  return "";
}

/// A store whose commits can be made to fail.
class MoodyStore : public Store {
 public:
  explicit MoodyStore(Store& real) : real_(real) {}
  std::unique_ptr<Transaction> begin_read() override { return real_.begin_read(); }
  std::unique_ptr<Transaction> begin_write() override {
    if (broken) {
      throw StoreError(
          "the disk of the token store is full; free some space (database or disk is full)");
    }
    return real_.begin_write();
  }
  bool broken = false;

 private:
  Store& real_;
};

class SharedTokensApiTest : public ::testing::Test {
 protected:
  void SetUp() override {
    MasterKey::Array bytes{};
    keys_ = KeyRing::derive(MasterKey(bytes));
    auto work = real_->begin_write();
    work->put_account({"a", {"logs-*"}});
    work->put_account({"b", {"*"}});
    work->put_account({"gone", {"*"}});
    add_api_token(*work, "a", "key-a", kSharedTokensRead | kSharedTokensWrite);
    add_api_token(*work, "a", "key-a-read", kSharedTokensRead);
    add_api_token(*work, "a", "key-a-write", kSharedTokensWrite);
    add_api_token(*work, "a", "key-a-old", kSharedTokensRead | kSharedTokensWrite, kNow);
    add_api_token(*work, "b", "key-b", kSharedTokensRead | kSharedTokensWrite);
    add_api_token(*work, "gone", "key-gone", kSharedTokensRead | kSharedTokensWrite);
    work->commit();
    publisher_.set_frame({{{"a", {"logs-*"}}, {"b", {"*"}}}, Unfiltered::kAllow, "3.4.0"});
    make_api({});
  }

  void make_api(const TokenSettings& settings) {
    api_.emplace(ApiContext{.store = store_,
                            .keys = *keys_,
                            .publisher = publisher_,
                            .usage = usage_,
                            .tracer = tracer_,
                            .now_ms = [this] { return now_ * 1000 + 125; },
                            .front_url = front_url_},
                 &limiter_, ApiSettings{.other = settings});
  }

  void add_api_token(Transaction& work, const std::string& account, const std::string& secret,
                     int permissions, std::optional<Seconds> expires = std::nullopt) {
    ApiTokenRow row;
    row.account = account;
    row.digest = *keys_->api_token_digest(secret);
    row.permissions = static_cast<std::uint8_t>(permissions);
    row.expires_at = expires;
    work.insert_api_token(row);
  }

  using Headers = std::vector<std::pair<std::string, std::string>>;
  SmallResponse call(const std::string& method, const std::string& target,
                     const std::string& body = "", const std::string& key = "key-a",
                     const std::string& type = "application/json", const Headers& more = {}) {
    SmallRequest request;
    request.headers = more;
    request.method = method;
    request.target = target;
    request.body = body;
    request.request_id = "r1";
    request.headers.emplace_back("x-api-token", key);
    request.headers.emplace_back("content-type", type);
    return api_->answer(request);
  }

  /// The id in a JSON answer with status 200.
  int id_of(const SmallResponse& response) {
    EXPECT_EQ(response.status, 200) << response.body;
    rapidjson::Document document;
    document.Parse(response.body.c_str());
    EXPECT_TRUE(document.IsObject());
    return document.IsObject() ? document["id"].GetInt() : 0;
  }
  int filter(const std::string& value, const std::string& key = "key-a") {
    return id_of(call("POST", "/v1/shared-tokens/filters",
                      R"({"field":"team","value":")" + value + "\"}", key));
  }
  int token(const std::string& body, const std::string& key = "key-a") {
    return id_of(call("POST", "/v1/shared-tokens", body, key));
  }
  std::string member(const SmallResponse& response, const char* name) {
    rapidjson::Document document;
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(response.body.c_str());
    if (!document.IsObject() || !document.HasMember(name)) {
      return "(none)";
    }
    rapidjson::StringBuffer out;
    rapidjson::Writer<rapidjson::StringBuffer> writer(out);
    document[name].Accept(writer);
    return out.GetString();
  }
  /// With one more header.
  SmallResponse call_with(const std::string& name, const std::string& value,
                          const std::string& method, const std::string& target,
                          const std::string& body = "") {
    return call(method, target, body, "key-a", "application/json", {{name, value}});
  }
  static std::string path_of(int token) { return "/v1/shared-tokens/" + std::to_string(token); }
  static std::string path_of_filter(int id) {
    return "/v1/shared-tokens/filters/" + std::to_string(id);
  }
  std::string code(const SmallResponse& response) { return member(response, "errorCode"); }
  std::uint64_t epoch(int id) {
    const auto snapshot = policy_.load();
    return snapshot ? snapshot->token_epoch(static_cast<std::uint32_t>(id), now_) : 0;
  }
  /// What a secret opens now: the epoch, 0 for nothing.
  std::uint64_t opens(const std::string& quoted) {
    const auto digest = keys_->token_digest(quoted.substr(1, quoted.size() - 2));
    return policy_.load()->credential_epoch(*digest, now_);
  }

  TempFolder folder_;
  std::unique_ptr<Store> real_ = open_store("sqlite:" + folder_.path() + "/weir.db");
  MoodyStore store_{*real_};
  std::unique_ptr<const KeyRing> keys_;
  SharedPolicy policy_;
  Publisher publisher_{policy_, nullptr, nullptr};
  UsageBook usage_;
  Tracer tracer_;
  CallLimiter limiter_;
  Seconds now_ = kNow;
  std::string front_url_;
  std::optional<SharedTokensApi> api_;
};

}  // namespace weir::proxy
