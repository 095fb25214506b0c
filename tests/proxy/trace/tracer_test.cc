#include "trace/tracer.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

TraceOrder order_of(const std::string& account) {
  TraceOrder order;
  order.account = account;
  order.until_ms = 1'000;
  return order;
}

TraceOrder order_for_token(std::uint32_t token) {
  TraceOrder order = order_of("a");
  order.token = token;
  return order;
}

class TracerTest : public ::testing::Test {
 protected:
  std::uint32_t match(std::int64_t now_ms = 0) { return tracer_.match(subject_, now_ms); }

  Tracer tracer_;
  std::vector<std::string> indices_ = {"logs-1", "logs-2"};
  TraceSubject subject_{.account = "a",
                        .token = 7,
                        .route = "search",
                        .request_id = "00000000000000ff",
                        .indices = indices_};
};

TEST_F(TracerTest, IsOffWithoutOrders) {
  EXPECT_FALSE(tracer_.on());
  EXPECT_EQ(match(), 0U);
}

TEST_F(TracerTest, TracesTheTokenTheIndexOrTheRoute) {
  TraceOrder other = order_for_token(8);
  tracer_.add(other, 0);
  EXPECT_TRUE(tracer_.on());
  EXPECT_EQ(match(), 0U);
  TraceOrder index = order_of("a");
  index.index = "logs-2";
  const std::uint32_t by_index = tracer_.add(index, 0)->id;
  EXPECT_EQ(match(), by_index);
  TraceOrder route = order_of("a");
  route.route = "search";
  const std::uint32_t by_route = tracer_.add(route, 0)->id;
  EXPECT_EQ(match(), by_index) << "one line for a request";
  EXPECT_TRUE(tracer_.remove("a", by_index, 0));
  EXPECT_EQ(match(), by_route);
  subject_.route = "count";
  EXPECT_EQ(match(), 0U);
  EXPECT_EQ(tracer_.orders("a", 0).back().traced, 1U);
}

TEST_F(TracerTest, TracesOnlyTheAccountsOwnRequests) {
  const std::uint32_t id = tracer_.add(order_for_token(7), 0)->id;
  subject_.account = "b";
  EXPECT_EQ(match(), 0U);
  subject_.account = {};
  EXPECT_EQ(match(), 0U);
  EXPECT_TRUE(tracer_.orders("b", 0).empty());
  EXPECT_FALSE(tracer_.remove("b", id, 0));
  subject_.account = "a";
  EXPECT_EQ(match(), id);
}

TEST_F(TracerTest, EndsByItself) {
  tracer_.add(order_for_token(7), 0);
  EXPECT_NE(match(999), 0U);
  EXPECT_EQ(match(1'000), 0U);
  EXPECT_FALSE(tracer_.on());
  EXPECT_TRUE(tracer_.orders("a", 1'000).empty());
}

TEST_F(TracerTest, DrawsASample) {
  TraceOrder order = order_for_token(7);
  order.sample = 0.25;
  tracer_.add(order, 0);
  subject_.request_id = "3fffffffffffffff";
  EXPECT_NE(match(), 0U);
  subject_.request_id = "4000000000000000";
  EXPECT_EQ(match(), 0U);
  subject_.request_id = "ffffffffffffffff";
  EXPECT_EQ(match(), 0U);
}

TEST_F(TracerTest, TracesEverythingAtOne) {
  tracer_.add(order_for_token(7), 0);
  subject_.request_id = "ffffffffffffffff";
  EXPECT_NE(match(), 0U);
}

TEST_F(TracerTest, IsBounded) {
  for (std::size_t i = 0; i < Tracer::kMaxOrdersOfAccount; ++i) {
    EXPECT_TRUE(tracer_.add(order_for_token(7), 0)) << i;
  }
  EXPECT_FALSE(tracer_.add(order_for_token(7), 0));
  for (std::size_t i = Tracer::kMaxOrdersOfAccount; i < Tracer::kMaxOrders; ++i) {
    EXPECT_TRUE(tracer_.add(order_of(std::to_string(i)), 0)) << i;
  }
  EXPECT_FALSE(tracer_.add(order_of("z"), 0));
  EXPECT_TRUE(tracer_.add(order_of("z"), 1'000)) << "the others have ended";
}

TEST(IndexPatterns, MeetWhereANameCouldFitBoth) {
  EXPECT_TRUE(index_patterns_meet("logs-1", "logs-1"));
  EXPECT_FALSE(index_patterns_meet("logs-1", "logs-10"));
  EXPECT_TRUE(index_patterns_meet("logs-*", "logs-1"));
  EXPECT_TRUE(index_patterns_meet("logs-1", "logs-*"));
  EXPECT_TRUE(index_patterns_meet("l*s-*1", "logs-a1"));
  EXPECT_FALSE(index_patterns_meet("l*s-*1", "logs-a2"));
  EXPECT_TRUE(index_patterns_meet("logs-*", "logs-a*"));
  EXPECT_TRUE(index_patterns_meet("*-a", "logs-*"));
  EXPECT_FALSE(index_patterns_meet("logs-*", "audit-*"));
  EXPECT_FALSE(index_patterns_meet("*-a", "*-b"));
  EXPECT_TRUE(index_patterns_meet("*", "logs-1"));
  EXPECT_FALSE(index_patterns_meet("", "logs-1"));
}

}  // namespace
}  // namespace weir::proxy
