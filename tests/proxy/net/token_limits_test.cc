#include "net/token_limits.h"

#include <gtest/gtest.h>

#include <string>
#include <variant>

namespace weir::proxy {
namespace {

TokenLimits from(const char* network) {
  TokenLimits limits;
  limits.networks = {parse_network(network).value()};
  return limits;
}

RequestHead head_with(const std::string& lines) {
  auto parsed = parse_request_head("GET / HTTP/1.1\r\nHost: gate\r\n" + lines + "\r\n");
  return std::move(std::get<RequestHead>(parsed));
}

TokenLimits pages(std::vector<std::string> origins) {
  TokenLimits limits;
  limits.referrers = std::move(origins);
  return limits;
}

TEST(TokenLimits, ReadNetworksInOneForm) {
  EXPECT_EQ(parse_network("10.0.0.0/8")->text(), "10.0.0.0/8");
  EXPECT_EQ(parse_network("192.0.2.7")->text(), "192.0.2.7");
  EXPECT_EQ(parse_network("192.0.2.7/32")->text(), "192.0.2.7");
  EXPECT_EQ(parse_network("2001:DB8:0::/32")->text(), "2001:db8::/32");
  EXPECT_EQ(parse_network("::/0")->text(), "::/0");
  EXPECT_EQ(parse_network("0.0.0.0/0")->text(), "0.0.0.0/0");
  EXPECT_EQ(parse_network("::ffff:10.1.0.0/112")->text(), "10.1.0.0/16");
  for (const char* wrong :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.1/8", "10.0.0/8",
        "10.0.0.0/8/8", "::1/129", "fe80::1%lo", "host", "10.0.0.0 /8"}) {
    EXPECT_FALSE(parse_network(wrong)) << wrong;
  }
}

TEST(TokenLimits, AllowThePeersInTheirNetworks) {
  EXPECT_TRUE(TokenLimits().allows_remote("192.0.2.7"));
  EXPECT_TRUE(from("10.0.0.0/8").allows_remote("10.255.0.1"));
  EXPECT_TRUE(from("10.0.0.0/8").allows_remote("::ffff:10.255.0.1"));
  EXPECT_FALSE(from("10.0.0.0/8").allows_remote("11.0.0.1"));
  EXPECT_TRUE(from("10.0.0.0/9").allows_remote("10.127.255.255"));
  EXPECT_FALSE(from("10.0.0.0/9").allows_remote("10.128.0.0"));
  EXPECT_TRUE(from("2001:db8::/33").allows_remote("2001:db8:7fff::1"));
  EXPECT_FALSE(from("2001:db8::/33").allows_remote("2001:db8:8000::1"));
  EXPECT_FALSE(from("0.0.0.0/0").allows_remote("2001:db8::1"));
  EXPECT_TRUE(from("::/0").allows_remote("10.0.0.1"));
  EXPECT_TRUE(from("fe80::/10").allows_remote("fe80::1%eth0"));
  EXPECT_FALSE(from("::/0").allows_remote("-")) << "a peer that is gone is nowhere";
}

TEST(TokenLimits, ReadOriginsInOneForm) {
  EXPECT_EQ(parse_origin("HTTPS://App.Example"), "https://app.example");
  EXPECT_EQ(parse_origin("https://app.example:443"), "https://app.example");
  EXPECT_EQ(parse_origin("http://app.example:80"), "http://app.example");
  EXPECT_EQ(parse_origin("http://app.example:443"), "http://app.example:443");
  EXPECT_EQ(parse_origin("https://[::1]:8443"), "https://[::1]:8443");
  EXPECT_EQ(parse_origin("https://*.example"), "https://*.example");
  for (const char* wrong :
       {"", "null", "app.example", "ftp://a", "https://", "https://a/", "https://a?b",
        "https://u@a", "https://a:b", "https://a:99999", "https://*", "https://a.*.example",
        "https://.a", "https:// a", "https://*."}) {
    EXPECT_FALSE(parse_origin(wrong)) << wrong;
  }
}

TEST(TokenLimits, AllowTheirPages) {
  EXPECT_TRUE(TokenLimits().allows_referrer(head_with("")));
  const TokenLimits app = pages({"https://app.example", "https://*.tools.example"});
  EXPECT_FALSE(app.allows_referrer(head_with("")));
  EXPECT_TRUE(app.allows_referrer(head_with("Origin: https://app.example\r\n")));
  EXPECT_TRUE(app.allows_referrer(head_with("Referer: https://app.example/a?b#c\r\n")));
  EXPECT_TRUE(app.allows_referrer(head_with("Referer: https://a.b.tools.example?x\r\n")));
  EXPECT_FALSE(app.allows_referrer(head_with("Referer: https://tools.example/\r\n")));
  EXPECT_FALSE(app.allows_referrer(head_with("Referer: https://eviltools.example/\r\n")));
  EXPECT_FALSE(app.allows_referrer(head_with("Referer: http://app.example/\r\n")));
  EXPECT_FALSE(app.allows_referrer(head_with("Referer: https://app.example:8443/\r\n")));
  EXPECT_FALSE(app.allows_referrer(head_with("Origin: null\r\n")));
  EXPECT_FALSE(app.allows_referrer(head_with("Origin: https://*.tools.example\r\n")));
  EXPECT_FALSE(app.allows_referrer(
      head_with("Origin: https://evil.example\r\nReferer: https://app.example/\r\n")))
      << "what a browser says itself counts more";
  EXPECT_FALSE(app.allows_referrer(
      head_with("Origin: https://app.example\r\nOrigin: https://evil.example\r\n")));
}

TEST(TokenLimits, AreFoundByTheToken) {
  TokenLimitsTable table;
  table.add(1, {});
  table.add(2, from("10.0.0.0/8"));
  EXPECT_EQ(table.find(1), nullptr);
  EXPECT_EQ(table.find(3), nullptr);
  ASSERT_NE(table.find(2), nullptr);
  EXPECT_EQ(*table.find(2), from("10.0.0.0/8"));
}

TEST(TokenLimits, AForkedTableLeavesTheOtherAsItWas) {
  auto table = std::make_shared<TokenLimitsTable>();
  table->add(2, from("10.0.0.0/8"));
  table->add(1026, from("10.1.0.0/16"));  // of the same part
  const auto fork = table->fork();
  EXPECT_EQ(fork->find(2), table->find(2)) << "shared";
  fork->remove(2);
  fork->add(3, from("10.2.0.0/16"));
  fork->add(1026, from("10.3.0.0/16"));
  fork->remove(4);
  EXPECT_EQ(fork->find(2), nullptr);
  EXPECT_EQ(*fork->find(3), from("10.2.0.0/16"));
  EXPECT_EQ(*fork->find(1026), from("10.3.0.0/16"));
  EXPECT_EQ(*table->find(2), from("10.0.0.0/8"));
  EXPECT_EQ(table->find(3), nullptr);
  EXPECT_EQ(*table->find(1026), from("10.1.0.0/16"));
}

TEST(TokenLimits, HaveCodesThatClientsCanKeyOn) {
  EXPECT_EQ(deny_info(DenyCode::kTokenNetwork).code, "token.network");
  EXPECT_EQ(deny_info(DenyCode::kTokenNetwork).status, 403);
  EXPECT_EQ(deny_info(DenyCode::kTokenReferrer).code, "token.referrer");
  EXPECT_EQ(deny_info(DenyCode::kTokenReferrer).status, 403);
  EXPECT_EQ(deny_info(DenyCode::kLimitRate).code, "limit.rate");
  EXPECT_EQ(deny_info(DenyCode::kLimitRate).status, 429);
  EXPECT_EQ(deny_info(DenyCode::kLimitResponse).code, "limit.response");
  EXPECT_EQ(deny_info(DenyCode::kLimitResponse).status, 403);
}

}  // namespace
}  // namespace weir::proxy
