#include "token_service/identity/did_web.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "token_service/base/did.h"
#include "token_service/identity/did_reply.h"

namespace tokens {
namespace {

// https://atproto.com/specs/handle#additional-non-syntax-restrictions, which hold for did:web hosts, too.
constexpr absl::string_view kReservedDomains[] = {"alt",     "arpa",  "example",   "internal",
                                                  "invalid", "local", "localhost", "onion"};

// The host, or host:port, of `localhost`.
bool IsLocalhost(absl::string_view host) { return host == "localhost" || absl::StartsWith(host, "localhost:"); }

bool IsTakenBy(WebHosts hosts, absl::string_view host) {
  // Also keeps IP addresses out: a handle does not end in a number.
  if (!IsValidHandle(host)) return false;
  const std::string domain = absl::AsciiStrToLower(host.substr(host.rfind('.') + 1));
  if (domain == "test") return hosts == WebHosts::kDevelopment;
  return std::find(std::begin(kReservedDomains), std::end(kReservedDomains), domain) == std::end(kReservedDomains);
}

}  // namespace

absl::StatusOr<std::string> WebDocumentUrl(const std::string& did, WebHosts hosts) {
  absl::string_view name = did;
  if (IsAtprotoDid(did) && absl::ConsumePrefix(&name, "did:web:")) {
    const std::string host = absl::StrReplaceAll(name, {{"%3A", ":"}});
    if (hosts == WebHosts::kDevelopment && IsLocalhost(host)) {
      return absl::StrCat("http://", host, "/.well-known/did.json");
    }
    if (IsTakenBy(hosts, host)) return absl::StrCat("https://", host, "/.well-known/did.json");
  }
  return absl::NotFoundError(absl::StrCat("not a public did:web: ", did));
}

absl::StatusOr<std::string> FetchWebDocument(HttpsFetcher& fetcher, const std::string& did, WebHosts hosts) {
  const absl::StatusOr<std::string> url = WebDocumentUrl(did, hosts);
  if (!url.ok()) return url.status();
  absl::StatusOr<HttpReply> reply = fetcher.Get(*url, kDidDocumentTypes);
  if (reply.ok()) return DocumentIn(*std::move(reply), did);
  switch (reply.status().code()) {
    case absl::StatusCode::kNotFound:
    case absl::StatusCode::kPermissionDenied: return absl::NotFoundError(reply.status().message());
    case absl::StatusCode::kDeadlineExceeded: return reply.status();
    default: return absl::UnavailableError(reply.status().message());
  }
}

}  // namespace tokens
