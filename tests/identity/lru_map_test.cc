#include "token_service/identity/lru_map.h"

#include <gtest/gtest.h>

namespace tokens {
namespace {

TEST(LruMap, FindsWhatWasPut) {
  LruMap<int> map(2);
  map.Put("a", 1);
  ASSERT_NE(map.Find("a"), nullptr);
  EXPECT_EQ(*map.Find("a"), 1);
  EXPECT_EQ(map.Find("b"), nullptr);
}

TEST(LruMap, PutReplacesWithoutGrowing) {
  LruMap<int> map(2);
  map.Put("a", 1);
  map.Put("b", 2);
  map.Put("a", 3);
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(*map.Find("a"), 3);
  EXPECT_EQ(*map.Find("b"), 2);
}

TEST(LruMap, TheOneUnusedForLongestMakesRoom) {
  LruMap<int> map(2);
  map.Put("a", 1);
  map.Put("b", 2);
  ASSERT_NE(map.Find("a"), nullptr);
  map.Put("c", 3);
  EXPECT_EQ(map.Find("b"), nullptr);
  EXPECT_NE(map.Find("a"), nullptr);
  EXPECT_NE(map.Find("c"), nullptr);
  EXPECT_EQ(map.size(), 2u);
}

TEST(LruMap, EraseForgets) {
  LruMap<int> map(2);
  map.Put("a", 1);
  map.Erase("a");
  map.Erase("a");
  EXPECT_EQ(map.Find("a"), nullptr);
  EXPECT_EQ(map.size(), 0u);
}

}  // namespace
}  // namespace tokens
