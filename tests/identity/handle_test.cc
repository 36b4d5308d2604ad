#include "token_service/identity/handle.h"

#include <gtest/gtest.h>

namespace tokens {
namespace {

// The handle, or the id of the broken rule.
std::string Parse(absl::string_view text, WebHosts hosts = WebHosts::kPublic) {
  const absl::StatusOr<std::string> handle = ParseHandle(text, hosts);
  if (handle.ok()) return *handle;
  EXPECT_EQ(handle.status().code(), absl::StatusCode::kInvalidArgument);
  const std::string error(handle.status().message());
  return error.substr(0, error.find(':'));
}

TEST(HandleTest, EachRuleOfSyntaxIsChecked) {
  const std::string label63(63, 'a');
  const std::string label61(61, 'a');
  const std::string longest = label63 + "." + label63 + "." + label63 + "." + label61;  // 253 bytes
  const struct {
    std::string text;
    std::string parsed;
  } cases[] = {
      {"alice.example.com", "alice.example.com"},
      {"Alice.EXAMPLE.com", "alice.example.com"},
      {"8.cn", "8.cn"},
      {longest, longest},
      {"a" + longest.substr(62), "a" + longest.substr(62)},
      {label63 + "a.com", "handle_syntax"},
      {longest + "a", "handle_syntax"},
      {"", "handle_syntax"},
      {"alice", "handle_syntax"},
      {"@alice.example.com", "handle_syntax"},
      {" alice.example.com", "handle_syntax"},
      {"alice.example.com.", "handle_syntax"},
      {"alice..com", "handle_syntax"},
      {"-alice.com", "handle_syntax"},
      {"alice-.com", "handle_syntax"},
      {"al_ice.com", "handle_syntax"},
      {"john.0", "handle_syntax"},
      {"127.0.0.1", "handle_syntax"},
      {"did:plc:7iza6de2dwap2sbkpav7c6c6", "handle_syntax"},
      {"alice.local", "handle_reserved"},
      {"alice.Invalid", "handle_reserved"},
      {"handle.invalid", "handle_reserved"},
      {"alice.test", "handle_reserved"},
  };
  for (const auto& row : cases) EXPECT_EQ(Parse(row.text), row.parsed) << row.text;
  EXPECT_EQ(Parse("Alice.test", WebHosts::kDevelopment), "alice.test");
}

}  // namespace
}  // namespace tokens
