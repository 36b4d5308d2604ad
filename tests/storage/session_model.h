#ifndef TESTS_STORAGE_SESSION_MODEL_H_
#define TESTS_STORAGE_SESSION_MODEL_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace tokens::testing {

// What one session does, in whole seconds and with numbers for refresh tokens: the rules of refreshing stated once
// more, in the fewest words, to test a SessionStore against.
//
//   The chain is a list. Its last token is the only one never used. Each earlier one leads to its right neighbour.
//   A token holds until its expiry; its first use brings that forward to `now + grace`, unless it was sooner.
//   A use yields the right neighbour, if both still hold. Ending stops everything for good.
class SessionModel {
 public:
  struct Token {
    uint32_t number;
    int64_t expire;
  };

  SessionModel(uint32_t first, int64_t expire) : chain_{{first, expire}} {}

  // The successor that presenting `number` yields, if it yields one.
  std::optional<Token> Use(uint32_t number, uint32_t successor, int64_t now, int64_t lifetime, int64_t grace) {
    const auto token = std::find_if(chain_.begin(), chain_.end(), [&](const Token& t) { return t.number == number; });
    if (ended_ || token == chain_.end() || now >= token->expire) return std::nullopt;
    const size_t place = static_cast<size_t>(token - chain_.begin());
    if (place + 1 == chain_.size()) {
      token->expire = std::min(token->expire, now + grace);
      chain_.push_back({successor, now + lifetime});
    }
    const Token& next = chain_[place + 1];
    return now < next.expire ? std::optional(next) : std::nullopt;
  }

  void End() { ended_ = true; }
  bool ended() const { return ended_; }

 private:
  std::vector<Token> chain_;
  bool ended_ = false;
};

}  // namespace tokens::testing

#endif  // TESTS_STORAGE_SESSION_MODEL_H_
