#ifndef TESTS_SUPPORT_INTEROP_VECTORS_H_
#define TESTS_SUPPORT_INTEROP_VECTORS_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tokens::testing {

// The public atproto interop vectors (github.com/bluesky-social/atproto-interop-tests) are not part of this repository;
// ATPROTO_INTEROP_DIR says where they are. A test that reads them begins with SKIP_WITHOUT_INTEROP_VECTORS().

bool HaveInteropVectors();

// False where the folder is there without this file, which is not one of the canonical set.
bool HaveInteropFile(absl::string_view path);

// A whole file, by its path below that folder. A file that cannot be read is a test failure, and empty.
std::string InteropFile(absl::string_view path);

// The cases of a line-by-line file: without comments and empty lines, never trimmed (spaces are part of some cases).
std::vector<std::string> InteropLines(absl::string_view path);

// A JSON file. Text that is not JSON is a test failure, and null.
nlohmann::json InteropJson(absl::string_view path);

}  // namespace tokens::testing

#define SKIP_WITHOUT_INTEROP_VECTORS()          \
  if (!::tokens::testing::HaveInteropVectors()) \
  GTEST_SKIP() << "set ATPROTO_INTEROP_DIR to a checkout of github.com/bluesky-social/atproto-interop-tests"

#endif  // TESTS_SUPPORT_INTEROP_VECTORS_H_
