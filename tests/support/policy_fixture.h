#ifndef TESTS_SUPPORT_POLICY_FIXTURE_H_
#define TESTS_SUPPORT_POLICY_FIXTURE_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/support/temp_directory.h"
#include "token_service/policy_file.h"

namespace tokens::testing {

inline constexpr char kAllowedMethod[] = "app.example.feed.getTimeline";

// A policy with one profile, "widget": prefix dpwt_, one hour, at most three live tokens, kAllowedMethod allowed.
inline constexpr char kPolicy[] = R"(profiles {
  name: "widget" prefix: "dpwt_" lifetime { seconds: 3600 } max_live_tokens_per_did: 3
  allowed_methods: "app.example.feed.getTimeline"
})";

// Policy file and lexicon folder in a directory of their own.
class PolicyFixture {
 public:
  PolicyFixture() {
    WriteLexicon(kAllowedMethod, "query");
    WritePolicy(kPolicy);
    file_ = *PolicyFile::Open(policy_path(), lexicons());
  }

  void WritePolicy(const std::string& text) { directory_.Write("policy.textproto", text); }
  void WriteLexicon(const std::string& nsid, const std::string& type) {
    directory_.Write(LexiconPath(nsid),
                     absl::StrCat(R"({"lexicon":1,"id":")", nsid, R"(","defs":{"main":{"type":")", type, R"("}}})"));
  }
  void WriteLexiconText(const std::string& nsid, const std::string& text) { directory_.Write(LexiconPath(nsid), text); }

  LexiconFolder lexicons() const { return LexiconFolder(directory_.path() + "/lexicons"); }
  std::string policy_path() const { return directory_.path() + "/policy.textproto"; }
  PolicyFile& file() { return *file_; }

 private:
  static std::string LexiconPath(const std::string& nsid) {
    return absl::StrCat("lexicons/", absl::StrReplaceAll(nsid, {{".", "/"}}), ".json");
  }

  TempDirectory directory_;
  std::unique_ptr<PolicyFile> file_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_POLICY_FIXTURE_H_
