#include "auth/key_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;

class KeySourceTest : public ::testing::Test {
 protected:
  std::string text(const KeySource& source, KeySource::Missing missing) {
    const auto keys = source.load(missing);
    return keys ? std::string(key_text(keys.value()).unsafe_reveal())
                : keys.problems().at(0).where + ": " + keys.problems().at(0).what;
  }
  static std::string line() { return std::string(new_key_line().unsafe_reveal()); }

  TempFolder folder_;
  std::string own_ = folder_.path() + "/keys";
  std::string given_ = folder_.path() + "/given";
};

TEST_F(KeySourceTest, TheVariableComesFirstThenTheGivenFileThenItsOwn) {
  const std::string variable = line();
  const std::string given = line();
  ASSERT_EQ(create_private_file(given_, given), "");
  EXPECT_EQ(text(KeySource(Secret(variable), given_, own_), KeySource::Missing::kCreate), variable);
  EXPECT_EQ(text(KeySource({}, given_, own_), KeySource::Missing::kCreate), given);
  EXPECT_NE(::access(own_.c_str(), F_OK), 0) << "nothing is made that is not used";
  const std::string own = text(KeySource({}, "", own_), KeySource::Missing::kCreate);
  EXPECT_THAT(own, ::testing::StartsWith("weir-key-2 "));
  EXPECT_EQ(text(KeySource({}, "", own_), KeySource::Missing::kRefuse), own);
}

TEST_F(KeySourceTest, OnlyItsOwnFileIsMade) {
  EXPECT_THAT(text(KeySource({}, given_, own_), KeySource::Missing::kCreate),
              HasSubstr("weir key new"));
  EXPECT_THAT(text(KeySource({}, "", own_), KeySource::Missing::kRefuse), HasSubstr("--data"));
  EXPECT_THAT(text(KeySource(Secret("nonsense"), "", own_), KeySource::Missing::kCreate),
              HasSubstr("WEIR_KEY: the key is malformed"));
  EXPECT_EQ(folder_.entries(), 0U);
}

TEST_F(KeySourceTest, SeesThatTheFileWasWritten) {
  const KeySource source({}, "", own_);
  EXPECT_EQ(source.state(), "");
  ASSERT_TRUE(source.load(KeySource::Missing::kCreate).ok());
  const std::string first = source.state();
  EXPECT_NE(first, "");
  EXPECT_EQ(source.state(), first);
  ASSERT_EQ(replace_private_file(own_, line()), "");
  EXPECT_NE(source.state(), first);
  EXPECT_EQ(KeySource(Secret(line()), "", own_).state(), "");
}

TEST(KeyOfEnvironment, IsTakenOutOfIt) {
  // The block the kernel gave the process, which /proc shows.
  ASSERT_EQ(::setenv("WEIR_KEY", "weir-key-2 text", 1), 0);
  const char* at = ::getenv("WEIR_KEY");
  const std::string_view where(at, 15);
  EXPECT_TRUE(key_of_environment().equals("weir-key-2 text"));
  EXPECT_EQ(::getenv("WEIR_KEY"), nullptr);
  EXPECT_EQ(where, std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15));
  EXPECT_TRUE(key_of_environment().equals("weir-key-2 text")) << "and given again";
}

}  // namespace
}  // namespace weir::proxy
