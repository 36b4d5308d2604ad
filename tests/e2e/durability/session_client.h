#ifndef TESTS_E2E_DURABILITY_SESSION_CLIENT_H_
#define TESTS_E2E_DURABILITY_SESSION_CLIENT_H_

#include <random>
#include <string>
#include <vector>

#include "didpic/token/v1/session_service.grpc.pb.h"

namespace tokens::testing {

// One client that keeps a session through the deaths of the server: refreshes its newest refresh JWT, sometimes an
// older one again, as a client does that lost a reply, and sometimes signs out and begins anew. Used by one thread at a
// time.
//
// What it holds the server to, within the grace window (no trial takes two hours): the newest refresh JWT that it was
// given always refreshes, so there is never no live branch; a refresh JWT that was answered once is always answered
// with the same successor, so there are never two; after an acknowledged sign-out nothing of the session refreshes.
class SessionClient {
 public:
  using Stub = didpic::token::v1::SessionService::Stub;

  explicit SessionClient(std::mt19937_64::result_type seed) : random_(seed) {}

  // Calls until the server is gone (UNAVAILABLE). Any other failure, and any broken promise, is a fault.
  void RunUntilServerDies(Stub& stub);

  // Asks a restarted server about the present session and the one that was ended last.
  void Verify(Stub& stub);

  int acknowledged_refreshes() const { return acknowledged_refreshes_; }
  // In words that hold no token. Empty is good.
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  // A refresh JWT of the chain, oldest first, and its `jti`.
  struct Link {
    std::string jwt;
    std::string id;
  };

  // Each sends one request; false once the server is gone.
  bool Create(Stub& stub);
  bool Refresh(Stub& stub, size_t link);
  bool Delete(Stub& stub);
  bool ExpectRefused(Stub& stub, const std::string& jwt);
  bool Check(bool ok, int code, const char* call);

  std::mt19937_64 random_;
  std::vector<Link> chain_;     // Of the present session; empty before the first.
  bool deletion_sent_ = false;  // Not acknowledged: the present session may have ended or not.
  std::vector<Link> ended_;     // Of the session whose end was acknowledged last.
  int acknowledged_refreshes_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace tokens::testing

#endif  // TESTS_E2E_DURABILITY_SESSION_CLIENT_H_
