#include "token_service/commands.h"

#include <cstdio>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "token_service/base/clock.h"
#include "token_service/base/flags.h"
#include "token_service/config.h"
#include "token_service/store_commands.h"
#include "token_service/verify_audit.h"

namespace tokens {
namespace {

constexpr char kProgram[] = "token_service";

void PrintLine(std::FILE* stream, const std::string& line) {
  std::fprintf(stream, "%s: %s\n", kProgram, line.c_str());
  std::fflush(stream);
}

// The faults of the flags, told; false if there are any.
bool ReadFlags(int argc, char** argv) {
  const std::vector<std::string> faults = ParseFlags(argc, argv, RepeatableFlags());
  Refuse(kProgram, faults);
  return faults.empty();
}

int Finish(const CommandOutcome& outcome) {
  for (const std::string& line : outcome.lines) PrintLine(outcome.exit_code == 0 ? stdout : stderr, line);
  return outcome.exit_code;
}

int RunVerifyAudit(int argc, char** argv) {
  if (!ReadFlags(argc, argv)) return kExitRefused;
  const ServiceConfig config = ReadConfig();
  const AuditVerdict verdict = VerifyAudit(config.store, config.audit_head, config.audit_public_keys);
  return Finish({verdict.exit_code, {verdict.line}});
}

int RunRestore(int argc, char** argv) {
  if (!ReadFlags(argc, argv)) return kExitRefused;
  const ServiceConfig config = ReadConfig();
  SystemClock clock;
  return Finish(Restore({config.store, config.backup_dir, config.backup_id}, clock,
                        [](const std::string& line) { PrintLine(stderr, line); }));
}

int RunVerify(int argc, char** argv) {
  if (!ReadFlags(argc, argv)) return kExitRefused;
  const ServiceConfig config = ReadConfig();
  SystemClock clock;
  return Finish(Verify({config.store, config.backup_dir, config.backup_id, config.strict_wal}, clock,
                       [](const std::string& line) { PrintLine(stderr, line); }));
}

constexpr Command kCommands[] = {
    {"restore",
     "token_service restore --backup_dir=DIR --store=rocksdb:NEW_DIR [--backup_id=N]\n"
     "    makes a store of a backup (the newest): NEW_DIR is empty or not there. Exits 1 if the backup is damaged.",
     RunRestore},
    {"verify",
     "token_service verify --store=rocksdb:DIR | --backup_dir=DIR [--backup_id=N]\n"
     "    reads every row of a store that is not in use, or of a backup, and changes nothing. Exits 1 if it finds a "
     "fault.",
     RunVerify},
    {"verify-audit",
     "token_service verify-audit --store=rocksdb:DIR [--audit_head=NUMBER:HASH] [--audit_public_key=FILE ...]\n"
     "    proves the audit of a store that is not in use. Exits 1 if it is broken.",
     RunVerifyAudit},
};

}  // namespace

const Command* FindCommand(int argc, char** argv) {
  if (argc < 2) return nullptr;
  for (const Command& command : kCommands) {
    if (absl::string_view(argv[1]) == command.name) return &command;
  }
  return nullptr;
}

std::string CommandUsages() {
  std::string text;
  for (const Command& command : kCommands) absl::StrAppend(&text, "  ", command.usage, "\n");
  return text;
}

}  // namespace tokens
