#include "token_service/base/memory_file.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <utility>

#include "token_service/base/read_file.h"

namespace tokens {
namespace {

TEST(MemoryFileTest, IsReadByItsPathAndReplacedAsAWhole) {
  auto file = MemoryFile::Create("one");
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(*ReadFile(file->path(), 100), "one");
  ASSERT_TRUE(file->Replace("three").ok());
  EXPECT_EQ(*ReadFile(file->path(), 100), "three");
  const MemoryFile moved = *std::move(file);
  EXPECT_EQ(*ReadFile(moved.path(), 100), "three");
}

TEST(MemoryFileTest, EndsWithItsOwner) {
  std::string path;
  {
    const auto file = MemoryFile::Create("secret");
    path = file->path();
  }
  EXPECT_NE(ReadFile(path, 100).value_or(""), "secret");
}

TEST(MemoryFileTest, AReaderNeverSeesAPart) {
  const std::string texts[] = {std::string(100'000, 'a'), std::string(150'000, 'b')};
  auto file = MemoryFile::Create(texts[0]);
  ASSERT_TRUE(file.ok());
  std::thread writer([&] {
    for (int i = 0; i < 200; ++i) EXPECT_TRUE(file->Replace(texts[i % 2]).ok());
  });
  for (int i = 0; i < 200; ++i) {
    const std::string read = ReadFile(file->path(), 1 << 20).value_or("");
    EXPECT_TRUE(read == texts[0] || read == texts[1]) << read.size();
  }
  writer.join();
}

}  // namespace
}  // namespace tokens
