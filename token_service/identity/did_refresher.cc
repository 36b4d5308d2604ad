#include "token_service/identity/did_refresher.h"

namespace tokens {

DidRefresher::DidRefresher(DidResolver& resolver, int threads) : resolver_(resolver) {
  for (int i = 0; i < threads; ++i) threads_.emplace_back([&resolver] { resolver.RefreshUntilStopped(); });
}

DidRefresher::~DidRefresher() {
  resolver_.Stop();
  for (std::thread& thread : threads_) thread.join();
}

}  // namespace tokens
