#include "token_service/identity/did_web.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "token_service/base/did.h"
#include "token_service/identity/did_reply.h"

namespace tokens {
namespace {

// The host, or host:port, of `localhost`.
bool IsLocalhost(absl::string_view host) { return host == "localhost" || absl::StartsWith(host, "localhost:"); }

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
