#include "cli/api_output.h"

#include <gtest/gtest.h>

#include "cli/api_command.h"

namespace weir::proxy {
namespace {

const std::vector<Column> kColumns = {
    {"ID", "id"}, {"NAME", "name"}, {"AT", "at", Column::Kind::kTime}};

TEST(TableOf, AlignsRowsUnderTheirTitles) {
  const std::string body =
      R"([{"id":7,"name":"é","at":0.000000000,"x":1},{"id":12345,"name":null,"at":null}])";
  const std::string wanted = "ID     NAME  AT\n7      é     1970-01-01T00:00:00Z\n12345  -     -\n";
  EXPECT_EQ(table_of(body, kColumns, true), wanted);
  EXPECT_EQ(table_of(R"({"total":2,"results":)" + body + "}", kColumns, true), wanted);
  EXPECT_EQ(table_of("[]", kColumns, true), "ID  NAME  AT\n");
}

TEST(TableOf, ShowsEveryMemberOfOneObject) {
  EXPECT_EQ(table_of(R"({"id":7,"at":0,"filters":[1,2],"more":{"a":true}})", kColumns, false),
            "id       7\nat       1970-01-01T00:00:00Z\nfilters  1,2\nmore     {\"a\":true}\n");
}

TEST(TableOf, IsEmptyForWhatIsNoAnswer) {
  for (const char* bad : {"", "<html>", "7", "[7]", "{}", "[{]"}) {
    EXPECT_EQ(table_of(bad, kColumns, true), "") << bad;
  }
}

TEST(Printable, LeavesTerminalsAlone) {
  EXPECT_EQ(printable("a\x1b[31m\x7f\n\tb"), "a?[31m???b");
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m \xC2\xA0 é"),
            "?31m \xC2\xA0 é");
  EXPECT_EQ(printable("\xC2"), "\xC2");
}

TEST(DescribeError, TellsMessageCodeAndRequest) {
  EXPECT_EQ(describe_error({400, R"({"message":"no","errorCode":"a/B","requestId":"r"})", ""}),
            "no (status 400, errorCode a/B, requestId r)");
  EXPECT_EQ(describe_error({503, "", ""}),
            "the server answered with status 503 and without a reason");
}

TEST(BodyBuilder, WritesMembersAsJson) {
  BodyBuilder out;
  out.text("a", "q\"\\\n");
  out.text("none", std::nullopt);
  out.numbers("n", std::vector<std::int32_t>{1, 2});
  out.numbers("e", std::vector<std::int32_t>{});
  out.flag("f", false);
  EXPECT_EQ(out.expiry("x", "never"), "");
  EXPECT_EQ(out.expiry("t", "2030-12-31T23:59:59Z"), "");
  EXPECT_NE(out.expiry("bad", "soon"), "");
  EXPECT_EQ(out.json(),
            R"({"a":"q\"\\\n","n":[1,2],"e":[],"f":false,"x":null,"t":"2030-12-31T23:59:59Z"})");
}

TEST(PercentEncoded, LeavesOnlyPlainCharacters) {
  EXPECT_EQ(percent_encoded("aZ9-._~ &=/\xC3\xA9"), "aZ9-._~%20%26%3D%2F%C3%A9");
}

}  // namespace
}  // namespace weir::proxy
