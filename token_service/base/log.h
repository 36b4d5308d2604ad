#ifndef TOKEN_SERVICE_BASE_LOG_H_
#define TOKEN_SERVICE_BASE_LOG_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

enum class LogLevel { kInfo, kWarning, kError };

// The only fields a log line can have besides time, level and event; empty ones are left out. There is no field for a
// token, a JWT, a key or a header, and none may be put into another field.
struct LogFields {
  absl::string_view request_id;
  absl::string_view trace_id;  // Of the distributed trace (trace_context.h),
  absl::string_view span_id;   // and this request's own name in it.
  absl::string_view method;    // RPC or NSID.
  absl::string_view code;      // gRPC status code or HTTP status.
  absl::string_view error;     // Machine-readable reason: an XRPC error name or a refusal's reason.
  absl::string_view caller;    // Who called the RPC: a name of its certificate.
  absl::string_view role;      // By which it was allowed.
  absl::string_view did;       // The viewer.
  absl::string_view token_id;  // Public name of the token.
  absl::string_view detail;    // One sentence for the operator; our own text or a library's.
  std::optional<absl::Duration> duration;
};

// Starts the logger: one JSON object per line on stderr, written by a thread of its own. The oldest queued
// lines are dropped rather than holding up a caller when nobody reads stderr. gRPC's own messages become lines
// of the event "grpc". Call once, early in main.
void InitLog();

// Writes what is still queued. Call before exit.
void FlushLog();

// Writes one line. Thread-safe; without InitLog it does nothing. `event` is a fixed snake_case name.
void Log(LogLevel level, absl::string_view event, const LogFields& fields = {});

// The line Log would write for an event at `time`, without the newline.
std::string FormatLogLine(absl::Time time, LogLevel level, absl::string_view event, const LogFields& fields);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_LOG_H_
