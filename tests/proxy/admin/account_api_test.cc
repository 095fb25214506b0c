// The audit: every change leaves a line, in the same transaction.
#include "proxy/admin/api_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class AuditTest : public SharedTokensApiTest {
 protected:
  rapidjson::Document audit(const std::string& query = "", const std::string& key = "key-a") {
    const auto response = call("GET", "/v1/audit" + query, "", key);
    EXPECT_EQ(response.status, 200) << response.body;
    rapidjson::Document document;
    document.Parse(response.body.c_str());
    return document;
  }
  std::vector<std::string> operations(const std::string& query = "",
                                      const std::string& key = "key-a") {
    std::vector<std::string> names;
    const auto document = audit(query, key);
    for (const auto& entry : document["results"].GetArray()) {
      names.emplace_back(entry["operation"].GetString());
    }
    return names;
  }
};

TEST_F(AuditTest, TellsWhoDidWhat) {
  const int f = filter("x");
  const auto made =
      call("POST", "/v1/shared-tokens", R"({"name":"n","filters":[)" + std::to_string(f) + "]}");
  const int id = id_of(made);
  call("PATCH", path_of(id), R"({"name":"m"})");
  const auto rotated = call("POST", path_of(id) + "/rotate", R"({"grace":60})");
  call("PATCH", path_of_filter(f), R"({"value":"y"})");
  call("DELETE", path_of_filter(f));
  call("DELETE", path_of(id));
  EXPECT_THAT(operations(), ElementsAre("deleteToken", "deleteFilter", "deleteFilter",
                                        "patchFilter", "patchFilter", "rotateToken", "patchToken",
                                        "createToken", "createFilter"));
  const std::string all = call("GET", "/v1/audit").body;
  for (const auto& response : {made, rotated}) {
    EXPECT_THAT(all, Not(HasSubstr(member(response, "token")))) << "never a secret";
  }
  EXPECT_THAT(
      all, HasSubstr(R"("kind":"change","apiToken":1,"token":)" + std::to_string(id) +
                     R"(,"filter":null,"operation":"patchToken","requestId":"r1","widens":false,)"
                     R"("before":{"id":)" +
                     std::to_string(id) + R"(,"name":"n","filters":[)" + std::to_string(f) +
                     R"(],"expirationDate":1700604800.000000000,"filtersOperator":"AND",)"
                     R"("enabled":true},"after":{"id":)" +
                     std::to_string(id) + R"(,"name":"m",)"));
  EXPECT_THAT(all, HasSubstr(R"("at":1700000000.125000000)"));
  EXPECT_THAT(all, HasSubstr(R"("before":null)"));
  EXPECT_THAT(all, HasSubstr(R"("formerUntil":1700000060.000000000)"));
  EXPECT_THAT(operations("?token=" + std::to_string(id)),
              ElementsAre("deleteToken", "deleteFilter", "patchFilter", "rotateToken", "patchToken",
                          "createToken"))
      << "what happened to its filters happened to it";
  const auto widened = audit("?token=" + std::to_string(id));
  std::vector<bool> widens;
  for (const auto& entry : widened["results"].GetArray()) {
    widens.push_back(entry["widens"].GetBool());
  }
  EXPECT_THAT(widens, ElementsAre(false, true, true, false, false, false));
}

TEST_F(AuditTest, HoldsWhatHappenedAndNothingElse) {
  const int f = filter("x");
  const int id = token("");
  const auto before = operations();
  call("PATCH", path_of(id), R"({"name":""})");
  call("PATCH", path_of(id), R"({"filters":[4711]})");
  call("PATCH", path_of(id), R"({"name":"n"})", "key-a-read");
  call_with("if-match", "\"99\"", "DELETE", path_of_filter(f));
  store_.broken = true;
  call("DELETE", path_of(id));
  store_.broken = false;
  call("POST", "/v1/shared-tokens/bulk", R"({"tokens":[{},{"filters":[4711]}]})");
  call("GET", "/v1/shared-tokens");
  EXPECT_EQ(operations(), before);
  TokenSettings settings;
  settings.confirm_widening = true;
  make_api(settings);
  EXPECT_EQ(call("PATCH", path_of(id), R"({"expirationDate":null})").status, 409);
  EXPECT_EQ(operations(), before);
}

TEST_F(AuditTest, IsReadInPages) {
  for (int i = 0; i < 5; ++i) {
    token("");
  }
  auto page = audit("?limit=2");
  EXPECT_EQ(page["results"].Size(), 2U);
  std::size_t seen = 2;
  while (!page["nextBefore"].IsNull()) {
    const auto next = page["nextBefore"].GetInt64();
    page = audit("?limit=2&before=" + std::to_string(next));
    for (const auto& entry : page["results"].GetArray()) {
      EXPECT_LT(entry["id"].GetInt64(), next);
    }
    seen += page["results"].Size();
  }
  EXPECT_EQ(seen, 5U);
  EXPECT_EQ(audit("?kind=denial")["results"].Size(), 0U);
  EXPECT_EQ(audit("?kind=change&limit=1000")["results"].Size(), 5U);
  for (const char* bad :
       {"limit=0", "limit=1001", "limit=x", "limit=", "before=0", "before=-1",
        "before=99999999999999999999", "token=2147483648", "token=1.0", "kind=other", "kind="}) {
    EXPECT_EQ(code(call("GET", "/v1/audit?" + std::string(bad))), "\"endpoints/INVALID_PARAMETER\"")
        << bad;
  }
  EXPECT_EQ(code(call("GET", "/v1/audit?account=b")), "\"endpoints/UNKNOWN_PARAMETER\"");
}

TEST_F(AuditTest, IsTheAccountsOwn) {
  const int id = token("");
  EXPECT_THAT(operations("", "key-b"), ElementsAre());
  EXPECT_THAT(operations("?token=" + std::to_string(id), "key-b"), ElementsAre());
  token("", "key-b");
  EXPECT_THAT(operations("", "key-b"), ElementsAre("createToken"));
  EXPECT_EQ(call("GET", "/v1/audit", "", "key-a-write").status, 403);
}

}  // namespace
}  // namespace weir::proxy
