// Makes a store of many live tokens, one to an account, and a file of their texts. Each is inserted as Mint would
// insert it, synced with those that wait beside it; then the store is compacted, so that it is the same whatever the
// disk did.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "storage/rocksdb_token_store.h"
#include "tests/bench/accounts.h"
#include "tests/bench/measure.h"
#include "tests/bench/token_file.h"
#include "token_service/base/random.h"
#include "token_service/token_secret.h"

ABSL_FLAG(std::string, store, "", "folder of the store, which must not be there yet");
ABSL_FLAG(std::string, texts, "", "file for the texts of the tokens");
ABSL_FLAG(uint64_t, tokens, 1'000'000, "how many");
ABSL_FLAG(int, threads, 256, "inserts that wait for the disk together");

namespace tokens::bench {
namespace {

storage::NewToken MakeToken(uint64_t account, const storage::TokenDigest& digest, absl::Time now) {
  storage::NewToken token;
  token.record.digest = digest;
  token.record.did = AccountDid(account);
  token.record.profile = "widget";
  token.record.issue_time = now;
  token.record.expire_time = now + absl::Hours(365 * 24);
  token.now = now;
  token.max_live = 1;
  return token;
}

// Inserts the tokens whose numbers it draws from `next`, and writes their texts into their places.
void Fill(storage::TokenStore& store, absl::Time now, std::atomic<uint64_t>& next, std::string& texts) {
  SystemRandom random;
  const uint64_t count = texts.size() / kTokenBytes;
  for (uint64_t number = next++; number < count; number = next++) {
    const absl::StatusOr<TokenSecret> secret = TokenSecret::Generate("dpwt_", random);
    if (!secret.ok() || secret->Reveal().size() != kTokenBytes) Abandon("cannot generate a token");
    const auto outcome = store.Insert(MakeToken(number, secret->Digest(), now));
    if (!outcome.ok()) Abandon(outcome.status().message());
    if (outcome->kind != storage::InsertOutcome::Kind::kInserted) Abandon("a new token was not inserted");
    std::copy(secret->Reveal().begin(), secret->Reveal().end(),
              texts.begin() + static_cast<ptrdiff_t>(number * kTokenBytes));
  }
}

int Run() {
  storage::RocksDbOptions options;
  options.directory = absl::GetFlag(FLAGS_store);
  const auto store = storage::RocksDbTokenStore::Open(options);
  if (!store.ok()) Abandon(store.status().message());
  const uint64_t count = absl::GetFlag(FLAGS_tokens);
  const absl::Time now = absl::FromUnixSeconds(absl::ToUnixSeconds(absl::Now()));
  std::string texts(count * kTokenBytes, '\0');
  std::atomic<uint64_t> next = 0;
  std::vector<std::thread> threads;
  const int writers = absl::GetFlag(FLAGS_threads);
  threads.reserve(static_cast<size_t>(writers));
  for (int i = 0; i < writers; ++i) threads.emplace_back([&] { Fill(**store, now, next, texts); });
  while (next < count) {
    absl::SleepFor(absl::Seconds(5));
    std::printf("%llu of %llu tokens\n", static_cast<unsigned long long>(std::min<uint64_t>(next, count)),
                static_cast<unsigned long long>(count));
    std::fflush(stdout);
  }
  for (std::thread& thread : threads) thread.join();
  if (const absl::Status status = (*store)->Compact(); !status.ok()) Abandon(status.message());
  std::ofstream file(absl::GetFlag(FLAGS_texts), std::ios::binary);
  if (!file.write(texts.data(), static_cast<std::streamsize>(texts.size())).flush()) Abandon("cannot write --texts");
  return 0;
}

}  // namespace
}  // namespace tokens::bench

int main(int argc, char** argv) {
  tokens::bench::ParseBenchFlags(argc, argv);
  return tokens::bench::Run();
}
