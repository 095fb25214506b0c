// What stands beside the published operations on shared tokens.
#include "proxy/admin/api_fixture.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class TokensApiTest : public SharedTokensApiTest {
 protected:
  static std::string with_filter(int id, const std::string& more = "") {
    return R"({"filters":[)" + std::to_string(id) + "]" + more + "}";
  }
};

TEST_F(TokensApiTest, APartChangesAndTheRestStays) {
  const int f = filter("x");
  const int id = token(with_filter(f, R"(,"tokenName":"n","filtersOperator":"OR")"));
  const auto renamed = call("PATCH", path_of(id), R"({"name":"m"})");
  EXPECT_EQ(member(renamed, "name"), "\"m\"");
  EXPECT_EQ(member(renamed, "filters"), "[\"" + std::to_string(f) + "\"]");
  EXPECT_EQ(member(renamed, "filtersOperator"), "\"OR\"");
  EXPECT_EQ(member(renamed, "widens"), "false");
  EXPECT_EQ(epoch(id), 1U) << "a name is nothing that open cursors depend on";
  EXPECT_EQ(call("PATCH", path_of(id), R"({"filters":[4711]})").status, 400);
  EXPECT_EQ(member(call("PATCH", path_of(id), R"({"expirationDate":null})"), "widens"), "true");
  EXPECT_EQ(epoch(id), 2U);
}

TEST_F(TokensApiTest, ADisabledTokenIsUnknownToTheGate) {
  const auto made = call("POST", "/v1/shared-tokens", "{}");
  const int id = id_of(made);
  const std::string secret = member(made, "token");
  EXPECT_EQ(member(made, "enabled"), "(none)") << "the published shape";
  EXPECT_EQ(opens(secret), 1U);
  const auto off = call("PUT", path_of(id), R"({"filters":[],"enabled":false})");
  EXPECT_EQ(member(off, "enabled"), "false");
  EXPECT_EQ(member(off, "widens"), "false");
  EXPECT_EQ(opens(secret), 0U);
  EXPECT_EQ(epoch(id), 0U) << "what it has under way ends, too";
  EXPECT_EQ(member(call("GET", path_of(id)), "enabled"), "false");
  EXPECT_EQ(member(call("PATCH", path_of(id), R"({"expirationDate":null})"), "widens"), "false")
      << "nobody sees anything by it";
  const auto on = call("PATCH", path_of(id), R"({"enabled":true})");
  EXPECT_EQ(member(on, "widens"), "true");
  EXPECT_EQ(member(on, "enabled"), "(none)");
  EXPECT_GT(opens(secret), 1U);
  EXPECT_EQ(epoch(token(R"({"enabled":false})")), 0U);
}

TEST_F(TokensApiTest, ATokenHasLimits) {
  const std::string limits = R"({"requestsPerSecond":5,"networks":["10.0.0.0/8"]})";
  const auto made = call("POST", "/v1/shared-tokens", R"({"limits":)" + limits + "}");
  const int id = id_of(made);
  EXPECT_THAT(made.body, HasSubstr(R"("limits":)" + limits));
  EXPECT_THAT(call("GET", path_of(id)).body, HasSubstr(R"("limits":)" + limits));
  const auto change = [&](const std::string& now) {
    const auto response = call("PATCH", path_of(id), R"({"limits":)" + now + "}");
    EXPECT_EQ(response.status, 200) << response.body;
    return member(response, "widens");
  };
  EXPECT_EQ(change(R"({"requestsPerSecond":1,"networks":["10.1.0.0/16","10.2.0.1"]})"), "false");
  EXPECT_EQ(change(R"({"requestsPerSecond":2,"networks":["10.1.0.0/16"]})"), "true");
  EXPECT_EQ(change(R"({"requestsPerSecond":2,"networks":["10.0.0.0/8"]})"), "true");
  EXPECT_EQ(change(R"({"requestsPerSecond":2,"networks":["10.0.0.0/8"],"concurrentSearches":1,)"
                   R"("responseBytes":10,"referrers":["https://a.example"]})"),
            "false");
  EXPECT_EQ(change(R"({"requestsPerSecond":2,"networks":["10.0.0.0/8"],"concurrentSearches":1,)"
                   R"("responseBytes":10,"referrers":["https://b.example"]})"),
            "true");
  EXPECT_EQ(change("null"), "true");
  EXPECT_EQ(member(call("GET", path_of(id)), "limits"), "(none)");
  EXPECT_EQ(call("PATCH", path_of(id), R"({"limits":{"requestsPerSecond":0}})").status, 400);
  EXPECT_EQ(epoch(id), 1U) << "none of it is what open cursors depend on";
  EXPECT_THAT(call("GET", "/v1/audit").body, HasSubstr(R"("before":{)"));
}

TEST_F(TokensApiTest, RotatesAtOnce) {
  const auto made = call("POST", "/v1/shared-tokens", R"({"name":"n"})");
  const int id = id_of(made);
  const auto rotated = call("POST", path_of(id) + "/rotate", "");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  EXPECT_NE(member(rotated, "token"), member(made, "token"));
  EXPECT_EQ(member(rotated, "formerUntil"), "null");
  EXPECT_EQ(member(rotated, "name"), "\"n\"");
  EXPECT_EQ(opens(member(made, "token")), 0U);
  EXPECT_EQ(opens(member(rotated, "token")), 2U) << "cursors of the old secret end";
  EXPECT_EQ(member(call("GET", path_of(id)), "token"), member(rotated, "token"));
  EXPECT_EQ(member(call("GET", path_of(id)), "formerUntil"), "(none)");
}

TEST_F(TokensApiTest, RotatesWithAGrace) {
  const auto made = call("POST", "/v1/shared-tokens", "");
  const int id = id_of(made);
  const auto rotated = call("POST", path_of(id) + "/rotate", R"({"grace":60})");
  ASSERT_EQ(rotated.status, 200) << rotated.body;
  const std::string until = "\"" + std::to_string(kNow + 60) + ".000000000\"";
  EXPECT_EQ(member(rotated, "formerUntil"), until);
  EXPECT_EQ(member(call("GET", path_of(id)), "formerUntil"), until);
  EXPECT_EQ(opens(member(made, "token")), 1U) << "its cursors go on";
  EXPECT_EQ(opens(member(rotated, "token")), 1U);
  EXPECT_EQ(call("PATCH", path_of(id), R"({"name":"m"})").status, 200);
  EXPECT_EQ(opens(member(made, "token")), 1U) << "other changes leave it alone";
  now_ += 60;
  EXPECT_EQ(opens(member(made, "token")), 0U);
  EXPECT_EQ(opens(member(rotated, "token")), 1U);
  EXPECT_EQ(member(call("GET", path_of(id)), "formerUntil"), "(none)");
}

TEST_F(TokensApiTest, OnlyTheLastSecretHasAGrace) {
  const auto made = call("POST", "/v1/shared-tokens", "");
  const int id = id_of(made);
  const auto second = call("POST", path_of(id) + "/rotate", R"({"grace":600})");
  const auto third = call("POST", path_of(id) + "/rotate", R"({"grace":600})");
  ASSERT_EQ(third.status, 200);
  EXPECT_EQ(opens(member(made, "token")), 0U);
  EXPECT_EQ(opens(member(second, "token")), 2U) << "a secret has ended, and its cursors with it";
  EXPECT_EQ(opens(member(third, "token")), 2U);
  const auto fourth = call("POST", path_of(id) + "/rotate", R"({"grace":0})");
  EXPECT_EQ(opens(member(third, "token")), 0U);
  EXPECT_EQ(opens(member(fourth, "token")), 3U);
  EXPECT_EQ(call("POST", path_of(id) + "/rotate", R"({"grace":-1})").status, 400);
  EXPECT_EQ(call("POST", path_of(4711) + "/rotate", "").status, 400);
  EXPECT_EQ(call("POST", path_of(id) + "/rotate", "", "key-b").status, 400);
  EXPECT_EQ(opens(member(fourth, "token")), 3U);
}

TEST_F(TokensApiTest, ChangesCanBeHeldToAnEtag) {
  const auto made = call("POST", "/v1/shared-tokens", "");
  const int id = id_of(made);
  const std::string first = header(made, "etag");
  ASSERT_NE(first, "");
  EXPECT_EQ(header(call("GET", path_of(id)), "etag"), first);
  const auto changed = call_with("if-match", first, "PATCH", path_of(id), R"({"name":"a"})");
  EXPECT_EQ(changed.status, 200);
  const std::string second = header(changed, "etag");
  EXPECT_NE(second, first);
  EXPECT_EQ(header(call("GET", path_of(id)), "etag"), second);
  for (const auto& [method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"PATCH", path_of(id), R"({"name":"b"})"},
           {"PUT", path_of(id), R"({"filters":[]})"},
           {"POST", path_of(id) + "/rotate", ""},
           {"DELETE", path_of(id), ""}}) {
    const auto refused = call_with("if-match", first, method, path, body);
    EXPECT_EQ(refused.status, 412) << method;
    EXPECT_EQ(code(refused), "\"shared-tokens/CONFLICT\"");
    EXPECT_EQ(header(refused, "etag"), second);
    EXPECT_EQ(code(call_with("if-match", "nonsense", method, path, body)),
              "\"endpoints/INVALID_HEADER\"");
    EXPECT_EQ(code(call_with("if-match", "*", method, path_of(4711), body)).find("FILTER"),
              std::string::npos);
  }
  EXPECT_EQ(member(call("GET", path_of(id)), "name"), "\"a\"");
  usage_.note(static_cast<std::uint32_t>(id), kNow);
  usage_.flush(*real_);
  EXPECT_EQ(header(call("GET", path_of(id)), "etag"), second) << "use is no change";
  const auto same = call("PATCH", path_of(id), R"({"name":"a"})");
  EXPECT_EQ(header(same, "etag"), second) << "nor is what changes nothing";
  const auto rotated = call_with("if-match", second, "POST", path_of(id) + "/rotate", "");
  EXPECT_NE(header(rotated, "etag"), second);
  EXPECT_EQ(call_with("if-match", "*", "DELETE", path_of(id)).status, 204);
  EXPECT_EQ(code(call_with("if-match", "*", "DELETE", path_of(id))),
            "\"shared-tokens/TOKEN_NOT_FOUND\"");
}

TEST_F(TokensApiTest, ReadingCanBeSpared) {
  const auto made = call("POST", "/v1/shared-tokens", "");
  const std::string path = path_of(id_of(made));
  const auto spared = call_with("if-none-match", header(made, "etag"), "GET", path);
  EXPECT_EQ(spared.status, 304);
  EXPECT_EQ(spared.body, "");
  EXPECT_EQ(header(spared, "etag"), header(made, "etag"));
  EXPECT_EQ(call_with("if-none-match", "\"x\"", "GET", path).status, 200);
  EXPECT_EQ(call_with("if-none-match", "x", "GET", path).status, 400);
}

TEST_F(TokensApiTest, AFilterThatGoesMovesTheEtagOfItsTokens) {
  const int f = filter("x");
  const auto made = call("POST", "/v1/shared-tokens", with_filter(f));
  call("DELETE", path_of_filter(f));
  EXPECT_NE(header(call("GET", path_of(id_of(made))), "etag"), header(made, "etag"));
}

TEST_F(TokensApiTest, AClientKeyGivesTheSameTokenAgain) {
  const std::string body = R"({"tokenName":"n","clientKey":"k1"})";
  const auto made = call("POST", "/v1/shared-tokens", body);
  const int id = id_of(made);
  EXPECT_EQ(member(made, "clientKey"), "\"k1\"");
  EXPECT_EQ(call("POST", "/v1/shared-tokens", body).body, made.body);
  EXPECT_EQ(call_with("idempotency-key", "k1", "POST", "/v1/shared-tokens", body).body, made.body);
  EXPECT_EQ(call_with("idempotency-key", "k1", "POST", "/v1/shared-tokens", R"({"name":"n"})").body,
            made.body);
  now_ += 3600;
  EXPECT_EQ(call("POST", "/v1/shared-tokens", body).body, made.body)
      << "a default that would be another by now is not what was asked for";
  for (const char* other : {R"({"tokenName":"m","clientKey":"k1"})", R"({"clientKey":"k1"})",
                            R"({"tokenName":"n","clientKey":"k1","enabled":false})",
                            R"({"tokenName":"n","clientKey":"k1","filtersOperator":"OR"})",
                            R"({"tokenName":"n","clientKey":"k1","expirationDate":null})"}) {
    const auto refused = call("POST", "/v1/shared-tokens", other);
    EXPECT_EQ(refused.status, 409) << other;
    EXPECT_EQ(code(refused), "\"shared-tokens/CLIENT_KEY_CONFLICT\"");
    EXPECT_EQ(member(refused, "parameters"), R"({"id":")" + std::to_string(id) + "\"}");
  }
  EXPECT_NE(id_of(call("POST", "/v1/shared-tokens", body, "key-b")), id)
      << "another account's keys are its own";
  for (const char* bad : {"", "a b", "\xc3\xa9"}) {
    EXPECT_EQ(code(call_with("idempotency-key", bad, "POST", "/v1/shared-tokens", "")),
              "\"endpoints/INVALID_HEADER\"");
  }
  EXPECT_EQ(call_with("idempotency-key", "k2", "POST", "/v1/shared-tokens", body).status, 400);
  EXPECT_EQ(call("DELETE", path_of(id)).status, 204);
  EXPECT_NE(id_of(call("POST", "/v1/shared-tokens", body)), id) << "the key is free again";
}

TEST_F(TokensApiTest, AKnownKeyNeedsNeitherRoomNorTime) {
  TokenSettings settings;
  settings.max_per_account = 1;
  make_api(settings);
  const std::string body = R"({"clientKey":"k","expirationDate":1700000010})";
  const auto made = call("POST", "/v1/shared-tokens", body);
  now_ += 3600;
  EXPECT_EQ(call("POST", "/v1/shared-tokens", body).body, made.body);
}

TEST_F(TokensApiTest, SeveralAreMadeTogetherOrNone) {
  const int f = filter("x");
  const auto made = call("POST", "/v1/shared-tokens/bulk",
                         R"({"tokens":[{"name":"a"},{"name":"b","filters":[)" + std::to_string(f) +
                             R"(],"clientKey":"k"}]})");
  ASSERT_EQ(made.status, 200) << made.body;
  EXPECT_EQ(call("GET", "/v1/shared-tokens").body, made.body);
  for (const std::string& bad :
       {std::string(R"({"tokens":[{"name":"c"},{"filters":[4711]}]})"),
        std::string(R"({"tokens":[{"name":"c"},{"name":"other","clientKey":"k"}]})"),
        std::string(R"({"tokens":[{"name":"c"},{"expirationDate":1}]})"),
        std::string(R"({"tokens":[{"clientKey":"n"},{"clientKey":"n"}]})"),
        std::string(R"({"tokens":[]})"), std::string("{}"), std::string("")}) {
    EXPECT_GE(call("POST", "/v1/shared-tokens/bulk", bad).status, 400) << bad;
    EXPECT_EQ(call("GET", "/v1/shared-tokens").body, made.body) << bad;
  }
  EXPECT_EQ(policy_.load()->token_count(), 2U);
  const auto again = call("POST", "/v1/shared-tokens/bulk",
                          R"({"tokens":[{"name":"c"},{"name":"b","filters":[)" + std::to_string(f) +
                              R"(],"clientKey":"k"}]})");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(policy_.load()->token_count(), 3U) << "one of them was there";
  EXPECT_EQ(call_with("idempotency-key", "k", "POST", "/v1/shared-tokens/bulk", "{}").status, 400);
  TokenSettings settings;
  settings.max_per_account = 4;
  make_api(settings);
  EXPECT_EQ(code(call("POST", "/v1/shared-tokens/bulk", R"({"tokens":[{},{}]})")),
            "\"shared-tokens/LIMIT_REACHED\"");
  EXPECT_EQ(policy_.load()->token_count(), 3U);
}

TEST_F(TokensApiTest, Searches) {
  const int f = filter("x");
  const int first = token(with_filter(f, R"(,"name":"Payments","expirationDate":1700000100)"));
  const int second = token(R"({"name":"orders","expirationDate":null,"clientKey":"k"})");
  const int third = token(R"({"name":"pay later","enabled":false})");
  const auto found = [&](const std::string& body) {
    const auto response = call("POST", "/v1/shared-tokens/search", body);
    EXPECT_EQ(response.status, 200) << response.body;
    rapidjson::Document document;
    document.Parse(response.body.c_str());
    std::vector<int> ids;
    for (const auto& item : document["results"].GetArray()) {
      ids.push_back(item["id"].GetInt());
    }
    return ids;
  };
  using ::testing::ElementsAre;
  EXPECT_THAT(found(""), ElementsAre(first, second, third));
  EXPECT_THAT(found(R"({"filter":{"name":"pAY"}})"), ElementsAre(first, third));
  EXPECT_THAT(found(R"({"filter":{"name":"pay","enabled":true}})"), ElementsAre(first));
  EXPECT_THAT(found(R"({"filter":{"unfiltered":true}})"), ElementsAre(second, third));
  EXPECT_THAT(found(R"({"filter":{"clientKey":"k"}})"), ElementsAre(second));
  EXPECT_THAT(found(R"({"filter":{"filterId":)" + std::to_string(f) + "}}"), ElementsAre(first));
  EXPECT_THAT(found(R"({"sort":[{"field":"name"}]})"), ElementsAre(first, second, third));
  EXPECT_THAT(found(R"({"sort":[{"field":"name","descending":true}]})"),
              ElementsAre(third, second, first));
  EXPECT_THAT(found(R"({"sort":[{"field":"expirationDate"}]})"), ElementsAre(first, third, second));
  EXPECT_THAT(found(R"({"sort":[{"field":"lastUsed"},{"field":"id","descending":true}]})"),
              ElementsAre(third, second, first));
  usage_.note(static_cast<std::uint32_t>(second), kNow);
  EXPECT_THAT(found(R"({"sort":[{"field":"lastUsed"}]})"), ElementsAre(second, first, third))
      << "also a use that is not stored yet";
  EXPECT_THAT(found(R"({"pagination":{"pageNumber":2,"pageSize":2}})"), ElementsAre(third));
  EXPECT_THAT(found(R"({"pagination":{"pageNumber":3,"pageSize":2}})"), ElementsAre());
  EXPECT_THAT(found(R"({"pagination":{"pageNumber":2147483647,"pageSize":1000}})"), ElementsAre());
  const auto page = call("POST", "/v1/shared-tokens/search", R"({"pagination":{"pageSize":1}})");
  EXPECT_EQ(member(page, "total"), "\"3\"");
  EXPECT_EQ(member(page, "pagination"), R"({"pageNumber":"1","pageSize":"1"})");
  now_ = 1700000100;
  EXPECT_THAT(found(R"({"filter":{"expired":true}})"), ElementsAre(first));
  EXPECT_EQ(call("POST", "/v1/shared-tokens/search", "", "key-b").body,
            R"({"total":0,"pagination":{"pageNumber":1,"pageSize":25},"results":[]})");
  EXPECT_EQ(call("POST", "/v1/shared-tokens/search", "", "key-a-read").status, 200)
      << "it changes nothing";
  for (const char* bad :
       {R"({"sort":[{"field":"token"}]})", R"({"sort":[{}]})", R"({"sort":{}})",
        R"({"sort":[{"field":"id"},{"field":"id"},{"field":"id"},{"field":"id"},{"field":"id"}]})",
        R"({"pagination":{"pageNumber":0}})", R"({"pagination":{"pageSize":1001}})",
        R"({"pagination":[]})", R"({"filter":{"token":"x"}})", R"({"filter":{"enabled":1}})",
        R"({"filter":{"filterId":0}})", R"({"query":{}})", "[]"}) {
    EXPECT_EQ(code(call("POST", "/v1/shared-tokens/search", bad)), "\"shared-tokens/INVALID_BODY\"")
        << bad;
  }
}

TEST_F(TokensApiTest, WideningCanNeedAConfirmation) {
  TokenSettings settings;
  settings.confirm_widening = true;
  make_api(settings);
  const int f = filter("x");
  const int id = token(with_filter(f));
  const int other = token(with_filter(f, R"(,"enabled":false)"));
  for (const auto& [method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"PUT", path_of(id), R"({"filters":[]})"},
           {"PATCH", path_of(id), R"({"expirationDate":null})"},
           {"PATCH", path_of(other), R"({"enabled":true})"},
           {"PUT", path_of_filter(f), R"({"field":"team","value":"y"})"},
           {"PATCH", path_of_filter(f), R"({"field":"tribe"})"},
           {"DELETE", path_of_filter(f), ""}}) {
    const std::string before = call("GET", "/v1/shared-tokens").body;
    const auto refused = call(method, path, body);
    EXPECT_EQ(refused.status, 409) << method << path << refused.body;
    EXPECT_EQ(code(refused), "\"shared-tokens/CONFIRM_WIDENING\"");
    EXPECT_EQ(member(refused, "parameters"), R"({"widensTokens":"1"})");
    EXPECT_NE(header(refused, "x-weir-widened"), "");
    EXPECT_EQ(call("GET", "/v1/shared-tokens").body, before);
    EXPECT_EQ(call(method, path + "?confirm=yes", body).status, 400);
  }
  EXPECT_EQ(epoch(id), 1U);
  EXPECT_EQ(call("PATCH", path_of(id), R"({"name":"n"})").status, 200) << "this widens nothing";
  EXPECT_EQ(call("PATCH", path_of(id), R"({"expirationDate":1700000001})").status, 200);
  EXPECT_EQ(call("POST", "/v1/shared-tokens", "").status, 200) << "a new token has no holder yet";
  EXPECT_EQ(call("PUT", path_of(id) + "?confirm=widen", R"({"filters":[]})").status, 200);
  EXPECT_EQ(call("POST", path_of(id) + "/rotate?confirm=widen", "").status, 400);
}

TEST_F(TokensApiTest, SaysWhatTheAccountMayHave) {
  TokenSettings settings;
  settings.max_per_account = 7;
  settings.max_filters_per_account = 8;
  settings.max_filters_per_token = 1;
  settings.max_concurrent_calls = 9;
  make_api(settings);
  const int f = filter("x");
  const int g = filter("y");
  token("");
  EXPECT_EQ(call("GET", "/v1/shared-tokens/limits").body,
            R"({"maxAllowedTokens":7,"numOfTokens":1,"maxAllowedFilters":8,"numOfFilters":2,)"
            R"("maxFiltersPerToken":1,"maxLinksPerToken":100,"maxConcurrentCalls":9,"maxTokensPerBulk":100})");
  EXPECT_EQ(member(call("GET", "/v1/shared-tokens/limits", "", "key-b"), "numOfTokens"), "\"0\"");
  const auto refused = call("POST", "/v1/shared-tokens",
                            R"({"filters":[)" + std::to_string(f) + "," + std::to_string(g) + "]}");
  EXPECT_EQ(code(refused), "\"shared-tokens/LIMIT_REACHED\"");
  EXPECT_EQ(member(refused, "parameters"), R"({"currentLimit":"1"})");
}

TEST_F(TokensApiTest, EachAccountHasItsOwnSettings) {
  TokenSettings small;
  small.max_per_account = 1;
  small.default_ttl = Millis(60000);
  api_.emplace(ApiContext{.store = store_,
                          .keys = *keys_,
                          .publisher = publisher_,
                          .usage = usage_,
                          .tracer = tracer_,
                          .now_ms = [] { return kNow * 1000; }},
               &limiter_, ApiSettings{.accounts = {{"b", small}}, .other = {}});
  token("");
  token("");
  const auto made = call("POST", "/v1/shared-tokens", "", "key-b");
  EXPECT_EQ(member(made, "expirationDate"), "\"" + std::to_string(kNow + 60) + ".000000000\"");
  EXPECT_EQ(code(call("POST", "/v1/shared-tokens", "", "key-b")),
            "\"shared-tokens/LIMIT_REACHED\"");
}

TEST_F(TokensApiTest, ASecretThatIsNotKeptIsNotShown) {
  const int id = token("");
  auto work = real_->begin_write();
  work->set_sealed_secret(id, "");
  work->commit();
  work.reset();
  EXPECT_EQ(member(call("GET", path_of(id)), "token"), "null");
  EXPECT_EQ(call("GET", "/v1/shared-tokens").status, 200);
}

/// Secrets are shown by the answer that makes them, and by no other.
class RevealOnceTest : public TokensApiTest {
 protected:
  void reveal(Reveal how) {
    TokenSettings settings;
    settings.reveal = how;
    make_api(settings);
  }
  std::string secret_in(const std::string& method, const std::string& path,
                        const std::string& body = "") {
    const auto answer = call(method, path, body);
    EXPECT_EQ(answer.status, 200) << answer.body;
    return member(answer, "token");
  }
  std::string sealed(int id) { return real_->begin_read()->find_token("a", id)->sealed_secret; }
  /// How many of the tokens in a list are without a secret.
  static int hidden_in(const std::string& body) {
    int count = 0;
    const std::string wanted = R"("token":null)";
    for (std::size_t at = body.find(wanted); at != std::string::npos;
         at = body.find(wanted, at + 1)) {
      ++count;
    }
    return count;
  }
};

TEST_F(RevealOnceTest, NothingElseShowsIt) {
  reveal(Reveal::kOnce);
  const auto made = call("POST", "/v1/shared-tokens", R"({"clientKey":"k"})");
  const int id = id_of(made);
  const std::string secret = member(made, "token");
  EXPECT_EQ(secret.size(), 38U);
  EXPECT_NE(opens(secret), 0U);
  EXPECT_EQ(sealed(id), "");
  const auto bulk = call("POST", "/v1/shared-tokens/bulk",
                         R"({"tokens":[{"clientKey":"k"},{"clientKey":"l"},{}]})");
  EXPECT_EQ(bulk.status, 200) << bulk.body;
  EXPECT_EQ(hidden_in(bulk.body), 1) << "the one that was there before: " << bulk.body;
  for (const TokenRow& row : real_->begin_read()->tokens_after(0, 5000)) {
    EXPECT_EQ(row.sealed_secret, "");
  }
  for (const auto& [method, path, body] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"POST", "/v1/shared-tokens", R"({"clientKey":"k"})"},
           {"GET", path_of(id), ""},
           {"PATCH", path_of(id), R"({"name":"n"})"},
           {"PATCH", path_of(id), R"({"name":"n"})"},
           {"PUT", path_of(id), R"({"filters":[],"name":""})"}}) {
    EXPECT_EQ(secret_in(method, path, body), "null") << method << path << body;
  }
  EXPECT_EQ(hidden_in(call("GET", "/v1/shared-tokens").body), 3);
  EXPECT_EQ(hidden_in(call("POST", "/v1/shared-tokens/search").body), 3);
  EXPECT_NE(opens(secret), 0U) << "changes leave it as it is";
}

TEST_F(RevealOnceTest, ARotationShowsTheNewOneAndStoresNone) {
  const auto made = call("POST", "/v1/shared-tokens");
  const int id = id_of(made);
  EXPECT_NE(sealed(id), "");
  reveal(Reveal::kOnce);
  const std::string rotated = secret_in("POST", path_of(id) + "/rotate", R"({"grace":60})");
  EXPECT_EQ(rotated.size(), 38U);
  EXPECT_NE(rotated, member(made, "token"));
  EXPECT_NE(opens(rotated), 0U);
  EXPECT_NE(opens(member(made, "token")), 0U) << "its grace";
  EXPECT_EQ(sealed(id), "") << "the former one is not left behind";
  EXPECT_EQ(secret_in("GET", path_of(id)), "null");
  reveal(Reveal::kAlways);
  EXPECT_EQ(secret_in("GET", path_of(id)), "null");
  const std::string again = secret_in("POST", path_of(id) + "/rotate");
  EXPECT_EQ(secret_in("GET", path_of(id)), again) << "from now on it is stored";
}

TEST_F(RevealOnceTest, WhatIsStoredFromBeforeIsNotShownAndNotDropped) {
  const auto made = call("POST", "/v1/shared-tokens");
  const int id = id_of(made);
  const std::string before = sealed(id);
  reveal(Reveal::kOnce);
  EXPECT_EQ(secret_in("GET", path_of(id)), "null");
  EXPECT_EQ(hidden_in(call("GET", "/v1/shared-tokens").body), 1);
  EXPECT_EQ(secret_in("PATCH", path_of(id), R"({"name":"n"})"), "null");
  EXPECT_EQ(sealed(id), before);
  reveal(Reveal::kAlways);
  EXPECT_EQ(secret_in("GET", path_of(id)), member(made, "token"));
}

}  // namespace
}  // namespace weir::proxy
