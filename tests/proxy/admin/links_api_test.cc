// Sharing links over the API.
#include "proxy/admin/api_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* kView = R"x({"url":"https://d.example/app/dashboards#/view/1?_g=()"})x";

class LinksApiTest : public SharedTokensApiTest {
 protected:
  void SetUp() override {
    SharedTokensApiTest::SetUp();
    token_ = token(R"({"name":"t","expirationDate":null})");
  }
  std::string links(int token) { return path_of(token) + "/links"; }
  std::string path_of_link(int id) { return links(token_) + "/" + std::to_string(id); }
  SmallResponse create(const std::string& body = kView) {
    return call("POST", links(token_), body);
  }

  int token_ = 0;
};

TEST_F(LinksApiTest, MakesListsAndRevokes) {
  const auto made = create(R"x({"url":"/app/discover#/view/1?_g=()","name":"for the auditor"})x");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(header(made, "etag"), "\"1\"");
  EXPECT_EQ(member(made, "tokenId"), "\"" + std::to_string(token_) + "\"");
  EXPECT_EQ(member(made, "name"), "\"for the auditor\"");
  EXPECT_EQ(member(made, "kind"), "\"live\"");
  EXPECT_EQ(member(made, "path"), "\"/app/discover#/view/1?_g=()\"");
  EXPECT_EQ(member(made, "url"), "null") << "there is no front";
  EXPECT_EQ(member(made, "objects"), "[]");
  EXPECT_EQ(member(made, "lastUsed"), "null");
  const int id = id_of(made);
  EXPECT_EQ(call("GET", path_of_link(id)).body, made.body);
  EXPECT_EQ(call("GET", links(token_)).body, "[" + made.body + "]");
  EXPECT_EQ(member(call("GET", path_of(token_)), "links"), "\"1\"");

  const std::string secret = member(made, "secret");
  EXPECT_EQ(opens(secret), epoch(token_));
  EXPECT_EQ(call("DELETE", path_of_link(id)).status, 204);
  EXPECT_EQ(opens(secret), 0U);
  EXPECT_NE(epoch(token_), 0U) << "the token goes on";
  EXPECT_EQ(call("GET", links(token_)).body, "[]");
  EXPECT_EQ(code(call("GET", path_of_link(id))), "\"shared-tokens/LINK_NOT_FOUND\"");
  EXPECT_EQ(code(call("DELETE", path_of_link(id))), "\"shared-tokens/LINK_NOT_FOUND\"");
}

TEST_F(LinksApiTest, OneLinkEndsAlone) {
  const std::string first = member(create(), "secret");
  const auto second = create();
  call("DELETE", path_of_link(id_of(second)));
  EXPECT_NE(opens(first), 0U);
  EXPECT_EQ(opens(member(second, "secret")), 0U);
}

TEST_F(LinksApiTest, LivesAsLongAsItsToken) {
  const std::string secret = member(create(), "secret");
  const std::string own = member(call("GET", path_of(token_)), "token");
  call("POST", path_of(token_) + "/rotate");
  EXPECT_EQ(opens(own), 0U);
  EXPECT_NE(opens(secret), 0U) << "a rotation leaves links alive";
  call("PATCH", path_of(token_), R"({"enabled":false})");
  EXPECT_EQ(opens(secret), 0U);
  call("PATCH", path_of(token_), R"({"enabled":true})");
  EXPECT_NE(opens(secret), 0U);
  call("PATCH", path_of(token_), R"({"expirationDate":1700000100})");
  now_ = 1700000100;
  EXPECT_EQ(opens(secret), 0U);
  call("PATCH", path_of(token_), R"({"expirationDate":null})");
  EXPECT_NE(opens(secret), 0U);
  const auto deleted = call("DELETE", path_of(token_));
  EXPECT_EQ(header(deleted, "x-weir-links-ended"), "1");
  EXPECT_EQ(opens(secret), 0U);
  EXPECT_TRUE(real_->begin_read()->all_links().empty());
}

TEST_F(LinksApiTest, AnotherAccountsLinksDoNotExist) {
  const int id = id_of(create());
  for (const char* method : {"GET", "DELETE"}) {
    const auto response = call(method, path_of_link(id), "", "key-b");
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(code(response), "\"shared-tokens/LINK_NOT_FOUND\"");
  }
  EXPECT_EQ(code(call("GET", links(token_), "", "key-b")), "\"shared-tokens/TOKEN_NOT_FOUND\"");
  EXPECT_EQ(code(call("POST", links(token_), kView, "key-b")),
            "\"shared-tokens/TOKEN_NOT_FOUND\"");
  const int other = token("{}");
  EXPECT_EQ(code(call("GET", links(other) + "/" + std::to_string(id))),
            "\"shared-tokens/LINK_NOT_FOUND\"")
      << "a link belongs to one token";
}

TEST_F(LinksApiTest, RefusesWhatIsNoLink) {
  for (const char* body :
       {"", "{}", R"({"url":5})", R"({"url":"//evil.example"})", R"({"url":"/a","kind":"old"})",
        R"({"url":"/a","timeFrom":"2026-01-01T00:00:00Z"})", R"({"url":"/a","objects":[]})",
        R"({"url":"/a","kind":"snapshot"})",
        R"({"url":"/a","kind":"snapshot","timeFrom":"now","timeTo":"2026-01-01T00:00:00Z"})"}) {
    const auto response = create(body);
    EXPECT_EQ(response.status, 400) << body;
    EXPECT_EQ(code(response), "\"shared-tokens/INVALID_BODY\"") << body;
  }
  EXPECT_EQ(call("GET", links(token_)).body, "[]");
}

TEST_F(LinksApiTest, ASnapshotStandsStill) {
  const auto made = create(
      R"x({"url":"/app/d#/view/1?_g=(time:(from:now-1h,to:now))","kind":"snapshot"})x");
  EXPECT_EQ(member(made, "kind"), "\"snapshot\"");
  EXPECT_EQ(member(made, "path"),
            "\"/app/d#/view/1?_g=(time:(from:'2023-11-14T21:13:20.125Z',"
            "to:'2023-11-14T22:13:20.125Z'))\"");
}

TEST_F(LinksApiTest, HasALimitForEachToken) {
  make_api({.max_links_per_token = 2});
  create();
  create();
  const auto third = create();
  EXPECT_EQ(third.status, 400);
  EXPECT_EQ(code(third), "\"shared-tokens/LIMIT_REACHED\"");
  token_ = token("{}");
  EXPECT_EQ(create().status, 200);
  EXPECT_EQ(member(call("GET", "/v1/shared-tokens/limits"), "maxLinksPerToken"), "\"2\"");
}

TEST_F(LinksApiTest, RevokesOnlyWhatIsAsItWasRead) {
  const int id = id_of(create());
  EXPECT_EQ(call_with("if-match", "\"7\"", "DELETE", path_of_link(id)).status, 412);
  EXPECT_EQ(call_with("if-none-match", "\"1\"", "GET", path_of_link(id)).status, 304);
  EXPECT_EQ(call_with("if-match", "\"1\"", "DELETE", path_of_link(id)).status, 204);
}

TEST_F(LinksApiTest, ShownOnceIsStoredNowhere) {
  make_api({.reveal = Reveal::kOnce});
  const auto made = create();
  EXPECT_NE(opens(member(made, "secret")), 0U);
  EXPECT_EQ(member(call("GET", path_of_link(id_of(made))), "secret"), "null");
  EXPECT_EQ(real_->begin_read()->all_links().front().sealed_secret, "");
  make_api({});
  EXPECT_EQ(member(call("GET", path_of_link(id_of(made))), "secret"), "null");
  const auto stored = create();
  make_api({.reveal = Reveal::kOnce});
  EXPECT_EQ(member(call("GET", path_of_link(id_of(stored))), "secret"), "null");
}

TEST_F(LinksApiTest, LeadsToTheFront) {
  front_url_ = "https://front.example";
  make_api({});
  const auto made = create();
  rapidjson::Document document;
  document.Parse(made.body.c_str());
  const std::string secret = document["secret"].GetString();
  EXPECT_EQ(document["url"].GetString(),
            "https://front.example/app/dashboards?shareToken=" + secret + "#/view/1?_g=()");
  EXPECT_THAT(document["embed"].GetString(), HasSubstr("<iframe src=\"https://front.example/"));
}

TEST_F(LinksApiTest, TheAuditHasNoSecret) {
  const auto made = create();
  call("DELETE", path_of_link(id_of(made)));
  const auto audit = call("GET", "/v1/audit?token=" + std::to_string(token_));
  EXPECT_THAT(audit.body, HasSubstr("\"operation\":\"createLink\""));
  EXPECT_THAT(audit.body, HasSubstr("\"operation\":\"revokeLink\""));
  const std::string secret = member(made, "secret");
  EXPECT_THAT(audit.body, Not(HasSubstr(secret.substr(1, secret.size() - 2))));
}

TEST_F(LinksApiTest, TellsWhenItWasUsed) {
  const int id = id_of(create());
  usage_.note(static_cast<std::uint32_t>(token_), kNow + 5, static_cast<std::uint32_t>(id));
  EXPECT_EQ(member(call("GET", path_of_link(id)), "lastUsed"), "\"1700000005.000000000\"");
  usage_.flush(*real_);
  EXPECT_EQ(member(call("GET", path_of_link(id)), "lastUsed"), "\"1700000005.000000000\"");
  EXPECT_EQ(member(call("GET", path_of(token_)), "lastUsed"), "\"1700000005.000000000\"");
}

TEST_F(LinksApiTest, WideningTellsOfLinks) {
  const int narrow = filter("x");
  token_ = token(R"({"filters":[)" + std::to_string(narrow) + "]}");
  create();
  create();
  const auto widened = call("PATCH", path_of(token_), R"({"filters":[]})");
  EXPECT_EQ(member(widened, "widensTokens"), "\"1\"");
  EXPECT_EQ(member(widened, "widensLinks"), "\"2\"");
}

TEST_F(LinksApiTest, AStoreThatFailsMakesNothing) {
  store_.broken = true;
  EXPECT_EQ(create().status, 503);
  store_.broken = false;
  EXPECT_EQ(call("GET", links(token_)).body, "[]");
}

}  // namespace
}  // namespace weir::proxy
