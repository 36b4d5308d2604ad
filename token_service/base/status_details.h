#ifndef TOKEN_SERVICE_BASE_STATUS_DETAILS_H_
#define TOKEN_SERVICE_BASE_STATUS_DETAILS_H_

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace tokens {

// Typed error details travel as payloads of absl::Status whose type URLs are those of google.protobuf.Any;
// grpc_status.h carries them over the wire unchanged.

// Why a call failed, for programs (google.rpc.ErrorInfo, domain "didpic.token.v1").
struct ErrorReason {
  std::string reason;  // UPPER_SNAKE_CASE.
  std::map<std::string, std::string> metadata;
};

// INVALID_ARGUMENT with a BadRequest naming `field`. Neither text may hold a secret or the field's value.
absl::Status InvalidField(absl::string_view field, absl::string_view problem);

// `status` with an ErrorInfo. Leaves an OK status as it is.
absl::Status WithReason(absl::Status status, const ErrorReason& reason);

// The ErrorInfo that `status` carries in our domain, if any.
std::optional<ErrorReason> GetReason(const absl::Status& status);

// `status` with a RetryInfo: there is no use in trying again before `delay` has passed. Leaves an OK status as it is.
absl::Status WithRetryDelay(absl::Status status, absl::Duration delay);

// What WithRetryDelay put into `status`, if anything; negative delays are nothing.
std::optional<absl::Duration> GetRetryDelay(const absl::Status& status);

// A field, and what is wrong with it.
struct FieldProblem {
  std::string field;
  std::string problem;
};

// What InvalidField put into `status`, if anything.
std::optional<FieldProblem> GetInvalidField(const absl::Status& status);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_STATUS_DETAILS_H_
