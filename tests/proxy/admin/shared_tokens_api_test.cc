#include "admin/shared_tokens_api.h"

#include <algorithm>
#include <set>

#include "proxy/admin/api_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;

TEST_F(SharedTokensApiTest, CreatesWithThePublishedShape) {
  const int f = filter("payments");
  const auto made = call("POST", "/v1/shared-tokens",
                         R"({"tokenName":"t","filters":[)" + std::to_string(f) + "]}");
  const int id = id_of(made);
  const auto secret = member(made, "token");
  EXPECT_EQ(made.content_type, "application/json");
  EXPECT_EQ(
      made.body,
      R"({"id":)" + std::to_string(id) + R"(,"name":"t","token":)" + secret + R"(,"filters":[)" +
          std::to_string(f) +
          R"(],"lastUsed":null,"expirationDate":1700604800.000000000,"filtersOperator":"AND"})");
  EXPECT_EQ(call("GET", "/v1/shared-tokens/" + std::to_string(id)).body, made.body)
      << "the secret is shown on every read";
  EXPECT_EQ(call("GET", "/v1/shared-tokens").body, "[" + made.body + "]");
  EXPECT_EQ(call("GET", "/v1/shared-tokens/filters").body,
            "[" + call("GET", "/v1/shared-tokens/filters/" + std::to_string(f)).body + "]");
  EXPECT_EQ(
      call("GET", "/v1/shared-tokens/filters/" + std::to_string(f)).body,
      R"({"id":)" + std::to_string(f) + R"(,"field":"team","value":"payments","description":""})");
}

TEST_F(SharedTokensApiTest, ATokenWithoutFiltersShowsNull) {
  const auto made = call("POST", "/v1/shared-tokens", "");
  EXPECT_EQ(member(made, "filters"), "null");
  EXPECT_EQ(member(made, "name"), "\"\"");
  EXPECT_EQ(call("GET", "/v1/shared-tokens", "", "key-b").body, "[]");
}

TEST_F(SharedTokensApiTest, AChangeIsInForceWhenItIsAnswered) {
  const int f = filter("x");
  const int id = token(R"({"filters":[)" + std::to_string(f) + "]}");
  EXPECT_EQ(epoch(id), 1U);
  EXPECT_EQ(call("PUT", "/v1/shared-tokens/" + std::to_string(id), R"({"filters":[]})").status,
            200);
  EXPECT_EQ(epoch(id), 2U);
  EXPECT_EQ(call("DELETE", "/v1/shared-tokens/" + std::to_string(id)).status, 204);
  EXPECT_EQ(epoch(id), 0U);
}

TEST_F(SharedTokensApiTest, UpdateKeepsWhatIsLeftOut) {
  const std::string f = std::to_string(filter("x"));
  const std::string path =
      "/v1/shared-tokens/" +
      std::to_string(token(R"({"tokenName":"n","filters":[)" + f +
                           R"(],"filtersOperator":"OR","expirationDate":null})"));
  auto changed = call("PUT", path, R"({"filters":[]})");
  EXPECT_EQ(member(changed, "filtersOperator"), "\"OR\"");
  EXPECT_EQ(member(changed, "expirationDate"), "null");
  EXPECT_EQ(member(changed, "name"), "\"n\"");
  changed =
      call("PUT", path,
           R"({"filters":[],"filtersOperator":"AND","expirationDate":1800000000000,"name":"n"})");
  EXPECT_EQ(member(changed, "filtersOperator"), "\"AND\"");
  EXPECT_EQ(member(changed, "expirationDate"), "\"1800000000.000000000\"");
  const auto renamed = call("PUT", path, R"({"filters":[],"name":"other"})");
  EXPECT_EQ(member(renamed, "name"), "\"other\"");
  EXPECT_EQ(member(renamed, "expirationDate"), "\"1800000000.000000000\"");
}

TEST_F(SharedTokensApiTest, SaysWhenAChangeWidens) {
  const std::string f1 = std::to_string(filter("x"));
  const std::string f2 = std::to_string(filter("y"));
  const int id = token(R"({"filters":[)" + f1 + "," + f2 + "]}");
  const int other = token(R"({"filters":[)" + f2 + R"(,)" + f1 + R"(],"filtersOperator":"OR"})");
  const int only = token(R"({"filters":[)" + f2 + "]}");
  const std::string path = "/v1/shared-tokens/" + std::to_string(id);
  auto same = call("PUT", path, R"({"filters":[)" + f1 + "," + f2 + "]}");
  EXPECT_EQ(member(same, "widens"), "false");
  EXPECT_EQ(member(same, "widensTokens"), "\"0\"");
  EXPECT_EQ(header(same, "x-weir-widened"), "");
  auto longer =
      call("PUT", path, R"({"filters":[)" + f1 + "," + f2 + R"(],"expirationDate":null})");
  EXPECT_EQ(member(longer, "widens"), "true");
  EXPECT_EQ(member(longer, "widensTokens"), "\"1\"");
  EXPECT_EQ(header(longer, "x-weir-widened"), std::to_string(id));
  const auto deleted = call("DELETE", "/v1/shared-tokens/filters/" + f2);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, "");
  EXPECT_EQ(header(deleted, "x-weir-widened"), std::to_string(id) + ", " + std::to_string(only))
      << "the OR token sees less, the others more";
  EXPECT_EQ(member(call("GET", "/v1/shared-tokens/" + std::to_string(other)), "filters"),
            "[\"" + f1 + "\"]");
  EXPECT_EQ(member(call("GET", "/v1/shared-tokens/" + std::to_string(only)), "filters"), "null");
  EXPECT_EQ(epoch(id), 3U) << "what changed nothing has moved nothing";
  EXPECT_EQ(header(call("DELETE", "/v1/shared-tokens/filters/" + std::to_string(filter("z"))),
                   "x-weir-widened"),
            "");
}

TEST_F(SharedTokensApiTest, NotFoundIs400) {
  for (const auto& [method, path, kind] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"GET", "/v1/shared-tokens/4711", "token"},
           {"PUT", "/v1/shared-tokens/4711", "token"},
           {"DELETE", "/v1/shared-tokens/4711", "token"},
           {"GET", "/v1/shared-tokens/filters/4711", "filter"},
           {"DELETE", "/v1/shared-tokens/filters/4711", "filter"}}) {
    const auto response = call(method, path, method == "PUT" ? R"({"filters":[]})" : "");
    EXPECT_EQ(response.status, 400) << path;
    EXPECT_EQ(member(response, "message"), "\"" + kind + " with id 4711 not found for account a\"");
    EXPECT_EQ(member(response, "requestId"), "\"r1\"");
    EXPECT_EQ(member(response, "parameters"), R"({"id":"4711","account":"a"})");
  }
  const auto attach = call("POST", "/v1/shared-tokens", R"({"filters":[4711]})");
  EXPECT_EQ(attach.status, 400);
  EXPECT_EQ(member(attach, "message"), "\"filter with id 4711 not found for account a\"");
}

TEST_F(SharedTokensApiTest, AccountsAreIsolated) {
  const std::string f = std::to_string(filter("x"));
  const std::string t = std::to_string(token(R"({"filters":[)" + f + "]}"));
  for (const auto& [method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"GET", "/v1/shared-tokens/" + t, ""},
           {"PUT", "/v1/shared-tokens/" + t, R"({"filters":[]})"},
           {"DELETE", "/v1/shared-tokens/" + t, ""},
           {"GET", "/v1/shared-tokens/filters/" + f, ""},
           {"DELETE", "/v1/shared-tokens/filters/" + f, ""},
           {"POST", "/v1/shared-tokens", R"({"filters":[)" + f + "]}"}}) {
    const auto response = call(method, path, body, "key-b");
    EXPECT_EQ(response.status, 400) << method << path;
    EXPECT_THAT(response.body, HasSubstr("not found for account b"));
  }
  EXPECT_EQ(call("GET", "/v1/shared-tokens/filters", "", "key-b").body, "[]");
  EXPECT_EQ(epoch(std::stoi(t)), 1U);
}

TEST_F(SharedTokensApiTest, AuthenticatesAndAuthorises) {
  for (const char* key : {"", "nonsense", "key-a-old", "key-gone"}) {
    const auto response = call("GET", "/v1/shared-tokens", "", key);
    EXPECT_EQ(response.status, 401) << key;
    EXPECT_NE(header(response, "www-authenticate"), "");
  }
  EXPECT_EQ(call("GET", "/v1/shared-tokens", "", "key-a-read").status, 200);
  EXPECT_EQ(call("POST", "/v1/shared-tokens", "", "key-a-write").status, 200);
  for (const ApiRoute& route : api_routes()) {
    std::string path(route.path);
    for (const std::string id : {"{id}", "{linkId}"}) {
      if (const auto at = path.find(id); at != std::string::npos) {
        path.replace(at, id.size(), "1");
      }
    }
    const auto response =
        call(std::string(route.method), path, "", route.changes ? "key-a-read" : "key-a-write");
    EXPECT_EQ(response.status, 403) << route.id;
    EXPECT_EQ(member(response, "message"), "\"Insufficient privileges\"");
    EXPECT_EQ(call(std::string(route.method), path, "", "").status, 401) << route.id;
  }
}

TEST_F(SharedTokensApiTest, KnowsItsPathsAndMethods) {
  for (const char* path :
       {"/", "/v1", "/v1/shared-tokens/", "/v1/shared-tokens//1", "/v1/shared-tokens/1/2",
        "/v1/shared-tokens/filters/", "/v1/shared-token%73", "/V1/shared-tokens",
        "/v2/shared-tokens", "/v1/shared-tokens/filters/1/x", "//v1/shared-tokens",
        "/v1/shared-tokens//rotate", "/v1/shared-tokens/1/rotate/", "/v1/shared-tokens/1/2/rotate",
        "/v1/audit/"}) {
    EXPECT_EQ(call("GET", path).status, 404) << path;
  }
  const auto put = call("PUT", "/v1/shared-tokens");
  EXPECT_EQ(put.status, 405);
  EXPECT_EQ(header(put, "allow"), "GET, POST");
  EXPECT_EQ(header(call("POST", "/v1/shared-tokens/1"), "allow"), "GET, PUT, PATCH, DELETE");
  EXPECT_EQ(header(call("GET", "/v1/shared-tokens/1/rotate"), "allow"), "POST");
  EXPECT_EQ(header(call("PUT", "/v1/shared-tokens/filters"), "allow"), "GET, POST")
      << "/filters is not an id";
  EXPECT_EQ(header(call("POST", "/v1/shared-tokens/filters/1"), "allow"),
            "GET, PUT, PATCH, DELETE");
  EXPECT_EQ(header(call("DELETE", "/v1/shared-tokens/limits"), "allow"), "GET")
      << "/limits is not an id";
  EXPECT_EQ(header(call("POST", "/openapi.json"), "allow"), "GET");
  for (const char* id :
       {"0", "-1", "+1", "abc", "2147483648", "99999999999999999999", "1.0", "%31", "0x1", "1 "}) {
    EXPECT_EQ(call("GET", "/v1/shared-tokens/" + std::string(id)).status, 400) << id;
    EXPECT_EQ(member(call("DELETE", "/v1/shared-tokens/filters/" + std::string(id)), "errorCode"),
              "\"shared-tokens/INVALID_ID\"")
        << id;
  }
  EXPECT_EQ(member(call("GET", "/v1/shared-tokens?page=1"), "errorCode"),
            "\"endpoints/UNKNOWN_PARAMETER\"");
}

TEST_F(SharedTokensApiTest, ReadsJsonOnly) {
  for (const char* type :
       {"", "text/plain", "application/jsonx", "application/x-ndjson", "application/yaml"}) {
    EXPECT_EQ(call("POST", "/v1/shared-tokens", "{}", "key-a", type).status, 415) << type;
  }
  for (const char* type :
       {"application/json", "Application/JSON; charset=UTF-8", "application/json ;x"}) {
    EXPECT_EQ(call("POST", "/v1/shared-tokens", "{}", "key-a", type).status, 200) << type;
  }
  EXPECT_EQ(call("POST", "/v1/shared-tokens", "", "key-a", "").status, 200)
      << "the body is optional";
  EXPECT_EQ(member(call("POST", "/v1/shared-tokens", "{"), "errorCode"),
            "\"shared-tokens/INVALID_BODY\"");
  EXPECT_EQ(call("PUT", "/v1/shared-tokens/1", "").status, 400);
  EXPECT_EQ(call("POST", "/v1/shared-tokens", R"({"expirationDate":1600000000})").status, 400)
      << "in the past";
}

TEST_F(SharedTokensApiTest, AStoreThatFailsChangesNothing) {
  const std::string f = std::to_string(filter("x"));
  const std::string t = std::to_string(token(R"({"filters":[)" + f + "]}"));
  const auto before = policy_.load();
  const std::string all = call("GET", "/v1/shared-tokens").body;
  store_.broken = true;
  for (const auto& [method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"PUT", "/v1/shared-tokens/" + t, R"({"filters":[]})"},
           {"DELETE", "/v1/shared-tokens/" + t, ""},
           {"DELETE", "/v1/shared-tokens/filters/" + f, ""},
           {"POST", "/v1/shared-tokens/filters", R"({"field":"a","value":"b"})"},
           {"POST", "/v1/shared-tokens", ""}}) {
    const auto response = call(method, path, body);
    EXPECT_EQ(response.status, 503) << method << path;
    EXPECT_EQ(member(response, "message"),
              "\"the disk of the token store is full; free some space; nothing was changed\"");
    EXPECT_NE(header(response, "retry-after"), "");
  }
  EXPECT_EQ(policy_.load(), before) << "the gate goes on under the policy it had";
  EXPECT_EQ(call("GET", "/v1/shared-tokens").body, all);
}

TEST_F(SharedTokensApiTest, UnfilteredTokensCanBeSwitchedOff) {
  const std::string f = std::to_string(filter("x"));
  TokenSettings settings;
  settings.unfiltered = Unfiltered::kDeny;
  make_api(settings);
  EXPECT_EQ(member(call("POST", "/v1/shared-tokens", ""), "errorCode"),
            "\"shared-tokens/UNFILTERED_DENIED\"");
  const std::string t = std::to_string(token(R"({"filters":[)" + f + "]}"));
  EXPECT_EQ(call("PUT", "/v1/shared-tokens/" + t, R"({"filters":[]})").status, 400);
  const auto deleted = call("DELETE", "/v1/shared-tokens/filters/" + f);
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(header(deleted, "x-weir-widened"), "") << "the token sees nothing now";
}

TEST_F(SharedTokensApiTest, AccountsHaveLimits) {
  TokenSettings settings;
  settings.max_per_account = 1;
  settings.max_filters_per_account = 1;
  make_api(settings);
  token("");
  filter("x");
  const auto more = call("POST", "/v1/shared-tokens", "");
  EXPECT_EQ(more.status, 400);
  EXPECT_EQ(member(more, "parameters"), R"({"currentLimit":"1"})");
  EXPECT_EQ(member(call("POST", "/v1/shared-tokens/filters", R"({"field":"a","value":"b"})"),
                   "errorCode"),
            "\"shared-tokens/LIMIT_REACHED\"");
  token("", "key-b");
}

TEST_F(SharedTokensApiTest, LastUsedIsTheLatestOfStoreAndBook) {
  const int id = token("");
  usage_.note(static_cast<std::uint32_t>(id), 1700000005);
  const std::string path = "/v1/shared-tokens/" + std::to_string(id);
  EXPECT_EQ(member(call("GET", path), "lastUsed"), "\"1700000005.000000000\"");
  usage_.flush(*real_);
  EXPECT_EQ(member(call("GET", path), "lastUsed"), "\"1700000005.000000000\"");
}

TEST_F(SharedTokensApiTest, ASecretOfAnotherKeyIsNotShown) {
  const int id = token("");
  auto work = real_->begin_write();
  work->set_sealed_secret(id, "damaged");
  work->commit();
  work.reset();
  EXPECT_EQ(call("GET", "/v1/shared-tokens/" + std::to_string(id)).status, 500);
  EXPECT_EQ(member(call("GET", "/v1/shared-tokens"), "errorCode"),
            "\"shared-tokens/SECRET_UNREADABLE\"");
  EXPECT_EQ(call("DELETE", "/v1/shared-tokens/" + std::to_string(id)).status, 204);
}

TEST_F(SharedTokensApiTest, TheDocumentNamesTheRoutesOfTheRouter) {
  const auto response = call("GET", "/openapi.json", "", "");
  ASSERT_EQ(response.status, 200);
  rapidjson::Document document;
  ASSERT_FALSE(document.Parse(response.body.c_str()).HasParseError());
  EXPECT_STREQ(document["openapi"].GetString(), "3.1.0");
  std::set<std::string> documented;
  for (const auto& path : document["paths"].GetObject()) {
    for (const auto& member : path.value.GetObject()) {
      if (member.value.IsObject()) {
        std::string method = member.name.GetString();
        std::transform(method.begin(), method.end(), method.begin(),
                       [](char c) { return static_cast<char>(c - 'a' + 'A'); });
        documented.insert(method + " " + path.name.GetString() + " " +
                          member.value["operationId"].GetString());
      }
    }
  }
  std::set<std::string> routed;
  for (const ApiRoute& route : api_routes()) {
    routed.insert(std::string(route.method) + " " + std::string(route.path) + " " +
                  std::string(route.id));
  }
  EXPECT_EQ(documented, routed);
}

}  // namespace
}  // namespace weir::proxy
