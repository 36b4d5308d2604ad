#ifndef XRPC_SHIM_XRPC_ERROR_H_
#define XRPC_SHIM_XRPC_ERROR_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// Every error this program answers with. The names on the wire and their order of use are those of
// @atproto/xrpc-server.
enum class XrpcErrorName {
  kInvalidRequest,    // 400
  kMethodNotAllowed,  // 405, on the wire InvalidRequest
  kAuthMissing,       // 401 and all up to kSessionTakedown
  kBadJwt,
  kBadJwtType,
  kJwtExpired,
  kJwtTooOld,
  kJwtNotYetValid,
  kBadJwtAudience,
  kBadJwtLexiconMethod,
  kBadJwtIss,
  kBadJwtSignature,
  kJwtReplayed,
  kInvalidToken,
  kExpiredToken,
  kOauthTokenInvalid,  // on the wire InvalidToken
  kOauthTokenExpired,  // on the wire ExpiredToken
  kInvalidDpopProof,
  kDpopProofReplayed,  // on the wire InvalidDpopProof
  kUseDpopNonce,
  kMissingTokenId,
  kSessionTakedown,       // on the wire AccountTakedown
  kSessionTokenInvalid,   // 400, on the wire InvalidToken
  kSessionTokenExpired,   // 400, on the wire ExpiredToken
  kInsufficientScope,     // 403
  kOauthScopeMissing,     // 403, on the wire InsufficientScope
  kForbidden,             // 403
  kAccountTakedown,       // 403
  kAccountDeactivated,    // 403
  kTokenLimitReached,     // 400
  kXrpcNotSupported,      // 404
  kRequestTimeout,        // 408, on the wire InvalidRequest
  kPayloadTooLarge,       // 413
  kUnsupportedMediaType,  // 415
  kHeadersTooLarge,       // 431, on the wire InvalidRequest
  kRateLimitExceeded,     // 429
  kInternalServerError,   // 500
  kMethodNotImplemented,  // 501
  kUpstreamFailure,       // 502
  kNotEnoughResources,    // 503
  kUpstreamTimeout,       // 504
};

// An error with the row's fixed message. Its code is the nearest absl one; the name travels as a payload.
absl::Status XrpcError(XrpcErrorName name);

// The same with a message of our own for the caller; it must not hold a secret or text from a library. A 500 shows its
// fixed message whatever is given here.
absl::Status XrpcError(XrpcErrorName name, absl::string_view message);

// `status` with header fields for ErrorResponse to send along. Names and values hold no CR, LF or NUL.
absl::Status WithHeaders(absl::Status status, const HttpHeaders& headers);

// The name on the wire for `status`: what XrpcError put in, otherwise the row of its code.
absl::string_view WireName(const absl::Status& status);

// The only writer of error bodies: {"error": name, "message": text}, with WWW-Authenticate where the row has one.
// Only what XrpcError made shows its own message. Any other status was written for us: it is answered with the fixed
// text of its code's row, and whatever is not the caller's doing (INTERNAL, DATA_LOSS, UNAUTHENTICATED from upstream,
// even OK) as a 500 with `request_id`.
HttpResponse ErrorResponse(const absl::Status& status, absl::string_view request_id);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_XRPC_ERROR_H_
