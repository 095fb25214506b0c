// What stands beside the published operations on filters.
#include "proxy/admin/api_fixture.h"

namespace weir::proxy {
namespace {

class FiltersApiTest : public SharedTokensApiTest {
 protected:
  int token_with(const std::string& ids, const std::string& more = "") {
    return token(R"({"filters":[)" + ids + "]" + more + "}");
  }
};

TEST_F(FiltersApiTest, AChangeReachesEveryTokenThatUsesIt) {
  const int f = filter("x");
  const int g = filter("y");
  const std::string both = std::to_string(f) + "," + std::to_string(g);
  const int user = token_with(std::to_string(f));
  const int any = token_with(both, R"(,"filtersOperator":"OR")");
  const int other = token_with(std::to_string(g));
  const auto changed =
      call("PUT", path_of_filter(f), R"({"field":"team","value":"z","description":"d"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.body, R"({"id":)" + std::to_string(f) +
                              R"(,"field":"team","value":"z","description":"d",)"
                              R"("widens":true,"widensTokens":2})");
  EXPECT_EQ(header(changed, "x-weir-widened"), std::to_string(user) + ", " + std::to_string(any));
  EXPECT_EQ(epoch(user), 2U);
  EXPECT_EQ(epoch(any), 2U);
  EXPECT_EQ(epoch(other), 1U);
  EXPECT_EQ(member(call("GET", path_of_filter(f)), "value"), "\"z\"");

  const auto equal = call("PATCH", path_of_filter(f), R"({"value":"y"})");
  EXPECT_EQ(member(equal, "widensTokens"), "\"1\"")
      << "`any` showed y already, and shows nothing else now";
  EXPECT_EQ(header(equal, "x-weir-widened"), std::to_string(user));
}

TEST_F(FiltersApiTest, WhatIsLeftOutStays) {
  const int f = id_of(call("POST", "/v1/shared-tokens/filters",
                           R"({"field":"a","value":"b*","literal":true,"description":"d"})"));
  const auto described = call("PATCH", path_of_filter(f), R"({"description":"e"})");
  EXPECT_EQ(member(described, "value"), "\"b*\"");
  EXPECT_EQ(member(described, "literal"), "true");
  EXPECT_EQ(member(described, "description"), "\"e\"");
  EXPECT_EQ(member(described, "widens"), "false");
  EXPECT_EQ(call("PUT", path_of_filter(f), R"({"field":"a","value":"b*"})").status, 400)
      << "`literal` goes with the value";
  const auto plain = call("PUT", path_of_filter(f), R"({"field":"a","value":"b"})");
  EXPECT_EQ(member(plain, "literal"), "(none)");
  EXPECT_EQ(member(plain, "description"), "\"e\"");
  EXPECT_EQ(call("PUT", path_of_filter(f), R"({"field":"_id","value":"b"})").status, 400);
  EXPECT_EQ(call("PUT", path_of_filter(4711), R"({"field":"a","value":"b"})").status, 400);
}

TEST_F(FiltersApiTest, ChangesCanBeHeldToAnEtag) {
  const auto made = call("POST", "/v1/shared-tokens/filters", R"({"field":"team","value":"x"})");
  const std::string path = path_of_filter(id_of(made));
  const std::string first = header(made, "etag");
  EXPECT_EQ(call_with("if-none-match", first, "GET", path).status, 304);
  const auto changed = call_with("if-match", first, "PATCH", path, R"({"value":"y"})");
  ASSERT_EQ(changed.status, 200) << changed.body;
  EXPECT_NE(header(changed, "etag"), first);
  EXPECT_EQ(header(call("GET", path), "etag"), header(changed, "etag"));
  for (const auto& [method, body] :
       std::vector<std::pair<std::string, std::string>>{{"PATCH", R"({"value":"z"})"},
                                                        {"PUT", R"({"field":"a","value":"z"})"},
                                                        {"DELETE", ""}}) {
    EXPECT_EQ(code(call_with("if-match", first, method, path, body)), "\"shared-tokens/CONFLICT\"");
  }
  EXPECT_EQ(member(call("GET", path), "value"), "\"y\"");
  EXPECT_EQ(call_with("if-match", header(changed, "etag"), "DELETE", path).status, 200);
}

TEST_F(FiltersApiTest, AClientKeyGivesTheSameFilterAgain) {
  const std::string body = R"({"field":"team","value":"x","clientKey":"k"})";
  const auto made = call("POST", "/v1/shared-tokens/filters", body);
  EXPECT_EQ(made.status, 200);
  EXPECT_EQ(member(made, "clientKey"), "\"k\"");
  EXPECT_EQ(call("POST", "/v1/shared-tokens/filters", body).body, made.body);
  EXPECT_EQ(call_with("idempotency-key", "k", "POST", "/v1/shared-tokens/filters",
                      R"({"field":"team","value":"x"})")
                .body,
            made.body);
  EXPECT_EQ(
      call("POST", "/v1/shared-tokens/filters", R"({"field":"team","value":"y","clientKey":"k"})")
          .status,
      409);
  EXPECT_NE(call("POST", "/v1/shared-tokens/filters", body, "key-b").body, made.body);
  EXPECT_EQ(call("POST", "/v1/shared-tokens", R"({"clientKey":"k"})").status, 200)
      << "tokens and filters have keys of their own";
}

TEST_F(FiltersApiTest, Searches) {
  const int f = filter("x");
  const int g = id_of(call("POST", "/v1/shared-tokens/filters",
                           R"({"field":"level","value":"error","description":"What Failed"})"));
  const auto found = [&](const std::string& body) {
    const auto response = call("POST", "/v1/shared-tokens/filters/search", body);
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
  EXPECT_THAT(found(""), ElementsAre(f, g));
  EXPECT_THAT(found(R"({"sort":[{"field":"field"}]})"), ElementsAre(g, f));
  EXPECT_THAT(found(R"({"filter":{"field":"team"}})"), ElementsAre(f));
  EXPECT_THAT(found(R"({"filter":{"value":"err"}})"), ElementsAre());
  EXPECT_THAT(found(R"({"filter":{"value":"error","description":"FAIL"}})"), ElementsAre(g));
  EXPECT_THAT(found(R"({"pagination":{"pageNumber":2,"pageSize":1}})"), ElementsAre(g));
  EXPECT_EQ(member(call("POST", "/v1/shared-tokens/filters/search", "", "key-b"), "total"),
            "\"0\"");
}

TEST_F(FiltersApiTest, ADeletionTellsWhoKnowsToAsk) {
  const int f = filter("x");
  token_with(std::to_string(f));
  token_with(std::to_string(f), R"(,"enabled":false)");
  const auto deleted = call("DELETE", path_of_filter(f) + "?confirm=widen");
  EXPECT_EQ(deleted.status, 200);
  EXPECT_EQ(deleted.body, R"({"widens":true,"widensTokens":1})");
  EXPECT_EQ(deleted.content_type, "application/json");
}

TEST_F(FiltersApiTest, ALongListOfIdsIsCut) {
  const std::string f = std::to_string(filter("x"));
  std::string item = R"({"filters":[)" + f + "]}";
  std::string items = item;
  for (int i = 1; i < 60; ++i) {
    items += "," + item;
  }
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(call("POST", "/v1/shared-tokens/bulk", "{\"tokens\":[" + items + "]}").status, 200);
  }
  const auto deleted = call("DELETE", "/v1/shared-tokens/filters/" + f + "?confirm=widen");
  EXPECT_EQ(member(deleted, "widensTokens"), "\"120\"");
  const std::string ids = header(deleted, "x-weir-widened");
  EXPECT_EQ(std::count(ids.begin(), ids.end(), ','), 100);
  EXPECT_THAT(ids, ::testing::EndsWith(", ..."));
}

}  // namespace
}  // namespace weir::proxy
