#include "tests/bench/accounts.h"

namespace tokens::bench {
namespace {

// SplitMix64: one step of a generator whose state is a plain number.
uint64_t Mix(uint64_t state) {
  uint64_t bits = state + 0x9e3779b97f4a7c15;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

}  // namespace

std::string AccountDid(uint64_t number) {
  std::string did = "did:plc:";
  for (const uint64_t half : {Mix(number), Mix(~number)}) {
    for (int digit = 0; digit < 12; ++digit)
      did.push_back("abcdefghijklmnopqrstuvwxyz234567"[(half >> (5 * digit)) % 32]);
  }
  return did;
}

}  // namespace tokens::bench
