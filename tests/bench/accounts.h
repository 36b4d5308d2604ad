#ifndef TESTS_BENCH_ACCOUNTS_H_
#define TESTS_BENCH_ACCOUNTS_H_

#include <cstdint>
#include <string>

namespace tokens::bench {

// The DID of the account with this number: always the same one, and spread over the key space as real ones are.
std::string AccountDid(uint64_t number);

}  // namespace tokens::bench

#endif  // TESTS_BENCH_ACCOUNTS_H_
