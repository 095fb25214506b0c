#include "response/json_stream.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "engine/response/reference.h"

namespace weir::response {
namespace {

// Writes down what it is told; enters every container down to a depth, and checks that no byte is
// lost.
class Recorder final : public JsonEvents {
 public:
  explicit Recorder(std::size_t enter_depth) : enter_depth_(enter_depth) {}

  bool glue(std::string_view raw) override {
    EXPECT_FALSE(in_whole_);
    EXPECT_FALSE(raw.empty());
    all += raw;
    return true;
  }
  void key(std::string_view name) override { events += "key(" + std::string(name) + ") "; }
  Step value(JsonKind kind) override {
    EXPECT_FALSE(in_whole_);
    events += "{[\"0tfn"[static_cast<std::size_t>(kind)];
    bool container = kind == JsonKind::kObject || kind == JsonKind::kArray;
    if (container && depth_ < enter_depth_) {
      ++depth_;
      events += "enter ";
      return Step::kEnter;
    }
    in_whole_ = true;
    whole.clear();
    return Step::kWhole;
  }
  bool bytes(std::string_view raw) override {
    EXPECT_TRUE(in_whole_);
    all += raw;
    whole += raw;
    return true;
  }
  bool end() override {
    events += "(" + whole + ") ";
    in_whole_ = false;
    return true;
  }
  bool leave() override {
    --depth_;
    events += "leave ";
    return true;
  }

  std::string all;
  std::string whole;
  std::string events;

 private:
  std::size_t enter_depth_;
  std::size_t depth_ = 0;
  bool in_whole_ = false;
};

struct Scan {
  bool good = false;
  std::string events;
  std::string all;
};

Scan scan(const std::vector<std::string_view>& pieces, std::size_t enter_depth) {
  Recorder recorder(enter_depth);
  JsonStream stream;
  bool good = true;
  for (std::string_view piece : pieces) {
    std::vector<char> copy(piece.begin(), piece.end());
    good = stream.feed({copy.data(), copy.size()}, recorder);
  }
  good = stream.finish(recorder);
  return {good, recorder.events, recorder.all};
}

// The same at every cut and byte by byte; returns it.
Scan scan_every_way(std::string_view text, std::size_t enter_depth) {
  Scan whole = scan({text}, enter_depth);
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    Scan two = scan({text.substr(0, cut), text.substr(cut)}, enter_depth);
    EXPECT_EQ(two.good, whole.good) << text << " cut at " << cut;
    if (whole.good) {
      EXPECT_EQ(two.events, whole.events) << text << " cut at " << cut;
      EXPECT_EQ(two.all, text);
    }
  }
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < text.size(); ++i) bytes.push_back(text.substr(i, 1));
  Scan slow = scan(bytes, enter_depth);
  EXPECT_EQ(slow.good, whole.good) << text;
  EXPECT_TRUE(!whole.good || slow.events == whole.events) << text;
  return whole;
}

TEST(JsonStream, ReportsMembersByPosition) {
  std::string_view text =
      "{\"a\" : [1, {\"b\":null}] ,\n\t\"c\":\"x\\\"y\", \"d\":{}, \"e\":[]}\r\n";
  EXPECT_EQ(
      scan_every_way(text, 1).events,
      "{enter key(a) [([1, {\"b\":null}]) key(c) \"(\"x\\\"y\") key(d) {({}) key(e) [([]) leave ");
  EXPECT_EQ(scan_every_way(text, 9).events,
            "{enter key(a) [enter 0(1) {enter key(b) n(null) leave leave key(c) \"(\"x\\\"y\") "
            "key(d) {enter leave "
            "key(e) [enter leave leave ");
  EXPECT_EQ(scan_every_way(text, 0).events.substr(0, 10), "{({\"a\" : [");
}

TEST(JsonStream, DecodesKeys) {
  EXPECT_EQ(scan_every_way(R"({"_scroll\u005fid":1})", 1).events,
            "{enter key(_scroll_id) 0(1) leave ");
  EXPECT_EQ(scan_every_way(R"({"a\/\"\\b":1})", 1).events, "{enter key(a/\"\\b) 0(1) leave ");
  EXPECT_EQ(scan_every_way("{\"gr\xC3\xBC\xC3\x9F\":1}", 1).events,
            "{enter key(gr\xC3\xBC\xC3\x9F) 0(1) leave ");
}

TEST(JsonStream, ForgetsKeysThatCannotBeNames) {
  std::string fits(JsonStream::kMaxKeyBytes, 'k');
  EXPECT_EQ(scan_every_way("{\"" + fits + "\":1}", 1).events,
            "{enter key(" + fits + ") 0(1) leave ");
  EXPECT_EQ(scan_every_way("{\"" + fits + "k\":1}", 1).events, "{enter key() 0(1) leave ");
  EXPECT_EQ(scan_every_way(R"({"\u00e9a":1})", 1).events, "{enter key() 0(1) leave ");
}

TEST(JsonStream, AcceptsWhatIsJson) {
  for (std::string_view text :
       {"0", "-0", " 12 ", "-1.5e+10", "1E5", "1.25", "0.0e-0", "true", "false", "null", "\"\"",
        "[]", "{}", "[[],{}]", "\"\\ud800\"", "\"\x7f\"", "[1,2]", " [ 1 , \"a\" ] "}) {
    EXPECT_TRUE(scan_every_way(text, 9).good) << text;
    EXPECT_TRUE(scan_every_way(text, 0).good) << text;
  }
}

TEST(JsonStream, RefusesWhatIsNot) {
  for (std::string_view text : {"",
                                " ",
                                "-",
                                "01",
                                "1.",
                                ".5",
                                "1e",
                                "1e+",
                                "+1",
                                "0x1",
                                "tru",
                                "truf",
                                "nul",
                                "True",
                                "NaN",
                                "\"",
                                "\"a",
                                "\"\\x\"",
                                "\"\\u12g4\"",
                                "\"\\u12\"",
                                "\"\t\"",
                                "[",
                                "[1",
                                "[1,",
                                "[1,]",
                                "[,1]",
                                "[1 2]",
                                "]",
                                "{",
                                "{\"a\"",
                                "{\"a\":",
                                "{\"a\":1",
                                "{\"a\":1,}",
                                "{,}",
                                "{a:1}",
                                "{\"a\" 1}",
                                "{\"a\":1]",
                                "[1}",
                                "{} {}",
                                "1 2",
                                "[]]",
                                "/**/1",
                                "'a'",
                                "\xEF\xBB\xBF{}",
                                "{\"a\":1 \"b\":2}",
                                "{1:2}",
                                "{\"a\":}",
                                "{\"a\"::1}",
                                "[1]x",
                                "--1",
                                "1-",
                                "1e5.5"}) {
    EXPECT_FALSE(scan_every_way(text, 9).good) << text;
    EXPECT_FALSE(scan_every_way(text, 0).good) << text;
  }
}

TEST(JsonStream, BoundsTheDepth) {
  std::string deep =
      std::string(JsonStream::kMaxDepth, '[') + std::string(JsonStream::kMaxDepth, ']');
  EXPECT_TRUE(scan({deep}, 0).good);
  EXPECT_TRUE(scan({deep}, JsonStream::kMaxDepth).good);
  EXPECT_FALSE(scan({'[' + deep + ']'}, 0).good);
  EXPECT_FALSE(scan({std::string(1000000, '{')}, 0).good);
}

TEST(JsonStream, StopsWhereAnEditorRefuses) {
  class Refuser final : public JsonEvents {
   public:
    bool glue(std::string_view) override { return true; }
    void key(std::string_view) override {}
    Step value(JsonKind) override { return ++values == 2 ? Step::kFail : Step::kEnter; }
    bool bytes(std::string_view) override { return true; }
    bool end() override { return true; }
    bool leave() override { return true; }
    int values = 0;
  };
  Refuser refuser;
  JsonStream stream;
  EXPECT_FALSE(stream.feed("[[[]]]", refuser));
  EXPECT_FALSE(stream.feed("", refuser));
  EXPECT_FALSE(stream.finish(refuser));
  EXPECT_EQ(refuser.values, 2);
  // Entering what has no members is refused too.
  Refuser enterer;
  JsonStream other;
  EXPECT_FALSE(other.feed("1", enterer));
}

// Texts a few mutations away from JSON are judged as RapidJSON judges them.
TEST(JsonStream, JudgesMutatedTextsAsRapidJsonDoes) {
  std::mt19937 random(20240229);
  const std::vector<std::string> seeds = {
      R"({"took":3,"hits":{"total":{"value":1,"relation":"eq"},"hits":[{"_id":"a\n\u00e9","_source":{"x":[-1.5e3,0,true]}}]}})",
      R"([ {"a" : [ ] , "b" : { } } , null , false , "\\\"\/" , 0.1 , 10 ])"};
  const std::string_view alphabet = "{}[]\",:\\ 0123456789-+.eEtrufalsn/bx\n\t\x01\x7f";
  auto pick = [&](std::size_t n) {
    return std::uniform_int_distribution<std::size_t>(0, n - 1)(random);
  };
  int accepted = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = seeds[pick(seeds.size())];
    for (std::size_t n = 1 + pick(3); n > 0; --n) {
      std::size_t at = pick(text.size());
      switch (pick(3)) {
        case 0:
          text[at] = alphabet[pick(alphabet.size())];
          break;
        case 1:
          text.erase(at, 1 + pick(4));
          break;
        default:
          text.insert(at, 1, alphabet[pick(alphabet.size())]);
      }
      if (text.empty()) text = " ";
    }
    std::size_t cut = pick(text.size());
    std::string_view view = text;
    bool good = scan({view.substr(0, cut), view.substr(cut)}, pick(4)).good;
    rapidjson::ParseErrorCode judged = reference::judge(text);
    // RapidJSON also refuses numbers beyond a double and unpaired surrogates: not a matter of
    // grammar.
    if (judged == rapidjson::kParseErrorNumberTooBig ||
        judged == rapidjson::kParseErrorStringUnicodeSurrogateInvalid) {
      continue;
    }
    ASSERT_EQ(good, judged == rapidjson::kParseErrorNone) << text;
    accepted += good ? 1 : 0;
  }
  EXPECT_GT(accepted, 1000);
}

}  // namespace
}  // namespace weir::response
