#ifndef TESTS_BENCH_TOKEN_FILE_H_
#define TESTS_BENCH_TOKEN_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace tokens::bench {

// Length of a token with the prefix "dpwt_".
inline constexpr size_t kTokenBytes = 54;

// The texts of the tokens in the store that bench_fill_store made, one after the other. Thread-safe.
class TokenFile {
 public:
  // UNAVAILABLE if it cannot be read, INVALID_ARGUMENT if it holds no whole number of tokens.
  static absl::StatusOr<TokenFile> Open(const std::string& path);

  TokenFile(TokenFile&& other) noexcept;
  TokenFile& operator=(TokenFile&&) = delete;
  ~TokenFile();

  size_t size() const { return bytes_.size() / kTokenBytes; }
  // Views this object.
  absl::string_view operator[](size_t index) const { return bytes_.substr(index * kTokenBytes, kTokenBytes); }

 private:
  explicit TokenFile(absl::string_view bytes) : bytes_(bytes) {}

  absl::string_view bytes_;  // Mapped into memory.
};

}  // namespace tokens::bench

#endif  // TESTS_BENCH_TOKEN_FILE_H_
