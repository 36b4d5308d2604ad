#ifndef TESTS_E2E_DURABILITY_CLIENT_H_
#define TESTS_E2E_DURABILITY_CLIENT_H_

#include <random>
#include <string>
#include <vector>

#include "didpic/token/v1/token_service.grpc.pb.h"
#include "tests/e2e/durability/ledger.h"

namespace tokens::testing {

// One client of the server: mints and revokes at random, and remembers every answer. Used by one thread at a time.
class Client {
 public:
  using Stub = didpic::token::v1::TokenService::Stub;

  explicit Client(std::mt19937_64::result_type seed) : random_(seed) {}

  // Calls until the server is gone (UNAVAILABLE). Any other failure, and any answer that breaks an earlier promise, is
  // a fault.
  void RunUntilServerDies(Stub& stub);

  // Asks a restarted server about every token of the ledger.
  void Verify(Stub& stub);

  const Ledger& ledger() const { return ledger_; }
  int acknowledged_revocations() const { return acknowledged_revocations_; }
  // What went wrong, in words that hold no token. Empty is good.
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  // Each sends one request; false once the server is gone.
  bool Mint(Stub& stub);
  bool RevokeToken(Stub& stub);
  bool RevokeAccount(Stub& stub);
  bool RepeatIdempotencyKey(Stub& stub);
  bool VerifyBatch(Stub& stub, size_t begin, size_t end);

  // True if `status` is OK. Notes a fault if it is neither that nor the end of the server.
  bool Check(const grpc::Status& status, const char* call);
  size_t PickEntry() { return std::uniform_int_distribution<size_t>(0, ledger_.entries().size() - 1)(random_); }
  bool Chance(double probability) { return std::bernoulli_distribution(probability)(random_); }
  std::string RandomDid();

  std::mt19937_64 random_;
  Ledger ledger_;
  int acknowledged_revocations_ = 0;
  std::vector<std::string> faults_;
};

}  // namespace tokens::testing

#endif  // TESTS_E2E_DURABILITY_CLIENT_H_
