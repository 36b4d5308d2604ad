// The published lexicons agree with the code and with the rules that the reference library does not check. That it can
// read them, and that our answers are as they say, is tests/e2e/self_service.test.mjs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "token_service/base/nsid.h"
#include "token_service/base/own_methods.h"

namespace tokens::xrpc {
namespace {

using nlohmann::json;

const std::string kFolder = LEXICON_FOLDER;  // NOLINT(cert-err58-cpp): a test's constant

// NSID, from the path, → lexicon.
std::map<std::string, json> ReadLexicons() {
  std::map<std::string, json> lexicons;
  for (const auto& file : std::filesystem::recursive_directory_iterator(kFolder)) {
    if (!file.is_regular_file()) continue;
    std::filesystem::path path = std::filesystem::relative(file.path(), kFolder);
    EXPECT_EQ(path.extension(), ".json");
    std::ifstream stream(file.path());
    lexicons[absl::StrReplaceAll(path.replace_extension().string(), {{"/", "."}})] = json::parse(stream);
  }
  return lexicons;
}

std::set<std::string> OwnMethods() { return {std::begin(kOwnMethods), std::end(kOwnMethods)}; }

TEST(LexiconsTest, EachFileIsNamedByItsNsid) {
  for (const auto& [nsid, lexicon] : ReadLexicons()) {
    EXPECT_TRUE(IsValidNsid(nsid)) << nsid;
    EXPECT_EQ(lexicon.at("lexicon"), 1) << nsid;
    EXPECT_EQ(lexicon.at("id"), nsid);
    EXPECT_TRUE(lexicon.at("defs").contains("main")) << nsid;
  }
}

TEST(LexiconsTest, ExactlyTheMethodsOfTheCodeArePublished) {
  std::set<std::string> methods;
  for (const auto& [nsid, lexicon] : ReadLexicons()) {
    const std::string type = lexicon.at("defs").at("main").at("type");
    if (type == "query" || type == "procedure") methods.insert(nsid);
  }
  EXPECT_EQ(methods, OwnMethods());
}

TEST(LexiconsTest, RequiredPropertiesExistAndOnlyMainIsAPrimaryType) {
  const std::set<std::string> primary = {"query", "procedure", "record", "subscription", "permission-set"};
  for (const auto& [nsid, lexicon] : ReadLexicons()) {
    for (const auto& [name, def] : lexicon.at("defs").items()) {
      EXPECT_EQ(primary.count(def.at("type")) == 1, name == "main") << nsid << "#" << name;
    }
    for (const char* schema : {"/defs/main/output/schema", "/defs/main/input/schema", "/defs/widgetToken"}) {
      const json::json_pointer at(schema);
      if (!lexicon.contains(at) || !lexicon.at(at).contains("required")) continue;
      for (const json& name : lexicon.at(at).at("required")) {
        EXPECT_TRUE(lexicon.at(at).at("properties").contains(name.get<std::string>())) << nsid << schema << name;
      }
    }
  }
}

TEST(LexiconsTest, MintIsAsPublished) {
  const json mint = ReadLexicons().at(kMintWidgetToken).at("defs").at("main");
  EXPECT_EQ(mint.at("type"), "procedure");
  EXPECT_FALSE(mint.contains("input"));
  EXPECT_FALSE(mint.contains("parameters"));
  EXPECT_EQ(mint.at("output").at("schema").at("required"), json({"token", "expiresAt"}));
}

// The rules of https://atproto.com/specs/permission: a set names methods of its own namespace only, each in full, and
// takes its audience from who includes it.
TEST(LexiconsTest, ThePermissionSetCoversTheMethodsOfTheCodeAndNoMore) {
  constexpr char kSet[] = "app.didpic.authManageWidgetTokens";
  constexpr char kNamespace[] = "app.didpic.";
  const json set = ReadLexicons().at(kSet).at("defs").at("main");
  EXPECT_EQ(set.at("type"), "permission-set");
  EXPECT_FALSE(set.at("title").get<std::string>().empty());
  std::set<std::string> covered;
  for (const json& permission : set.at("permissions")) {
    EXPECT_EQ(permission.at("type"), "permission");
    EXPECT_EQ(permission.at("resource"), "rpc");
    EXPECT_EQ(permission.at("inheritAud"), true);
    EXPECT_FALSE(permission.contains("aud"));
    for (const std::string nsid : permission.at("lxm")) {
      EXPECT_TRUE(absl::StartsWith(nsid, kNamespace)) << nsid;
      EXPECT_TRUE(covered.insert(nsid).second) << nsid << " is there twice";
    }
  }
  EXPECT_EQ(covered, OwnMethods());
}

}  // namespace
}  // namespace tokens::xrpc
