#ifndef TOKEN_SERVICE_IDENTITY_DID_REFRESHER_H_
#define TOKEN_SERVICE_IDENTITY_DID_REFRESHER_H_

#include <thread>
#include <vector>

#include "token_service/identity/did_resolver.h"

namespace tokens {

// Threads that fetch again the documents which `resolver` gave out while they were old. Stops `resolver`'s refreshing
// and waits for fetches under way when destroyed; `resolver` must outlive this.
class DidRefresher {
 public:
  DidRefresher(DidResolver& resolver, int threads);
  ~DidRefresher();
  DidRefresher(const DidRefresher&) = delete;
  DidRefresher& operator=(const DidRefresher&) = delete;

 private:
  DidResolver& resolver_;
  std::vector<std::thread> threads_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_DID_REFRESHER_H_
