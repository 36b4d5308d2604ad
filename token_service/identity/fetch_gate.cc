#include "token_service/identity/fetch_gate.h"

#include <utility>

namespace tokens {

FetchGate::Pass::Pass(Pass&& other) noexcept
    : gate_(std::exchange(other.gate_, nullptr)), host_(std::move(other.host_)) {}

FetchGate::Pass::~Pass() {
  if (gate_ != nullptr) gate_->Leave(host_);
}

std::optional<FetchGate::Pass> FetchGate::Enter(const std::string& host) {
  MutexLock lock(mutex_);
  if (inside_ >= limit_) return std::nullopt;
  int& inside_host = inside_per_host_[host];
  if (inside_host >= limit_per_host_) return std::nullopt;
  ++inside_host;
  ++inside_;
  return Pass(*this, host);
}

void FetchGate::Leave(const std::string& host) {
  MutexLock lock(mutex_);
  --inside_;
  const auto found = inside_per_host_.find(host);
  if (--found->second == 0) inside_per_host_.erase(found);
}

}  // namespace tokens
