#include "front/cookies.h"

#include <gtest/gtest.h>

namespace weir::proxy {
namespace {

FrontCookies::Read read(const FrontCookies& cookies, std::string_view line) {
  RequestHead head;
  head.headers.emplace_back("cookie", line);
  return cookies.read(head);
}

TEST(FrontCookies, TakesItsOwnAndPassesOn) {
  const FrontCookies cookies(false, SameSite::kLax);
  const auto seen = read(cookies, "a=1; weir=6c1f3f0e-0000-4000-8000-000000000000; b=2");
  EXPECT_TRUE(seen.present);
  EXPECT_TRUE(seen.secret.equals("6c1f3f0e-0000-4000-8000-000000000000"));
  EXPECT_EQ(seen.others, "a=1; b=2");
}

// The console may be on the same host, and a session of it is nothing that Dashboards may see or
// set.
TEST(FrontCookies, NeitherSendsNorTakesCookiesOfTheConsole) {
  const FrontCookies cookies(false, SameSite::kLax);
  for (const std::string_view name :
       {"weir-console", "__Host-weir-console", "Weir-Console", "__host-weir", "weir-replaced"}) {
    EXPECT_EQ(read(cookies, "a=1; " + std::string(name) + "=x").others, "a=1") << name;
    EXPECT_FALSE(cookies.may_pass(std::string(name) + "=x; Path=/")) << name;
  }
  EXPECT_EQ(read(cookies, "weirdly=1").others, "weirdly=1");
  EXPECT_TRUE(cookies.may_pass("weirdly=1"));
}

}  // namespace
}  // namespace weir::proxy
