#ifndef TESTS_SUPPORT_NO_SESSIONS_H_
#define TESTS_SUPPORT_NO_SESSIONS_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/session_store.h"
#include "token_service/session_verifier.h"

namespace tokens::testing {

// A service without signing keys: no JWT is one of its own. The arguments must outlive this.
struct NoSessions {
  NoSessions(storage::SessionStore& store, const PolicyFile& policy, Clock& clock)
      : keys(*SessionKeyFiles::Open({})), verifier(store, *keys, policy, "", clock) {}

  const std::unique_ptr<SessionKeyFiles> keys;
  SessionVerifier verifier;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_NO_SESSIONS_H_
