#include "tests/support/interop_vectors.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace tokens::testing {
namespace {

std::string PathOf(absl::string_view path) { return absl::StrCat(std::getenv("ATPROTO_INTEROP_DIR"), "/", path); }

}  // namespace

bool HaveInteropVectors() { return std::getenv("ATPROTO_INTEROP_DIR") != nullptr; }

bool HaveInteropFile(absl::string_view path) { return std::ifstream(PathOf(path)).is_open(); }

std::string InteropFile(absl::string_view path) {
  std::ifstream file(PathOf(path), std::ios::binary);
  EXPECT_TRUE(file.is_open()) << PathOf(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> InteropLines(absl::string_view path) {
  std::vector<std::string> cases;
  for (const absl::string_view line : absl::StrSplit(InteropFile(path), '\n')) {
    if (!line.empty() && !absl::StartsWith(line, "#")) cases.emplace_back(line);
  }
  EXPECT_FALSE(cases.empty()) << path;
  return cases;
}

nlohmann::json InteropJson(absl::string_view path) {
  nlohmann::json value = nlohmann::json::parse(InteropFile(path), nullptr, /*allow_exceptions=*/false);
  EXPECT_FALSE(value.is_discarded()) << path;
  return value.is_discarded() ? nlohmann::json() : value;
}

}  // namespace tokens::testing
