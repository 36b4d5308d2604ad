#ifndef TOKEN_SERVICE_BASE_REQUEST_ID_H_
#define TOKEN_SERVICE_BASE_REQUEST_ID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tokens {

// Name of the gRPC metadata and, in other letter case, of the HTTP header that carries a request id.
inline constexpr char kRequestIdHeader[] = "x-request-id";

// True for what we take from outside as a request id: 1–48 of A-Z a-z 0-9 - _ . so that it can stand in any log and
// header, and that a token or a JWT sent as one by mistake is not taken for it.
bool IsRequestId(absl::string_view text);

// A new id: 32 hex characters. Unique, not secret. Thread-safe.
std::string MakeRequestId();

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_REQUEST_ID_H_
