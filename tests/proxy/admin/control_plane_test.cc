#include "admin/control_plane.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "admin/first_start.h"
#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr Seconds kNow = 1700000000;

std::string slurp(const std::string& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

class ControlPlaneTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ::unsetenv("WEIR_API_TOKEN");
    config_.data = folder_.path();
    config_.accounts = {{"default", {"logs-*"}, ""}};
    store_ = open_store("sqlite:" + folder_.path() + "/weir.db");
    keys_ = ring(1);
  }
  void TearDown() override { ::unsetenv("WEIR_API_TOKEN"); }

  static std::unique_ptr<KeyRing> ring(std::uint8_t first) {
    MasterKey::Array bytes{};
    bytes[0] = first;
    return KeyRing::derive(MasterKey(bytes));
  }
  ControlPlane plane() {
    return {{*store_, *keys_, policy_, nullptr, log_, [] { return kNow; }}, config_};
  }
  std::string refusal() {
    const auto problems = plane().start();
    return problems.empty() ? "" : problems.front().where + ": " + problems.front().what;
  }
  static SmallResponse call(ControlPlane& plane, const std::string& method,
                            const std::string& target, const std::string& secret,
                            const std::string& body = "") {
    SmallRequest request;
    request.method = method;
    request.target = target;
    request.body = body;
    request.headers = {{"x-api-token", secret}, {"content-type", "application/json"}};
    return plane.answer(request);
  }

  TempFolder folder_;
  Config config_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<KeyRing> keys_;
  SharedPolicy policy_;
  Log log_{{.level = LogLevel::kOff, .file = "", .requests = false}};
};

TEST_F(ControlPlaneTest, TheFirstStartWritesAnApiToken) {
  ControlPlane control = plane();
  ASSERT_THAT(control.start(), IsEmpty());
  const std::string path = folder_.path() + "/api-token";
  struct stat info {};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777U, 0600U);
  std::string secret = slurp(path);
  ASSERT_THAT(secret, ::testing::EndsWith("\n"));
  secret.pop_back();
  EXPECT_EQ(call(control, "GET", "/v1/shared-tokens", secret).body, "[]");
  ASSERT_NE(policy_.load(), nullptr);
}

TEST_F(ControlPlaneTest, TheAuditIsTrimmedAtTheStartAndNowAndThen) {
  config_.audit = {.max_changes = 2, .max_denials = 3};
  Seconds now = kNow;
  ControlPlane control({*store_, *keys_, policy_, nullptr, log_, [&] { return now; }}, config_);
  ASSERT_THAT(control.start(), IsEmpty());
  const auto add = [&] {
    const auto work = store_->begin_write();
    for (const char* kind : {"change", "denial"}) {
      AuditRow row;
      row.account = "default";
      row.kind = kind;
      for (int i = 0; i < 5; ++i) work->append_audit(row);
    }
    work->commit();
  };
  const auto count = [&](const char* kind) {
    return store_->begin_read()->audit("default", {.kind = kind}).size();
  };
  add();
  control.flush_usage();
  EXPECT_EQ(count("change"), 2U);
  EXPECT_EQ(count("denial"), 3U);
  add();
  now += 3599;
  control.flush_usage();
  EXPECT_EQ(count("change"), 7U);
  control.note_denial({7, "default", "search", "agg.global", "r"});
  control.flush_usage();
  EXPECT_EQ(count("denial"), 3U) << "with each batch of them";
  EXPECT_EQ(count("change"), 7U) << "which no denial pushes out";
  now += 1;
  control.flush_usage();
  EXPECT_EQ(count("change"), 2U);
  add();
  ASSERT_TRUE(control.reload(config_));
  control.flush_usage();
  EXPECT_EQ(count("change"), 2U) << "a reload may have changed what is kept";
}

TEST_F(ControlPlaneTest, TheFirstApiTokenCanBeGiven) {
  ::setenv("WEIR_API_TOKEN", "given-token-of-24-letters", 1);
  ControlPlane control = plane();
  ASSERT_THAT(control.start(), IsEmpty());
  EXPECT_EQ(call(control, "GET", "/v1/shared-tokens", "given-token-of-24-letters").status, 200);
  EXPECT_NE(::access((folder_.path() + "/api-token").c_str(), F_OK), 0);
  ::setenv("WEIR_API_TOKEN", "another-token-of-26-letters", 1);
  ControlPlane again = plane();
  ASSERT_THAT(again.start(), IsEmpty());
  EXPECT_EQ(call(again, "GET", "/v1/shared-tokens", "another-token-of-26-letters").status, 401)
      << "only the first start makes one";
}

TEST_F(ControlPlaneTest, ATokenFileLeftBehindIsUsed) {
  const std::string path = folder_.path() + "/api-token";
  std::ofstream(path) << "left-behind-by-a-crash\n";
  ::chmod(path.c_str(), 0644);
  EXPECT_THAT(refusal(), HasSubstr("can be read by others"));
  ::chmod(path.c_str(), 0600);
  ControlPlane control = plane();
  ASSERT_THAT(control.start(), IsEmpty());
  EXPECT_EQ(call(control, "GET", "/v1/shared-tokens", "left-behind-by-a-crash").status, 200);
}

TEST_F(ControlPlaneTest, AWeakTokenIsRefusedAndNothingIsStored) {
  ::setenv("WEIR_API_TOKEN", "weak", 1);
  EXPECT_THAT(refusal(), HasSubstr("WEIR_API_TOKEN: an API token has 20 to 256"));
  EXPECT_FALSE(store_->begin_read()->has_account("default"));
  EXPECT_EQ(policy_.load(), nullptr);
}

TEST_F(ControlPlaneTest, AStoreBelongsToItsKeyFile) {
  ASSERT_EQ(refusal(), "");
  keys_ = ring(2);
  EXPECT_THAT(refusal(), HasSubstr("belongs to another key file"));
  keys_ = ring(1);
  EXPECT_EQ(refusal(), "");
}

TEST_F(ControlPlaneTest, WithoutDefaultTheFirstAccountGetsTheToken) {
  config_.accounts = {{"team-a", {"a-*"}, ""}, {"team-b", {"b-*"}, ""}};
  ASSERT_EQ(refusal(), "");
  const auto tokens = store_->begin_read()->api_tokens();
  ASSERT_EQ(tokens.size(), 1U);
  EXPECT_EQ(tokens[0].account, "team-a");
}

TEST_F(ControlPlaneTest, AReloadIsAllOrNothing) {
  ::setenv("WEIR_API_TOKEN", "given-token-of-24-letters", 1);
  ControlPlane control = plane();
  ASSERT_THAT(control.start(), IsEmpty());
  const auto made = call(control, "POST", "/v1/shared-tokens", "given-token-of-24-letters");
  ASSERT_EQ(made.status, 200);
  EXPECT_EQ(policy_.load()->token_epoch(1, kNow), 1U);

  const auto before = policy_.load();
  EXPECT_FALSE(control.reload(std::vector<Problem>{{"weir.toml:1:1", "bad"}}));
  Config broken = config_;
  broken.accounts = {{"default", {"UPPER"}, ""}};
  EXPECT_FALSE(control.reload(broken));
  EXPECT_EQ(policy_.load(), before);
  EXPECT_EQ(call(control, "GET", "/v1/shared-tokens", "given-token-of-24-letters").status, 200);

  Config wider = config_;
  wider.accounts = {{"default", {"logs-*", "audit"}, ""}, {"new", {"n-*"}, ""}};
  wider.tokens.max_per_account = 1;
  EXPECT_TRUE(control.reload(wider));
  EXPECT_EQ(policy_.load()->token_epoch(1, kNow), 2U) << "another scope, another epoch";
  EXPECT_TRUE(store_->begin_read()->has_account("new"));
  EXPECT_EQ(call(control, "POST", "/v1/shared-tokens", "given-token-of-24-letters").status, 400)
      << "the new limit holds";

  Config without = config_;
  without.accounts = {{"new", {"n-*"}, ""}};
  EXPECT_TRUE(control.reload(without));
  EXPECT_EQ(policy_.load()->token_epoch(1, kNow), 0U)
      << "tokens of an account that is gone are gone";
  EXPECT_EQ(call(control, "GET", "/v1/shared-tokens", "given-token-of-24-letters").status, 401);
}

TEST_F(ControlPlaneTest, TheVersionReachesThePolicy) {
  ControlPlane control = plane();
  ASSERT_THAT(control.start(), IsEmpty());
  const auto before = policy_.load();
  control.learn_version("2.19.4");
  EXPECT_NE(policy_.load(), before);
}

TEST_F(ControlPlaneTest, UsesReachTheStore) {
  ::setenv("WEIR_API_TOKEN", "given-token-of-24-letters", 1);
  ControlPlane control = plane();
  ASSERT_THAT(control.start(), IsEmpty());
  ASSERT_EQ(call(control, "POST", "/v1/shared-tokens", "given-token-of-24-letters").status, 200);
  control.note_use(1, kNow + 5);
  control.flush_usage();
  EXPECT_EQ(store_->begin_read()->find_token("default", 1)->last_used, kNow + 5);
}

}  // namespace
}  // namespace weir::proxy
