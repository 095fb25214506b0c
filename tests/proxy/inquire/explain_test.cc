#include "inquire/explain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidjson/document.h>

#include "admin/inquiry_requests.h"
#include "inquire/viewpoint.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ExplainTest : public ::testing::Test {
 protected:
  std::string explain(const std::string& body) {
    const auto request = parse_explained_request(body);
    EXPECT_TRUE(request);
    Account account;
    account.name = "default";
    account.indices = {"logs-*"};
    auto from = viewpoint(account, {{"team", "red"}}, FiltersOperator::kAnd);
    EXPECT_TRUE(from);
    return explanation_json(*from.value().policy, request.value(), from.value().credential, nullptr,
                            1700000000);
  }
};

TEST_F(ExplainTest, AForwardShowsTheUpstreamRequestAndWhatWasPutIn) {
  const std::string text =
      explain(R"({"method":"POST","path":"/logs-1/_search","body":{"query":{"match_all":{}}}})");
  rapidjson::Document answer;
  answer.Parse(text.c_str());
  ASSERT_FALSE(answer.HasParseError());
  EXPECT_STREQ(answer["outcome"].GetString(), "forward");
  EXPECT_STREQ(answer["route"].GetString(), "search");
  const std::string body = answer["upstream"]["body"].GetString();
  EXPECT_THAT(body, HasSubstr(R"("team")"));
  std::string own;
  std::string inserted;
  std::size_t at = 0;
  for (const auto& part : answer["upstream"]["inserted"].GetArray()) {
    own += body.substr(at, part["from"].GetUint64() - at);
    inserted +=
        body.substr(part["from"].GetUint64(), part["to"].GetUint64() - part["from"].GetUint64());
    at = part["to"].GetUint64();
  }
  own += body.substr(at);
  EXPECT_THAT(own, HasSubstr(R"("match_all")"));
  EXPECT_THAT(own, Not(HasSubstr("team")));
  EXPECT_THAT(inserted, HasSubstr("red"));
}

TEST_F(ExplainTest, ARefusalSaysWhatWhereAndWhy) {
  rapidjson::Document answer;
  answer.Parse(explain(R"({"method":"POST","path":"/logs-1/_search","body":
      {"aggs":{"a":{"scripted_metric":{}}}}})")
                   .c_str());
  EXPECT_STREQ(answer["outcome"].GetString(), "deny");
  EXPECT_EQ(answer["status"].GetInt(), 403);
  EXPECT_STREQ(answer["code"].GetString(), "agg.scripted");
  EXPECT_THAT(answer["where"].GetString(), HasSubstr("/aggs/a"));
  EXPECT_STRNE(answer["reason"].GetString(), "");
}

TEST_F(ExplainTest, ABodyThatIsATextIsTakenForItsBytes) {
  const std::string text =
      explain(R"({"method":"POST","path":"/logs-1/_search","body":"{\"size\":1,\"size\":2}"})");
  EXPECT_THAT(text, HasSubstr(R"("outcome":"deny")"));
  EXPECT_THAT(text, HasSubstr("body.duplicate_key"));
}

TEST(ParseExplainedRequestTest, SaysWhatIsWrong) {
  for (const char* body :
       {"", "[]", "{}", R"({"method":"FETCH","path":"/"})", R"({"method":"GET","path":"_search"})",
        R"({"method":"GET","path":"/","colour":"red"})"}) {
    EXPECT_FALSE(parse_explained_request(body)) << body;
  }
}

}  // namespace
}  // namespace weir::proxy
