#include "xrpc_shim/bearer_token.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

constexpr size_t kMaxTokenBytes = 4096;

// A JWT holds dots, and its first part begins with "ey"; a token of ours holds none, and has its prefix before the
// first "_".
bool LooksLikeWidgetToken(absl::string_view text) {
  return absl::StartsWith(text, "dpwt_") ||
         (!absl::StrContains(text, '.') && absl::StrContains(text.substr(0, 13), '_'));
}

}  // namespace

bool IsTokenText(absl::string_view text) {
  if (text.empty() || text.size() > kMaxTokenBytes) return false;
  for (const char c : text) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && !absl::StrContains("-._~+/", c)) return false;
  }
  return true;
}

absl::StatusOr<BearerToken> ReadBearerToken(const HttpRequest& request) {
  const HeaderLookup field = FindHeader(request.headers, "authorization");
  if (field.count == 0) return XrpcError(XrpcErrorName::kAuthMissing);
  if (field.count > 1) return XrpcError(XrpcErrorName::kBadJwt, "more than one Authorization field");
  const size_t space = field.value.find(' ');
  const absl::string_view scheme = field.value.substr(0, space);
  if (!absl::EqualsIgnoreCase(scheme, "Bearer")) return XrpcError(XrpcErrorName::kAuthMissing);
  const absl::string_view text =
      space == absl::string_view::npos ? absl::string_view() : absl::StripAsciiWhitespace(field.value.substr(space));
  if (!IsTokenText(text)) return XrpcError(XrpcErrorName::kBadJwt, "malformed Authorization field");
  return BearerToken{LooksLikeWidgetToken(text) ? BearerToken::Kind::kWidgetToken : BearerToken::Kind::kJwt, text};
}

}  // namespace tokens::xrpc
