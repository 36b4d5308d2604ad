#include "xrpc_shim/json_message.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "token_service/base/datetime.h"
#include "token_service/jose/strict_json.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

constexpr char kJsonType[] = "application/json";
constexpr JsonLimits kInputLimits = {size_t{64} << 10, 16};

absl::Status Refuse(absl::string_view message) { return XrpcError(XrpcErrorName::kInvalidRequest, message); }

// The charset among the parameters of a media type, lower-case and without quotes; empty if there is none.
std::string CharsetOf(const std::vector<absl::string_view>& parameters) {
  for (const absl::string_view parameter : parameters) {
    const std::string text = absl::AsciiStrToLower(absl::StripAsciiWhitespace(parameter));
    absl::string_view value = text;
    if (!absl::ConsumePrefix(&value, "charset=")) continue;
    if (absl::ConsumePrefix(&value, "\"")) absl::ConsumeSuffix(&value, "\"");
    return std::string(value);
  }
  return "";
}

absl::Status CheckEncoding(const HttpRequest& request) {
  const HeaderLookup type = FindHeader(request.headers, "content-type");
  if (type.count == 0 || request.body.empty()) {
    return Refuse("Request encoding (Content-Type) required but not provided");
  }
  const std::vector<absl::string_view> parts = absl::StrSplit(type.value, ';');
  const absl::string_view media_type = absl::StripAsciiWhitespace(parts[0]);
  if (type.count > 1 || !absl::EqualsIgnoreCase(media_type, kJsonType)) {
    return Refuse(absl::StrCat("Wrong request encoding (Content-Type): ", media_type));
  }
  const std::string charset = CharsetOf(parts);
  if (!charset.empty() && charset != "utf-8" && charset != "utf8") {
    return XrpcError(XrpcErrorName::kUnsupportedMediaType, "unsupported charset");
  }
  const HeaderLookup coding = FindHeader(request.headers, "content-encoding");
  if (coding.count > 1 || (coding.count == 1 && !absl::EqualsIgnoreCase(coding.value, "identity"))) {
    return XrpcError(XrpcErrorName::kUnsupportedMediaType, "unsupported content encoding");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<nlohmann::json> ReadJsonInput(const HttpRequest& request) {
  const bool announced = FindHeader(request.headers, "content-length").count > 0 ||
                         FindHeader(request.headers, "transfer-encoding").count > 0;
  if (request.body.empty() && !announced) return Refuse("A request body is expected but none was provided");
  if (absl::Status status = CheckEncoding(request); !status.ok()) return status;
  absl::StatusOr<nlohmann::json> input = ParseStrictJson(request.body, kInputLimits);
  if (!input.ok()) return Refuse(absl::StrCat("Input: ", input.status().message()));
  if (!input->is_object()) return Refuse("Input must be an object");
  return input;
}

HttpResponse JsonResponse(const nlohmann::ordered_json& body) {
  HttpResponse response;
  response.status = 200;
  response.headers.emplace_back("Cache-Control", "no-store");
  response.body = body.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  return response;
}

std::string DatetimeOf(const google::protobuf::Timestamp& timestamp) {
  return FormatDatetime(absl::FromUnixSeconds(timestamp.seconds()) + absl::Nanoseconds(timestamp.nanos()));
}

}  // namespace tokens::xrpc
