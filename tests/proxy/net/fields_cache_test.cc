#include "net/fields_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

using std::chrono::seconds;
using ::testing::IsEmpty;

const TimePoint kStart{seconds(1000)};

RequestView field_caps(std::string_view target, std::string_view body = {}) {
  RequestView request;
  request.target = target;
  request.body = body;
  return request;
}

TEST(FieldsCacheTest, AnAnswerBelongsToOneRequestOfOneTokenAtOneEpoch) {
  FieldsCache cache(seconds(10));
  const RequestView request = field_caps("/_field_caps?fields=*");
  const std::string key = cache.key_of(1, 1, request);
  cache.put(key, "answer", kStart);
  ASSERT_NE(cache.find(key, kStart).body, nullptr);
  EXPECT_EQ(*cache.find(key, kStart).body, "answer");
  for (const std::string& other : {cache.key_of(2, 1, request), cache.key_of(1, 2, request),
                                   cache.key_of(1, 1, field_caps("/_field_caps?fields=a")),
                                   cache.key_of(1, 1, field_caps("/_field_caps?fields=*", "{}"))}) {
    EXPECT_EQ(cache.find(other, kStart).body, nullptr) << other;
  }
}

TEST(FieldsCacheTest, AnOldAnswerIsGivenWhileOneCallerAsksAnew) {
  FieldsCache cache(seconds(10));
  const std::string key = cache.key_of(1, 1, field_caps("/_field_caps"));
  cache.put(key, "old", kStart);
  EXPECT_FALSE(cache.find(key, kStart + seconds(10)).ask_anew);
  EXPECT_TRUE(cache.find(key, kStart + seconds(11)).ask_anew);
  const FieldsCache::Found second = cache.find(key, kStart + seconds(11));
  EXPECT_FALSE(second.ask_anew);
  ASSERT_NE(second.body, nullptr);
  cache.let_be(key);
  EXPECT_TRUE(cache.find(key, kStart + seconds(11)).ask_anew);
  cache.put(key, "new", kStart + seconds(12));
  EXPECT_EQ(*cache.find(key, kStart + seconds(13)).body, "new");
  EXPECT_EQ(cache.find(key, kStart + seconds(80)).body, nullptr);
}

TEST(FieldsCacheTest, ZeroKeepsNothingAndLargeRequestsAreNotKept) {
  EXPECT_THAT(FieldsCache(Millis::zero()).key_of(1, 1, field_caps("/_field_caps")), IsEmpty());
  const std::string large(10000, ' ');
  EXPECT_THAT(FieldsCache(seconds(10)).key_of(1, 1, field_caps("/_field_caps", large)), IsEmpty());
}

TEST(FieldsCacheTest, WhatIsKeptIsBounded) {
  FieldsCache cache(seconds(10));
  const std::string body(3U << 20U, 'x');
  std::string first = cache.key_of(1, 1, field_caps("/_field_caps"));
  cache.put(first, body, kStart);
  for (std::uint32_t token = 2; token < 20; ++token) {
    cache.put(cache.key_of(token, 1, field_caps("/_field_caps")), body, kStart);
  }
  EXPECT_EQ(cache.find(first, kStart).body, nullptr);
  EXPECT_NE(cache.find(cache.key_of(19, 1, field_caps("/_field_caps")), kStart).body, nullptr);
}

}  // namespace
}  // namespace weir::proxy
