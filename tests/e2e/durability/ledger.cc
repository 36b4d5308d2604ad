#include "tests/e2e/durability/ledger.h"

#include <utility>

namespace tokens::testing {

void Ledger::BeginAccount(std::string did) {
  account_ = std::move(did);
  account_begin_ = entries_.size();
  mints_sent_ = 0;
}

void Ledger::RevokeAccountSent() {
  for (size_t i = account_begin_; i < entries_.size(); ++i) RevokeSent(i);
}

void Ledger::RevokeAccountAcknowledged() {
  for (size_t i = account_begin_; i < entries_.size(); ++i) RevokeAcknowledged(i);
  mints_sent_ = 0;
}

bool Ledger::Observe(size_t index, bool active) {
  Expected& expected = entries_[index].expected;
  const Expected seen = active ? Expected::kActive : Expected::kRevoked;
  if (expected == Expected::kEither) expected = seen;
  return expected == seen;
}

}  // namespace tokens::testing
