// What a durable write costs without us: a plain RocksDB, one synced Put of the size of a token's record at a time on
// each thread.
#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "rocksdb/db.h"
#include "tests/bench/accounts.h"
#include "tests/bench/measure.h"

ABSL_FLAG(std::string, directory, "", "folder of the database, made if it is not there");
ABSL_FLAG(int, threads, 1, "writers");
ABSL_FLAG(int, value_bytes, 118, "with a key of 32 bytes");

namespace tokens::bench {
namespace {

void Insert(rocksdb::DB& database, uint64_t first_key, Tally& tally) {
  rocksdb::WriteOptions options;
  options.sync = true;
  for (uint64_t number = first_key; !tally.done(); ++number) {
    const std::string key = AccountDid(number);  // 32 bytes, spread like digests
    std::string value;
    while (value.size() < static_cast<size_t>(absl::GetFlag(FLAGS_value_bytes))) value += AccountDid(~number);
    value.resize(static_cast<size_t>(absl::GetFlag(FLAGS_value_bytes)));
    const auto began = std::chrono::steady_clock::now();
    const rocksdb::Status status = database.Put(options, key, value);
    if (!status.ok()) Abandon(status.ToString());
    tally.Record(began);
  }
}

int Run() {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, absl::GetFlag(FLAGS_directory), &opened);
  if (!status.ok()) Abandon(status.ToString());
  const std::unique_ptr<rocksdb::DB> database(opened);
  const uint64_t first = database->GetLatestSequenceNumber() << 20;
  Measure(absl::GetFlag(FLAGS_threads),
          [&](int thread, Tally& tally) { Insert(*database, first + (static_cast<uint64_t>(thread) << 40), tally); });
  return 0;
}

}  // namespace
}  // namespace tokens::bench

int main(int argc, char** argv) {
  tokens::bench::ParseBenchFlags(argc, argv);
  return tokens::bench::Run();
}
