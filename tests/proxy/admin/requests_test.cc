#include "admin/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

template <typename T>
std::string wrong(const Result<T>& result) {
  std::string text;
  for (const Problem& problem : result.problems()) {
    text += problem.where + ": " + problem.what + "\n";
  }
  return text;
}

TEST(CreateTokenBody, TakesBothPublishedForms) {
  for (const char* body :
       {R"({"tokenName":"n","filters":[3,1]})", R"({"post":{"tokenName":"n","filters":[3,1]}})",
        R"({"name":"n","filters":[1,3],"filtersOperator":"AND"})",
        R"({"\u0074okenName":"n","name":"n","filters":[3,1]})"}) {
    const auto request = parse_create_token(body);
    ASSERT_TRUE(request) << body << wrong(request);
    EXPECT_EQ(request.value().name, "n");
    EXPECT_THAT(request.value().filters, ElementsAre(1, 3));
    EXPECT_EQ(request.value().filters_operator, FiltersOperator::kAnd);
    EXPECT_FALSE(request.value().expiry.given);
  }
  for (const char* body : {"", "{}", R"({"filters":null})", R"({"post":{}})"}) {
    const auto request = parse_create_token(body);
    ASSERT_TRUE(request) << body;
    EXPECT_EQ(request.value().name, "");
    EXPECT_THAT(request.value().filters, IsEmpty());
  }
}

TEST(CreateTokenBody, ReadsExpiryByMagnitude) {
  const auto expiry = [](const std::string& text) {
    const auto request = parse_create_token("{\"expirationDate\":" + text + "}");
    EXPECT_TRUE(request) << text << wrong(request);
    return request ? request.value().expiry : ExpiryChange{};
  };
  EXPECT_EQ(expiry("1735743699.000000000").at, 1735743699);
  EXPECT_EQ(expiry("1735743699").at, 1735743699);
  EXPECT_EQ(expiry("1735743699.999").at, 1735743699) << "never later than asked for";
  EXPECT_EQ(expiry("1735743699123").at, 1735743699);
  EXPECT_EQ(expiry("1735743699999.9").at, 1735743699);
  EXPECT_EQ(expiry("1.735743699e9").at, 1735743699);
  EXPECT_TRUE(expiry("null").given);
  EXPECT_EQ(expiry("null").at, std::nullopt);
  EXPECT_EQ(expiry("\"2025-01-01T15:01:39Z\"").at, 1735743699);
  EXPECT_EQ(expiry("\"2025-01-01T16:01:39.999+01:00\"").at, 1735743699);
  for (const char* bad : {"0", "-1", "\"2030-01-01\"", "true", "1e16", "[]", "\"1735743699\""}) {
    EXPECT_THAT(wrong(parse_create_token("{\"expirationDate\":" + std::string(bad) + "}")),
                HasSubstr("`expirationDate` must be"))
        << bad;
  }
}

TEST(CreateTokenBody, RefusesWhatIsNotStrictJson) {
  for (const std::string& bad : {std::string("{"),
                                 std::string("{} {}"),
                                 std::string("{}x"),
                                 std::string("{'a':1}"),
                                 std::string("{\"name\":\"a\",}"),
                                 std::string("// c\n{}"),
                                 std::string("{\"name\":\"\xff\"}"),
                                 std::string("{\"name\":\"\xed\xa0\x80\"}"),
                                 std::string("{\"name\":\"\\ud800\"}"),
                                 std::string("{\"name\":\"a\nb\"}"),
                                 std::string("{\"expirationDate\":1e400}"),
                                 std::string("{\"expirationDate\":NaN}"),
                                 std::string("{\"expirationDate\":01}"),
                                 std::string("{}\0", 3),
                                 std::string("{}\0{}", 5),
                                 std::string("\xef\xbb\xbf{}"),
                                 std::string("\xff\xfe{\0}\0", 6),
                                 std::string(" "),
                                 std::string(100000, '['),
                                 std::string("nul")}) {
    EXPECT_THAT(wrong(parse_create_token(bad)), HasSubstr("not well-formed JSON")) << bad;
  }
  for (const char* bad : {"[]", "null", "1", "\"x\"", R"({"post":[]})", R"({"post":null})"}) {
    EXPECT_THAT(wrong(parse_create_token(bad)), HasSubstr("a JSON object is expected")) << bad;
  }
}

TEST(CreateTokenBody, RefusesUnknownTwiceAndWrong) {
  const auto all = wrong(parse_create_token(
      R"({"tokenName":"a","tokenName":"a","nmae":1,"filters":"1","filtersOperator":"and","token":"mine"})"));
  EXPECT_THAT(all, HasSubstr("`tokenName` is given twice"));
  EXPECT_THAT(all, HasSubstr("unknown key `nmae`"));
  EXPECT_THAT(all, HasSubstr("`filters` must be a list"));
  EXPECT_THAT(all, HasSubstr("`filtersOperator` must be `AND` or `OR`"));
  EXPECT_THAT(all, HasSubstr("`token` cannot be chosen"));
  EXPECT_THAT(wrong(parse_create_token(R"({"name":"a","tokenName":"b"})")),
              HasSubstr("another name"));
  EXPECT_THAT(wrong(parse_create_token(R"({"name":"a","na\u006de":"a"})")),
              HasSubstr("given twice"));
  EXPECT_THAT(wrong(parse_create_token(R"({"post":{},"name":"a"})")),
              HasSubstr("unknown key `post`"));
  for (const char* bad : {"[1.0]", "[2147483648]", "[\"1\"]", "[1,1]", "[null]", "{}"}) {
    EXPECT_THAT(wrong(parse_create_token(R"({"filters":)" + std::string(bad) + "}")),
                HasSubstr("`filters`"))
        << bad;
  }
  std::string many = "0";
  for (int i = 1; i <= 100; ++i) {
    many += "," + std::to_string(i);
  }
  EXPECT_THAT(wrong(parse_create_token("{\"filters\":[" + many + "]}")),
              HasSubstr("more than 100"));
  EXPECT_THAT(wrong(parse_create_token("{\"name\":\"" + std::string(257, 'a') + "\"}")),
              HasSubstr("at most 256 bytes"));
  EXPECT_THAT(wrong(parse_create_token(R"({"name":"a\u0000b"})")),
              HasSubstr("without control characters"));
  EXPECT_THAT(wrong(parse_create_token(R"({"name":"\udc00"})")), ::testing::Not(IsEmpty()));
}

TEST(CreateTokenBody, ShowsUnknownKeysSafely) {
  const auto text =
      wrong(parse_create_token("{\"\\u001b[31m\xc3\xa9" + std::string(200, 'k') + "\":1}"));
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_LT(text.size(), 300U);
}

TEST(UpdateTokenBody, NeedsFilters) {
  EXPECT_THAT(wrong(parse_update_token("{}")), HasSubstr("`filters` is required"));
  EXPECT_THAT(wrong(parse_update_token(R"({"filters":null})")), HasSubstr("use [] for none"));
  EXPECT_THAT(wrong(parse_update_token("")), HasSubstr("not well-formed"));
  EXPECT_THAT(wrong(parse_update_token(R"({"post":{"filters":[]}})")),
              HasSubstr("unknown key `post`"));
  const auto request = parse_update_token(R"({"filters":[]})");
  ASSERT_TRUE(request);
  ASSERT_TRUE(request.value().filters.has_value());
  EXPECT_THAT(*request.value().filters, IsEmpty());
  EXPECT_EQ(request.value().enabled, std::nullopt);
  EXPECT_EQ(request.value().filters_operator, std::nullopt);
  EXPECT_FALSE(request.value().expiry.given);
  EXPECT_EQ(request.value().name, std::nullopt);
  const auto full = parse_update_token(
      R"({"filters":[2],"filtersOperator":"OR","expirationDate":null,"name":"n"})");
  ASSERT_TRUE(full);
  EXPECT_EQ(full.value().filters_operator, FiltersOperator::kOr);
  EXPECT_TRUE(full.value().expiry.given);
  EXPECT_EQ(full.value().name, "n");
}

TEST(CreateFilterBody, HoldsTheRulesOfFieldAndValue) {
  const auto good = parse_create_filter(
      R"({"field":"geo.dest","value":"Z\u00fcrich \"1\"","description":"d","id":5})");
  ASSERT_TRUE(good) << wrong(good);
  EXPECT_EQ(good.value().field, "geo.dest");
  EXPECT_EQ(good.value().value, "Z\xc3\xbcrich \"1\"");
  EXPECT_EQ(good.value().description, "d");
  EXPECT_FALSE(good.value().literal);
  EXPECT_TRUE(parse_create_filter(R"({"post":{"field":"a","value":"b"}})"));
  EXPECT_TRUE(parse_create_filter(R"({"field":"a","value":"b*","literal":true})"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"field":"a","value":"b*"})")),
              HasSubstr("wildcards are not supported"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"field":"a","value":"b?","literal":false})")),
              HasSubstr("wildcards are not supported"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"field":"a","value":""})")),
              HasSubstr("value is empty"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"field":"_id","value":"x"})")),
              HasSubstr("metadata field"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"field":"a","value":7})")),
              HasSubstr("`value` must be a text"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"value":"x"})")), HasSubstr("`field` is required"));
  EXPECT_THAT(wrong(parse_create_filter(R"({"field":"x"})")), HasSubstr("`value` is required"));
  EXPECT_THAT(wrong(parse_create_filter("")), HasSubstr("not well-formed"));
  EXPECT_THAT(
      wrong(parse_create_filter(R"({"field":"a","value":")" + std::string(1025, 'v') + "\"}")),
      HasSubstr("longer than 1024"));
  EXPECT_TRUE(parse_create_filter(R"({"field":"a","value":")" + std::string(1024, 'v') + "\"}"));
  for (const char* bad : {"", "a b", "a*", "a/b", "a\\\"b", "\\u00e9", "a\\u0000"}) {
    EXPECT_THAT(
        wrong(parse_create_filter(R"({"field":")" + std::string(bad) + R"(","value":"x"})")),
        HasSubstr("`field` must match"))
        << bad;
  }
}

TEST(UpdateTokenBody, InPartsNeedsNothing) {
  const auto nothing = parse_update_token("{}", UpdateForm::kPart);
  ASSERT_TRUE(nothing);
  EXPECT_FALSE(nothing.value().filters.has_value());
  const auto some = parse_update_token(R"({"enabled":false,"name":"n"})", UpdateForm::kPart);
  ASSERT_TRUE(some) << wrong(some);
  EXPECT_EQ(some.value().enabled, false);
  EXPECT_EQ(some.value().name, "n");
  EXPECT_THAT(wrong(parse_update_token(R"({"enabled":null})", UpdateForm::kPart)),
              HasSubstr("`enabled` must be true or false"));
  EXPECT_THAT(wrong(parse_update_token(R"({"clientKey":"k"})", UpdateForm::kPart)),
              HasSubstr("unknown key `clientKey`"));
  EXPECT_THAT(wrong(parse_update_token("", UpdateForm::kPart)), HasSubstr("not well-formed"));
}

TEST(CreateTokenBody, TakesAClientKeyAndTheState) {
  const auto request = parse_create_token(R"({"clientKey":"a/b:1","enabled":false})");
  ASSERT_TRUE(request) << wrong(request);
  EXPECT_EQ(request.value().client_key, "a/b:1");
  EXPECT_FALSE(request.value().enabled);
  EXPECT_TRUE(parse_create_token(R"({"clientKey":")" + std::string(255, 'k') + "\"}"));
  for (const std::string& bad :
       {std::string("\"\""), std::string("\"a b\""), std::string("7"), std::string("null"),
        std::string("\"\\u00e9\""), "\"" + std::string(256, 'k') + "\""}) {
    EXPECT_THAT(wrong(parse_create_token("{\"clientKey\":" + bad + "}")),
                HasSubstr("`clientKey` must be"))
        << bad;
  }
}

TEST(CreateTokensBody, ReadsEachAndSaysWhichIsWrong) {
  const auto two = parse_create_tokens(R"({"tokens":[{"name":"a","filters":[2,1]},{}]})");
  ASSERT_TRUE(two) << wrong(two);
  ASSERT_EQ(two.value().size(), 2U);
  EXPECT_EQ(two.value()[0].name, "a");
  EXPECT_THAT(two.value()[0].filters, ElementsAre(1, 2));
  EXPECT_EQ(two.value()[1].name, "");
  const auto bad = wrong(parse_create_tokens(
      R"({"tokens":[{},{"nmae":"a"},7,{"filters":"x","filtersOperator":"x"}]})"));
  EXPECT_THAT(bad, HasSubstr("/tokens/1/nmae: token 1: unknown key `nmae`"));
  EXPECT_THAT(bad, HasSubstr("/tokens/2: token 2: a JSON object"));
  EXPECT_THAT(bad, HasSubstr("token 3: `filters`"));
  EXPECT_THAT(bad, HasSubstr("token 3: `filtersOperator`"));
  std::string many = "{}";
  for (std::size_t i = 1; i <= kMaxBulk; ++i) {
    many += ",{}";
  }
  for (const std::string& body : {"{\"tokens\":[" + many + "]}", std::string(R"({"tokens":[]})"),
                                  std::string(R"({"tokens":{}})")}) {
    EXPECT_THAT(wrong(parse_create_tokens(body)), HasSubstr("a list of 1 to 100"));
  }
  EXPECT_THAT(wrong(parse_create_tokens("{}")), HasSubstr("`tokens` is required"));
  EXPECT_THAT(wrong(parse_create_tokens(R"({"tokens":[{"post":{}}]})")),
              HasSubstr("unknown key `post`"));
}

TEST(UpdateFilterBody, HoldsTheRulesOfFieldAndValue) {
  const auto whole = parse_update_filter(R"({"field":"a","value":"b","id":3})");
  ASSERT_TRUE(whole) << wrong(whole);
  EXPECT_EQ(whole.value().field, "a");
  EXPECT_EQ(whole.value().value, "b");
  EXPECT_EQ(whole.value().description, std::nullopt);
  EXPECT_EQ(
      parse_update_filter(R"({"field":"a","value":"b","description":null})").value().description,
      "");
  EXPECT_THAT(wrong(parse_update_filter(R"({"field":"a"})")), HasSubstr("`value` is required"));
  EXPECT_THAT(wrong(parse_update_filter(R"({"field":"a","value":"b*"})")),
              HasSubstr("wildcards are not supported"));
  EXPECT_TRUE(parse_update_filter(R"({"field":"a","value":"b*","literal":true})"));
  const auto part = parse_update_filter(R"({"value":"c"})", UpdateForm::kPart);
  ASSERT_TRUE(part) << wrong(part);
  EXPECT_EQ(part.value().field, std::nullopt);
  EXPECT_THAT(wrong(parse_update_filter(R"({"value":""})", UpdateForm::kPart)),
              HasSubstr("value is empty"));
  EXPECT_THAT(wrong(parse_update_filter(R"({"field":"_id"})", UpdateForm::kPart)),
              HasSubstr("metadata field"));
  EXPECT_THAT(wrong(parse_update_filter(R"({"literal":true})", UpdateForm::kPart)),
              HasSubstr("give both"));
  EXPECT_THAT(wrong(parse_update_filter(R"({"id":1})", UpdateForm::kPart)),
              HasSubstr("unknown key `id`"));
}

TEST(RotateBody, HasAGrace) {
  EXPECT_EQ(parse_rotate("").value().grace, 0);
  EXPECT_EQ(parse_rotate("{}").value().grace, 0);
  EXPECT_EQ(parse_rotate(R"({"grace":2592000})").value().grace, 2592000);
  for (const char* bad : {"-1", "2592001", "1.5", "\"1h\"", "null", "1e3"}) {
    EXPECT_THAT(wrong(parse_rotate("{\"grace\":" + std::string(bad) + "}")),
                HasSubstr("`grace` must be a whole number from 0 to 2592000"))
        << bad;
  }
}

}  // namespace
}  // namespace weir::proxy
