#include "xrpc_shim/permission_set.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/temp_directory.h"

namespace tokens::xrpc {
namespace {

using nlohmann::json;

constexpr char kAud[] = "did:web:api.example.com#didpic";
const IncludedSet kSet{"app.didpic.authBasic", kAud};

json Permission() {
  return {{"type", "permission"},
          {"resource", "rpc"},
          {"lxm", {"app.didpic.identity.mintWidgetToken"}},
          {"inheritAud", true}};
}
json Lexicon(const json& permission) {
  return {{"lexicon", 1},
          {"id", "app.didpic.authBasic"},
          {"defs", {{"main", {{"type", "permission-set"}, {"permissions", json::array({permission})}}}}}};
}

TEST(PermissionSet, InheritsTheAudienceOfItsInclude) {
  const auto granted = PermissionsOf(kSet, Lexicon(Permission()).dump());
  ASSERT_EQ(granted.size(), 1u);
  EXPECT_EQ(granted[0].lxm, std::vector<std::string>{"app.didpic.identity.mintWidgetToken"});
  EXPECT_EQ(granted[0].aud, kAud);
  EXPECT_TRUE(PermissionsOf({kSet.nsid, ""}, Lexicon(Permission()).dump()).empty()) << "nothing to inherit";
}

TEST(PermissionSet, MayBeForAnyService) {
  json permission = Permission();
  permission.erase("inheritAud");
  permission["aud"] = "*";
  const auto granted = PermissionsOf({kSet.nsid, ""}, Lexicon(permission).dump());
  ASSERT_EQ(granted.size(), 1u);
  EXPECT_EQ(granted[0].aud, "*");
}

TEST(PermissionSet, APermissionOutOfTheRulesIsPassedOver) {
  const struct {
    const char* member;
    json value;  // Null: taken away.
  } cases[] = {
      {"type", "other"},
      {"resource", "repo"},
      {"lxm", nullptr},
      {"lxm", "app.didpic.identity.mintWidgetToken"},
      {"lxm", {"*"}},
      {"lxm", {"app.other.feed.getTimeline"}},
      {"lxm", {"app.didpicture.feed.getTimeline"}},
      {"lxm", {"app.didpic.identity.mintWidgetToken", 7}},
      {"inheritAud", nullptr},
      {"inheritAud", false},
      {"aud", kAud},
      {"aud", "*"},
      {"other", true},
  };
  for (const auto& row : cases) {
    json permission = Permission();
    if (row.value.is_null()) {
      permission.erase(row.member);
    } else {
      permission[row.member] = row.value;
    }
    json lexicon = Lexicon(permission);
    EXPECT_TRUE(PermissionsOf(kSet, lexicon.dump()).empty()) << permission;
    lexicon["defs"]["main"]["permissions"].push_back(Permission());
    EXPECT_EQ(PermissionsOf(kSet, lexicon.dump()).size(), 1u) << "the set itself stays good: " << permission;
  }
}

TEST(PermissionSet, WhatIsNotThatSetGrantsNothing) {
  json other_id = Lexicon(Permission());
  other_id["id"] = "app.didpic.authFull";
  json other_type = Lexicon(Permission());
  other_type["defs"]["main"]["type"] = "query";
  json no_main = Lexicon(Permission());
  no_main["defs"].erase("main");
  json no_permissions = Lexicon(Permission());
  no_permissions["defs"]["main"].erase("permissions");
  json text_for_list = Lexicon(Permission());
  text_for_list["defs"]["main"]["permissions"] = "rpc";
  for (const json& lexicon : {other_id, other_type, no_main, no_permissions, text_for_list, json("x"), json::array()}) {
    EXPECT_TRUE(PermissionsOf(kSet, lexicon.dump()).empty()) << lexicon;
  }
  EXPECT_TRUE(PermissionsOf(kSet, "not JSON").empty());
  EXPECT_TRUE(PermissionsOf(kSet, Lexicon(Permission()).dump() + std::string(64 * 1024, ' ')).empty());
}

TEST(PermissionSet, IsReadFromItsFile) {
  const testing::TempDirectory folder;
  EXPECT_TRUE(ReadPermissionSet(folder.path(), kSet).empty());
  folder.Write("app/didpic/authBasic.json", Lexicon(Permission()).dump());
  EXPECT_EQ(ReadPermissionSet(folder.path(), kSet).size(), 1u);
}

}  // namespace
}  // namespace tokens::xrpc
