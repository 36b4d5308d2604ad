#ifndef TOKEN_SERVICE_BASE_GRPC_STATUS_H_
#define TOKEN_SERVICE_BASE_GRPC_STATUS_H_

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace tokens {

// The same code, text and details (as grpc-status-details-bin). What must not leave the process is replaced: an unknown
// or internal error becomes INTERNAL "internal error", whatever it said.
[[nodiscard]] grpc::Status ToGrpcStatus(const absl::Status& status);

// The reverse. Details that cannot be parsed are dropped; the code stays.
absl::Status FromGrpcStatus(const grpc::Status& status);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_GRPC_STATUS_H_
