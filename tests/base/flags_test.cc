#include "token_service/base/flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"

ABSL_FLAG(std::string, test_text, "default", "");
ABSL_FLAG(int, test_number, 1, "");
ABSL_FLAG(bool, test_switch, false, "");
ABSL_FLAG(std::vector<std::string>, test_list, {}, "");

namespace tokens {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Parse(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "program");
  std::vector<char*> pointers;
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  return ParseFlags(static_cast<int>(pointers.size()), pointers.data(), {"test_list"});
}

class FlagsTest : public ::testing::Test {
  absl::FlagSaver saver_;  // every test begins with the defaults
};

TEST_F(FlagsTest, AllFormsOfAFlagAreRead) {
  EXPECT_THAT(Parse({"--test_text=a=b", "-test_number", "7", "--test_switch"}), IsEmpty());
  EXPECT_EQ(absl::GetFlag(FLAGS_test_text), "a=b");
  EXPECT_EQ(absl::GetFlag(FLAGS_test_number), 7);
  EXPECT_TRUE(absl::GetFlag(FLAGS_test_switch));
  EXPECT_THAT(Parse({"--notest_switch"}), IsEmpty());
  EXPECT_FALSE(absl::GetFlag(FLAGS_test_switch));
}

TEST_F(FlagsTest, ARepeatableFlagAddsUp) {
  EXPECT_THAT(Parse({"--test_list=a", "--test_list=b,c"}), IsEmpty());
  EXPECT_THAT(absl::GetFlag(FLAGS_test_list), ElementsAre("a", "b", "c"));
}

TEST_F(FlagsTest, EveryFaultGetsALine) {
  EXPECT_THAT(
      Parse({"--no_such_flag=1", "--test_number=x", "stray", "--test_text=a", "--test_text=b"}),
      ::testing::UnorderedElementsAre(HasSubstr("--no_such_flag: unknown flag"), HasSubstr("--test_number: "),
                                      HasSubstr("\"stray\": is not a flag"), HasSubstr("--test_text: given twice")));
}

TEST_F(FlagsTest, HelpAndVersionPrintAndEndTheProgram) {
  EXPECT_EXIT(Parse({"--help"}), ::testing::ExitedWithCode(1), "");
  EXPECT_EXIT(Parse({"--version"}), ::testing::ExitedWithCode(0), "");
}

TEST(IsLocalAddressTest, LoopbackAndUnixSocketsOnly) {
  for (const char* local : {"127.0.0.1:1", "127.8.9.1:1", "localhost:1", "[::1]:1", "unix:/run/socket"}) {
    EXPECT_TRUE(IsLocalAddress(local)) << local;
  }
  for (const char* remote : {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "example.com:1", "localhost.example.com:1", ":1", "",
                             "128.0.0.1:1", "127.0.0.1.example.com:1", "dns:///example.com:1"}) {
    EXPECT_FALSE(IsLocalAddress(remote)) << remote;
  }
}

}  // namespace
}  // namespace tokens
