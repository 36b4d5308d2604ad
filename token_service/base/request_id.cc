#include "token_service/base/request_id.h"

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

constexpr size_t kMaxSize = 48;  // a token has 49 characters and its prefix, a JWT more

}  // namespace

bool IsRequestId(absl::string_view text) {
  if (text.empty() || text.size() > kMaxSize) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '_' && c != '.') return false;
  }
  return true;
}

std::string MakeRequestId() {
  thread_local absl::BitGen generator;
  const auto half = [] { return absl::Hex(absl::Uniform<uint64_t>(generator), absl::kZeroPad16); };
  return absl::StrCat(half(), half());
}

}  // namespace tokens
