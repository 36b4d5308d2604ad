#ifndef TOKEN_SERVICE_BASE_FLAGS_H_
#define TOKEN_SERVICE_BASE_FLAGS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

// How a program that refuses to start exits.
inline constexpr int kExitRefused = 2;

// Sets the Abseil flags from the command line, and from the environment by --tryfromenv and --fromenv. --help and
// --version print and end the program (Abseil: with 1 and 0); main sets the usage text (absl::SetProgramUsageMessage).
// Returns one line per fault: an unknown flag, a value that does not parse, an argument that is no flag. A flag named
// in `repeatable` (of type std::vector<std::string>) may be given several times; the values add up.
std::vector<std::string> ParseFlags(int argc, char** argv, const std::vector<std::string>& repeatable = {});

// Prints `faults`, one line each, on stderr and returns kExitRefused.
int Refuse(absl::string_view program, const std::vector<std::string>& faults);

// Refuse with a fault for each line of the message of `status`, each beginning with `flag`.
int RefuseLines(absl::string_view program, absl::string_view flag, const absl::Status& status);

// Adds a fault unless `value` is from `low` to `high`.
void CheckRange(absl::string_view flag, int value, int low, int high, std::vector<std::string>* faults);
void CheckRange(absl::string_view flag, absl::Duration value, absl::Duration low, absl::Duration high,
                std::vector<std::string>* faults);

// True if `address` ("HOST:PORT", "[IPv6]:PORT" or "unix:PATH") is reachable from this machine only.
bool IsLocalAddress(absl::string_view address);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_FLAGS_H_
