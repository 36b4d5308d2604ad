#ifndef XRPC_SHIM_JSON_MESSAGE_H_
#define XRPC_SHIM_JSON_MESSAGE_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// The JSON object in the body of a procedure with input, read strictly (strict_json.h). Takes what the reference server
// takes (application/json with any parameters) and refuses as it does: InvalidRequest without a body, without a
// Content-Type, for another type, for what is not a JSON object; UnsupportedMediaType for a charset other than UTF-8 or
// a Content-Encoding. For handlers to call after they have authenticated the viewer, as CheckNoInput (router.h).
absl::StatusOr<nlohmann::json> ReadJsonInput(const HttpRequest& request);

// The answer of a method that went well. Never cached: it is about one viewer, and may hold a token.
HttpResponse JsonResponse(const nlohmann::ordered_json& body);

// The datetime of a lexicon, from a message of the token service.
std::string DatetimeOf(const google::protobuf::Timestamp& timestamp);

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_JSON_MESSAGE_H_
