// Sessions of the console: what opens one, what ends it, and what comes from elsewhere with its
// cookie.
#include "proxy/admin/api_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConsoleSessionTest : public SharedTokensApiTest {
 protected:
  const Headers own_{{"x-weir-console", "1"}};

  SmallResponse session(const std::string& method, Headers headers, const std::string& body = "") {
    return call(method, "/console/session", body, "", "application/json", headers);
  }
  /// The cookie as a browser sends it back.
  std::string sign_in(const std::string& key = "key-a") {
    const auto answer = session("POST", own_, R"({"apiToken":")" + key + "\"}");
    EXPECT_EQ(answer.status, 200) << answer.body;
    const std::string given = header(answer, "set-cookie");
    return given.substr(0, given.find(';'));
  }
  Headers with(const std::string& cookie) const {
    return {{"x-weir-console", "1"}, {"cookie", cookie}};
  }
  SmallResponse ask(const std::string& method, const std::string& target, const Headers& headers,
                    const std::string& body = "") {
    return call(method, target, body, "", "application/json", headers);
  }
  int status_of_list(const Headers& headers) {
    return ask("GET", "/v1/shared-tokens", headers).status;
  }
};

TEST_F(ConsoleSessionTest, StandsForAnApiToken) {
  const auto answer = session("POST", own_, R"({"apiToken":"key-a"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  const std::string given = header(answer, "set-cookie");
  EXPECT_THAT(given, HasSubstr("; HttpOnly; SameSite=Strict"));
  EXPECT_THAT(given, Not(HasSubstr("key-a")));
  EXPECT_THAT(answer.body, HasSubstr(R"("account":"a")"));
  EXPECT_THAT(answer.body, HasSubstr(R"("mayWrite":true)"));
  EXPECT_THAT(answer.body, Not(HasSubstr("key-a")));
  const Headers headers = with(given.substr(0, given.find(';')));
  EXPECT_EQ(status_of_list(headers), 200);
  const auto made = ask("POST", "/v1/shared-tokens", headers, R"({"tokenName":"n"})");
  EXPECT_EQ(made.status, 200) << made.body;
  EXPECT_THAT(call("GET", "/v1/audit").body, HasSubstr(R"("apiToken":1,)"));
  EXPECT_EQ(call("GET", "/v1/shared-tokens", "", "key-b").body, "[]");
}

TEST_F(ConsoleSessionTest, HasThePermissionsOfItsApiToken) {
  const std::string cookie = sign_in("key-a-read");
  EXPECT_EQ(status_of_list(with(cookie)), 200);
  EXPECT_EQ(ask("POST", "/v1/shared-tokens", with(cookie), "{}").status, 403);
  EXPECT_EQ(session("POST", own_, R"({"apiToken":"key-a-write"})").status, 403);
  for (const char* wrong : {"key-x", "key-a-old", "key-gone", ""}) {
    EXPECT_EQ(session("POST", own_, R"({"apiToken":")" + std::string(wrong) + "\"}").status, 401)
        << wrong;
  }
  EXPECT_EQ(session("POST", own_, R"({"apiToken":1})").status, 400);
  EXPECT_EQ(session("POST", own_, R"({"apiToken":"key-a","more":1})").status, 400);
}

TEST_F(ConsoleSessionTest, IsOfNoUseToOtherSites) {
  const std::string cookie = sign_in();
  for (const Headers& headers :
       {Headers{{"cookie", cookie}}, Headers{{"cookie", cookie}, {"x-weir-console", "0"}},
        Headers{{"cookie", cookie}, {"x-weir-console", "1"}, {"sec-fetch-site", "cross-site"}},
        Headers{{"cookie", cookie}, {"x-weir-console", "1"}, {"sec-fetch-site", "same-site"}},
        Headers{{"cookie", cookie}, {"x-weir-console", "1"}, {"sec-fetch-site", "none"}}}) {
    EXPECT_EQ(ask("POST", "/v1/shared-tokens", headers, "{}").status, 403);
    EXPECT_EQ(status_of_list(headers), 403);
    EXPECT_EQ(session("DELETE", headers).status, 403);
    EXPECT_EQ(session("GET", headers).status, 403);
    EXPECT_EQ(session("POST", headers, R"({"apiToken":"key-a"})").status, 403);
  }
  Headers good = with(cookie);
  good.emplace_back("sec-fetch-site", "same-origin");
  EXPECT_EQ(status_of_list(good), 200);
  EXPECT_EQ(call("GET", "/v1/shared-tokens").body, "[]");
}

TEST_F(ConsoleSessionTest, EndsWhenItIsNotUsedAndAfterItsLife) {
  make_api({});
  const std::string idle = sign_in();
  now_ += 30 * 60 - 1;
  EXPECT_EQ(status_of_list(with(idle)), 200);
  now_ += 30 * 60 - 1;
  EXPECT_EQ(status_of_list(with(idle)), 200);
  now_ += 30 * 60;
  const auto ended = ask("GET", "/v1/shared-tokens", with(idle));
  EXPECT_EQ(ended.status, 401);
  EXPECT_EQ(code(ended), "\"auth/SESSION_ENDED\"");
  EXPECT_THAT(header(ended, "set-cookie"), HasSubstr("Max-Age=0"));
  const std::string old = sign_in();
  for (int i = 0; i < 12 * 3 - 1; ++i) {
    now_ += 20 * 60;
    EXPECT_EQ(status_of_list(with(old)), 200);
  }
  now_ += 20 * 60;
  EXPECT_EQ(status_of_list(with(old)), 401);
}

TEST_F(ConsoleSessionTest, EndsWithTheSignOutAndWithItsApiToken) {
  const std::string one = sign_in();
  const std::string other = sign_in();
  EXPECT_NE(one, other);
  const auto out = session("DELETE", with(one));
  EXPECT_EQ(out.status, 204);
  EXPECT_THAT(header(out, "set-cookie"), HasSubstr("Max-Age=0"));
  EXPECT_EQ(status_of_list(with(one)), 401);
  EXPECT_EQ(status_of_list(with(other)), 200);
  EXPECT_THAT(session("GET", with(one)).body, HasSubstr(R"("session":null)"));
  EXPECT_THAT(session("GET", with(other)).body, HasSubstr(R"("account":"a")"));
  auto work = real_->begin_write();
  ASSERT_TRUE(work->delete_api_token(1));
  work->commit();
  work.reset();
  EXPECT_EQ(status_of_list(with(other)), 401);
}

TEST_F(ConsoleSessionTest, IsToldByOneCookieOnly) {
  const std::string cookie = sign_in();
  EXPECT_EQ(status_of_list(with("a=b; " + cookie + "; c=d")), 200);
  EXPECT_EQ(status_of_list(with(cookie + "x")), 401);
  EXPECT_EQ(status_of_list(with(cookie + "; " + cookie)), 401);
  EXPECT_EQ(status_of_list(with("x" + cookie)), 401);
  EXPECT_EQ(status_of_list(with("__Host-" + cookie)), 401);
  EXPECT_EQ(ask("PUT", "/console/session", with(cookie)).status, 405);
}

TEST(SessionCookie, IsForTlsOnlyWhereThereIsTls) {
  SessionSettings settings;
  EXPECT_EQ(set_session_cookie("id", settings),
            "weir-console=id; Path=/; HttpOnly; SameSite=Strict");
  settings.secure = true;
  EXPECT_EQ(set_session_cookie("id", settings),
            "__Host-weir-console=id; Path=/; HttpOnly; SameSite=Strict; Secure");
  SmallRequest request;
  request.headers = {{"cookie", "weir-console=plain; __Host-weir-console=host"}};
  EXPECT_EQ(session_cookie(request, true), "host");
  EXPECT_EQ(session_cookie(request, false), "plain");
}

}  // namespace
}  // namespace weir::proxy
