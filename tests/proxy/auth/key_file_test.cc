#include "auth/key_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "proxy/temp_folder.h"

namespace weir::proxy {
namespace {

using ::testing::HasSubstr;

std::string slurp(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class KeyFile : public ::testing::Test {
 protected:
  void write(const std::string& content, mode_t mode = 0600) {
    std::ofstream(path_, std::ios::binary) << content;
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
  }
  std::string refusal() {
    const auto key = load_or_create_key_file(path_);
    return key.ok() ? "" : key.problems().at(0).what;
  }
  TempFolder folder_;
  std::string path_ = folder_.path() + "/keys";
};

TEST_F(KeyFile, IsCreatedOnceForItsOwnerOnly) {
  const mode_t old = ::umask(0);
  const auto first = load_or_create_key_file(path_);
  ::umask(old);
  ASSERT_TRUE(first.ok()) << first.problems().at(0).what;
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
  const std::string content = slurp(path_);
  const auto second = load_or_create_key_file(path_);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(first.value().at(0).unsafe_bytes(), second.value().at(0).unsafe_bytes());
  EXPECT_EQ(slurp(path_), content);
  EXPECT_EQ(folder_.entries(), 1U) << "no draft is left behind";
}

TEST_F(KeyFile, TwoFoldersHaveDifferentKeys) {
  const auto a = load_or_create_key_file(path_);
  const auto b = load_or_create_key_file(folder_.path() + "/other");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(a.value().at(0).unsafe_bytes(), b.value().at(0).unsafe_bytes());
}

TEST_F(KeyFile, RefusesAWiderMode) {
  ASSERT_TRUE(load_or_create_key_file(path_).ok());
  for (const mode_t mode : {0640, 0604, 0660, 0644, 0602, 0601}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    EXPECT_THAT(refusal(), HasSubstr("chmod 600")) << std::oct << mode;
  }
  ASSERT_EQ(::chmod(path_.c_str(), 0400), 0);
  EXPECT_EQ(refusal(), "");
}

TEST_F(KeyFile, RefusesMalformedContent) {
  ASSERT_TRUE(load_or_create_key_file(path_).ok());
  const std::string good = slurp(path_);
  for (const std::string& bad :
       {std::string(), std::string("\n"), good.substr(0, good.size() - 1), good + good, good + "x",
        good.substr(0, 20) + "\n", "weir-key-9" + good.substr(10), std::string(200, 'A'),
        std::string(2000, 'A'), good + '\0'}) {
    write(bad);
    EXPECT_THAT(refusal(), HasSubstr("malformed")) << bad;
    EXPECT_EQ(slurp(path_), bad) << "a key file is never overwritten";
  }
  write(good);
  EXPECT_EQ(refusal(), "");
}

TEST_F(KeyFile, RefusesWhatIsNotAFile) {
  ASSERT_EQ(::mkdir(path_.c_str(), 0700), 0);
  EXPECT_THAT(refusal(), HasSubstr("not a regular file"));
  ASSERT_EQ(::rmdir(path_.c_str()), 0);
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_THAT(refusal(), HasSubstr("not a regular file"));
  ASSERT_EQ(::unlink(path_.c_str()), 0);
  ASSERT_EQ(::symlink("elsewhere", path_.c_str()), 0);
  EXPECT_THAT(refusal(), HasSubstr("symbolic link"));
}

TEST_F(KeyFile, SaysWhenTheFolderIsMissing) {
  const auto key = load_or_create_key_file(folder_.path() + "/missing/keys");
  ASSERT_FALSE(key.ok());
  EXPECT_THAT(key.problems().at(0).what, HasSubstr("No such file"));
}

TEST_F(KeyFile, PrivateFilesAreNeverReplaced) {
  EXPECT_EQ(create_private_file(path_, "one\n"), "");
  EXPECT_THAT(create_private_file(path_, "two\n"), HasSubstr("File exists"));
  EXPECT_EQ(slurp(path_), "one\n");
}

std::string line() { return std::string(new_key_line().unsafe_reveal()); }

// A key of the form from before there could be several.
const std::string kPlainLine = "weir-key-1 AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n";

TEST_F(KeyFile, HoldsSeveralNewestFirst) {
  const std::string text = line() + line() + kPlainLine;
  write(text);
  const auto keys = load_key_file(path_, KeyFileKind::kOwn);
  ASSERT_TRUE(keys.ok()) << keys.problems().at(0).what;
  ASSERT_EQ(keys.value().size(), 3U);
  EXPECT_EQ(keys.value()[0].form(), KeyForm::kTagged);
  EXPECT_EQ(keys.value()[2].form(), KeyForm::kPlain);
  EXPECT_EQ(keys.value()[2].unsafe_bytes()[0], 1);
  EXPECT_EQ(key_text(keys.value()).unsafe_reveal(), text);
}

TEST_F(KeyFile, RefusesKeysThatCannotBeToldApart) {
  const std::string one = line();
  write(one + line() + one);
  EXPECT_THAT(refusal(), HasSubstr("twice"));
  write(kPlainLine + "weir-key-1 AgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n");
  EXPECT_THAT(refusal(), HasSubstr("cannot be told apart"));
  write(line() + line() + line() + line() + line());
  EXPECT_THAT(refusal(), HasSubstr("there may be 4 keys"));
  EXPECT_THAT(refusal(), ::testing::Not(HasSubstr(one.substr(11, 20)))) << "a key in an error";
}

TEST_F(KeyFile, AGivenFileMayBeALinkAndHandedDownByRoot) {
  const std::string target = folder_.path() + "/target";
  ASSERT_EQ(create_private_file(target, line()), "");
  ASSERT_EQ(::symlink(target.c_str(), path_.c_str()), 0);
  EXPECT_FALSE(load_key_file(path_, KeyFileKind::kOwn).ok());
  EXPECT_TRUE(load_key_file(path_, KeyFileKind::kGiven).ok());
  ASSERT_EQ(::chmod(target.c_str(), 0440), 0);
  // Readable by a group only where root said so.
  EXPECT_EQ(load_key_file(path_, KeyFileKind::kGiven).ok(), ::geteuid() == 0);
  for (const mode_t mode : {0444, 0460, 0401}) {
    ASSERT_EQ(::chmod(target.c_str(), mode), 0);
    EXPECT_FALSE(load_key_file(path_, KeyFileKind::kGiven).ok()) << std::oct << mode;
  }
}

TEST_F(KeyFile, IsReplacedAsAWhole) {
  write("one\n");
  EXPECT_EQ(replace_private_file(path_, "two\n"), "");
  EXPECT_EQ(slurp(path_), "two\n");
  EXPECT_EQ(folder_.entries(), 1U);
  struct stat info {};
  ASSERT_EQ(::stat(path_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 07777U, 0600U);
}

TEST(KeyVariable, TakesAnyBlanks) {
  const std::string one = line();
  const std::string two = line();
  for (const std::string& text :
       {one + two, one.substr(0, one.size() - 1) + " " + two.substr(0, two.size() - 1),
        "\n " + one + "\r\n\t" + two + "\n"}) {
    const auto keys = parse_keys(text, "WEIR_KEY");
    ASSERT_TRUE(keys.ok()) << keys.problems().at(0).what;
    EXPECT_EQ(key_text(keys.value()).unsafe_reveal(), one + two);
  }
  for (const std::string& bad : {std::string(), std::string("\n"), one.substr(11), one + "x",
                                 one + "weir-key-2", std::string("weir-key-2\n"), one.substr(0, 30)}) {
    const auto keys = parse_keys(bad, "WEIR_KEY");
    ASSERT_FALSE(keys.ok()) << bad;
    EXPECT_EQ(keys.problems().at(0).where, "WEIR_KEY");
    EXPECT_THAT(keys.problems().at(0).what, ::testing::Not(HasSubstr(one.substr(11, 10))));
  }
}

}  // namespace
}  // namespace weir::proxy
