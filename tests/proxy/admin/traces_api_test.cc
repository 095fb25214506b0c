// Orders to trace as operations of the API.
#include "proxy/admin/api_fixture.h"
#include "weir/routes.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;

class TracesApiTest : public SharedTokensApiTest {
 protected:
  SmallResponse order(const std::string& body, const std::string& key = "key-a") {
    return call("POST", "/v1/traces", body, key);
  }
};

TEST_F(TracesApiTest, AreOfOneAccount) {
  const auto made = order(R"({"token":7,"sample":0.5,"seconds":60})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(made.body,
            R"({"id":1,"token":7,"sample":0.5,"until":1700000060.125000000,"traced":0})");
  EXPECT_EQ(call("GET", "/v1/traces").body, "[" + made.body + "]");
  EXPECT_EQ(call("GET", "/v1/traces", "", "key-b").body, "[]");
  const auto others = call("DELETE", "/v1/traces/1", "", "key-b");
  EXPECT_EQ(others.status, 400);
  EXPECT_EQ(code(others), "\"traces/TRACE_NOT_FOUND\"");
  EXPECT_EQ(call("DELETE", "/v1/traces/1").status, 204);
  EXPECT_EQ(code(call("DELETE", "/v1/traces/1")), "\"traces/TRACE_NOT_FOUND\"");
}

TEST_F(TracesApiTest, NeedAPermission) {
  const std::string body = R"({"token":7,"seconds":60})";
  EXPECT_EQ(order(body, "key-a-read").status, 403);
  EXPECT_EQ(order(body, "key-a-old").status, 401);
  EXPECT_EQ(order(body, "key-gone").status, 401);
  EXPECT_EQ(call("GET", "/v1/traces").body, "[]");
  EXPECT_EQ(order(body, "key-a-write").status, 200);
  EXPECT_EQ(call("GET", "/v1/traces", "", "key-a-write").status, 403);
  EXPECT_EQ(call("DELETE", "/v1/traces/1", "", "key-a-read").status, 403);
  EXPECT_EQ(call("GET", "/v1/traces", "", "key-a-read").status, 200);
}

TEST_F(TracesApiTest, KnowTheirRoutes) {
  ASSERT_FALSE(route_names().empty());
  for (const std::string_view name : route_names()) {
    const auto made = order(R"({"seconds":1,"route":")" + std::string(name) + "\"}");
    ASSERT_EQ(made.status, 200) << made.body;
    now_ += 2;
  }
  for (const char* name : {"-", "", "searches", "SEARCH"}) {
    const auto refused = order(R"({"seconds":1,"route":")" + std::string(name) + "\"}");
    EXPECT_EQ(refused.status, 400) << name;
    EXPECT_EQ(code(refused), "\"traces/INVALID_BODY\"");
    EXPECT_THAT(refused.body, HasSubstr("the README's table of endpoints"));
  }
}

TEST_F(TracesApiTest, EndAtATimeInAnyForm) {
  for (const char* until :
       {"1700000060", "1700000060.9", "1700000060000", "\"2023-11-14T22:14:20Z\""}) {
    const auto made = order(R"({"index":"logs-*","until":)" + std::string(until) + "}");
    ASSERT_EQ(made.status, 200) << made.body;
    EXPECT_THAT(made.body, HasSubstr(R"("until":1700000060.000000000)")) << until;
  }
  for (const char* until : {"1700000000", "1700086401", "null", "\"soon\"", "0", "-1", "true"}) {
    EXPECT_EQ(order(R"({"token":1,"until":)" + std::string(until) + "}").status, 400) << until;
  }
  EXPECT_EQ(code(order(R"({"token":1,"seconds":1})")), "\"traces/LIMIT_REACHED\"");
  now_ += 61;
  EXPECT_EQ(call("GET", "/v1/traces").body, "[]");
  EXPECT_EQ(order(R"({"token":1,"until":1700086461})").status, 200);
}

}  // namespace
}  // namespace weir::proxy
