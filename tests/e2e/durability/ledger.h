#ifndef TESTS_E2E_DURABILITY_LEDGER_H_
#define TESTS_E2E_DURABILITY_LEDGER_H_

#include <cstddef>
#include <string>
#include <vector>

namespace tokens::testing {

// What the server has promised about a token.
enum class Expected {
  kActive,   // its mint was acknowledged, and no revocation was ever sent
  kRevoked,  // a revocation was acknowledged, or has been seen in force
  kEither,   // a revocation was sent, and the server died before it answered
};

// A token whose mint was acknowledged. One that was not is nowhere here: nobody knows its text.
struct LedgerEntry {
  std::string did;
  std::string token;
  std::string token_id;
  std::string idempotency_key;  // empty if it was minted without
  Expected expected = Expected::kActive;
};

// Everything that one client was promised, across all lives of the server. Not thread-safe: each client keeps its own
// and has accounts of its own, so that every answer has exactly one right value.
class Ledger {
 public:
  const std::vector<LedgerEntry>& entries() const { return entries_; }

  // The account that the next mint is for: its tokens, live or not. Begins with none.
  const std::string& account() const { return account_; }
  // Mints sent for the account since it was begun or last revoked whole; an upper bound of its live tokens.
  int mints_sent() const { return mints_sent_; }

  void BeginAccount(std::string did);
  void MintSent() { ++mints_sent_; }
  void MintAcknowledged(LedgerEntry entry) { entries_.push_back(std::move(entry)); }

  void RevokeSent(size_t index) { entries_[index].expected = After(entries_[index].expected); }
  void RevokeAcknowledged(size_t index) { entries_[index].expected = Expected::kRevoked; }
  // The same for every token of the current account.
  void RevokeAccountSent();
  void RevokeAccountAcknowledged();

  // Takes what a restarted server says of a token. False if it breaks a promise; what was open is settled by it.
  bool Observe(size_t index, bool active);

 private:
  static Expected After(Expected before) { return before == Expected::kActive ? Expected::kEither : before; }

  std::vector<LedgerEntry> entries_;
  std::string account_;
  size_t account_begin_ = 0;  // the account's entries are those from here on
  int mints_sent_ = 0;
};

}  // namespace tokens::testing

#endif  // TESTS_E2E_DURABILITY_LEDGER_H_
