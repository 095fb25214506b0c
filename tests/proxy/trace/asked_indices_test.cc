#include "trace/asked_indices.h"

#include <gtest/gtest.h>

#include "support/policy.h"
#include "weir/engine.h"

namespace weir::proxy {
namespace {

using Names = std::vector<std::string>;

class AskedIndicesTest : public ::testing::Test {
 protected:
  Names asked(Method method, std::string_view target, std::string_view body = {},
              std::string_view type = "application/json") {
    RequestView view;
    view.method = method;
    view.target = target;
    view.body = body;
    view.content_type = body.empty() ? std::string_view() : type;
    const TokenDigest digest = source_.tokens.front().digest;
    view.credential = &digest;
    view.now_seconds = support::kNow;
    return asked_indices(target, decide(*snapshot_, view, workspace_));
  }
  PolicySource source_ = support::sample_source();
  std::shared_ptr<const PolicySnapshot> snapshot_ = support::compile(source_);
  Workspace workspace_;
};

TEST_F(AskedIndicesTest, OfASearchStandInItsPath) {
  EXPECT_EQ(asked(Method::kPost, "/logs-1,logs-2/_search"), (Names{"logs-1", "logs-2"}));
  EXPECT_EQ(asked(Method::kGet, "/logs-1/_doc/7"), (Names{"logs-1"}));
}

TEST_F(AskedIndicesTest, OfAMultiSearchStandInItsHeaders) {
  EXPECT_EQ(asked(Method::kPost, "/_msearch",
                  "{\"index\":\"logs-1\"}\n{}\n{\"index\":[\"logs-2\",\"logs-1\"]}\n"
                  "{\"query\":{\"term\":{\"x\":\"{\\\"index\\\":\\\"no\\\"\"}}}\n",
                  "application/x-ndjson"),
            (Names{"logs-1", "logs-2"}));
  EXPECT_EQ(asked(Method::kPost, "/_mget", R"({"docs":[{"_index":"logs-2","_id":"1"}]})"),
            (Names{"logs-2"}));
}

TEST_F(AskedIndicesTest, OfADeniedRequestAreWhatWasWritten) {
  EXPECT_EQ(asked(Method::kPost, "/%61udit/_search"), (Names{"audit"}));
  EXPECT_EQ(asked(Method::kGet, "/_cat/indices"), Names{});
  EXPECT_EQ(asked(Method::kGet, "/"), Names{});
}

}  // namespace
}  // namespace weir::proxy
