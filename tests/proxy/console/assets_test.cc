// The console's files as they are served.
#include "console/assets.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string header(const SmallResponse& response, const std::string& name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(ConsoleAssets, AreBelowTheConsole) {
  EXPECT_TRUE(is_console_page("/console"));
  EXPECT_TRUE(is_console_page("/console/"));
  EXPECT_TRUE(is_console_page("/console/main.js"));
  EXPECT_FALSE(is_console_page("/console/session")) << "the API's";
  EXPECT_FALSE(is_console_page("/consoles"));
  EXPECT_FALSE(is_console_page("/v1/shared-tokens"));
}

TEST(ConsoleAssets, AreGuarded) {
  for (const char* path : {"/console", "/console/", "/console/none"}) {
    const SmallResponse response = console_page(path, false);
    const std::string policy = header(response, "content-security-policy");
    EXPECT_THAT(policy, HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
    EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
    EXPECT_EQ(header(response, "x-content-type-options"), "nosniff");
    EXPECT_EQ(header(response, "referrer-policy"), "no-referrer");
  }
  EXPECT_EQ(console_page("/console/none", true).status, 404);
}

TEST(ConsoleAssets, AreKeptByBrowsersOnlyUnderNamesThatChange) {
  std::size_t pages = 0;
  for (const ConsoleAsset& asset : console_assets()) {
    const SmallResponse response = console_page("/console/" + std::string(asset.path), false);
    EXPECT_EQ(response.status, 200) << asset.path;
    EXPECT_EQ(response.body, asset.plain);
    EXPECT_EQ(header(response, "content-encoding"), "");
    EXPECT_EQ(header(response, "cache-control"),
              asset.immutable ? "public, max-age=31536000, immutable" : "no-cache");
    if (!asset.gzipped.empty()) {
      const SmallResponse packed = console_page("/console/" + std::string(asset.path), true);
      EXPECT_EQ(packed.body, asset.gzipped);
      EXPECT_EQ(header(packed, "content-encoding"), "gzip");
    }
    pages += asset.content_type.starts_with("text/html") ? 1 : 0;
  }
  if (!console_assets().empty()) {
    EXPECT_EQ(pages, 1U);
    EXPECT_EQ(console_page("/console", false).status, 308);
  } else {
    EXPECT_EQ(console_page("/console/", false).status, 404);
  }
}

}  // namespace
}  // namespace weir::proxy
