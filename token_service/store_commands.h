#ifndef TOKEN_SERVICE_STORE_COMMANDS_H_
#define TOKEN_SERVICE_STORE_COMMANDS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "token_service/base/clock.h"
#include "token_service/progress_lines.h"

namespace tokens {

// What `token_service restore` and `token_service verify` do. They write on no stream themselves: progress and faults
// go to `lines` as they come, and where it does not end well what RocksDB warned of.

// How a command ends: 0, 1 (damage, or a fault) or 2 (refused, or could not tell), and what it says last.
struct CommandOutcome {
  int exit_code;
  std::vector<std::string> lines;
};

struct RestoreRequest {
  std::string store;  // "rocksdb:DIR"; DIR is not there, or empty.
  std::string backup_dir;
  uint32_t backup_id = 0;  // 0: the newest.
};

// Makes a store of a backup (storage/restore_store.h).
CommandOutcome Restore(const RestoreRequest& request, Clock& clock, const LineSink& lines);

struct VerifyRequest {
  std::string store;       // "rocksdb:DIR", or empty with backup_dir.
  std::string backup_dir;  // Empty with store.
  uint32_t backup_id = 0;
  bool strict_wal = false;
};

// Reads a store, or a backup, through and through (storage/verify_store.h). The first hundred faults are told one by
// one.
CommandOutcome Verify(const VerifyRequest& request, Clock& clock, const LineSink& lines);

}  // namespace tokens

#endif  // TOKEN_SERVICE_STORE_COMMANDS_H_
