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
  EXPECT_EQ(first.value().unsafe_bytes(), second.value().unsafe_bytes());
  EXPECT_EQ(slurp(path_), content);
  EXPECT_EQ(folder_.entries(), 1U) << "no draft is left behind";
}

TEST_F(KeyFile, TwoFoldersHaveDifferentKeys) {
  const auto a = load_or_create_key_file(path_);
  const auto b = load_or_create_key_file(folder_.path() + "/other");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_NE(a.value().unsafe_bytes(), b.value().unsafe_bytes());
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
        good.substr(0, 20) + "\n", "weir-key-2" + good.substr(10), std::string(200, 'A'),
        good + '\0'}) {
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

}  // namespace
}  // namespace weir::proxy
