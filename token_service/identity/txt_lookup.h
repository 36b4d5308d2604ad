#ifndef TOKEN_SERVICE_IDENTITY_TXT_LOOKUP_H_
#define TOKEN_SERVICE_IDENTITY_TXT_LOOKUP_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tokens {

struct TxtLookupOptions {
  std::string servers;  // "IP:PORT,…", asked instead of those of /etc/resolv.conf. Empty: the latter.
  absl::Duration timeout = absl::Seconds(3);  // Of everything.
};

// The TXT records of `name`, each with its strings put together (RFC 1035 §3.3.14), in no order; none if there is no
// such name or record. Asks by UDP, then by TCP for an answer that is cut short; no search list. Thread-safe; blocks.
// INVALID_ARGUMENT: `options` are none. UNAVAILABLE: the name server failed. DEADLINE_EXCEEDED: no answer in time.
absl::StatusOr<std::vector<std::string>> FindTxtRecords(const std::string& name, const TxtLookupOptions& options);

// The same with options chosen.
using AskTxt = std::function<absl::StatusOr<std::vector<std::string>>(const std::string& name)>;

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_TXT_LOOKUP_H_
