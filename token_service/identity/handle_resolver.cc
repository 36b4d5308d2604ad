#include "token_service/identity/handle_resolver.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "token_service/base/did.h"

namespace tokens {
namespace {

using Did = absl::StatusOr<std::string>;

bool IsOutage(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

Did AskDns(const AskTxt& ask_txt, const std::string& handle) {
  const absl::StatusOr<std::vector<std::string>> records = ask_txt(absl::StrCat("_atproto.", handle));
  if (!records.ok()) {
    const absl::StatusCode code = absl::IsDeadlineExceeded(records.status()) ? absl::StatusCode::kDeadlineExceeded
                                                                             : absl::StatusCode::kUnavailable;
    return absl::Status(code, absl::StrCat("dns_unavailable: ", records.status().message()));
  }
  std::optional<absl::string_view> only;
  for (const std::string& record : *records) {
    absl::string_view did = record;
    if (!absl::ConsumePrefix(&did, "did=")) continue;
    if (only.has_value()) return absl::FailedPreconditionError("dns_several_records: there must be one did= record");
    only = did;
  }
  if (!only.has_value()) return absl::NotFoundError("dns_no_record: no did= record");
  if (!IsAtprotoDid(*only)) return absl::FailedPreconditionError("dns_not_a_did: not the DID of an atproto account");
  return std::string(*only);
}

absl::Status HttpsFailure(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound: return absl::NotFoundError(absl::StrCat("https_no_host: ", status.message()));
    case absl::StatusCode::kPermissionDenied:
      return absl::FailedPreconditionError(absl::StrCat("https_forbidden_address: ", status.message()));
    case absl::StatusCode::kDeadlineExceeded:
      return absl::DeadlineExceededError(absl::StrCat("https_unavailable: ", status.message()));
    default: return absl::UnavailableError(absl::StrCat("https_unavailable: ", status.message()));
  }
}

Did AskHttps(const GetUrl& get, const std::string& handle) {
  const absl::StatusOr<HttpReply> reply =
      get(absl::StrCat("https://", handle, "/.well-known/atproto-did"), "text/plain");
  if (!reply.ok()) return HttpsFailure(reply.status());
  const std::string status = absl::StrCat("https_status: it must be 2xx, not ", reply->http_status);
  if (reply->http_status >= 500) return absl::UnavailableError(status);
  if (reply->http_status < 200 || reply->http_status >= 300) return absl::NotFoundError(status);
  const absl::string_view type = absl::string_view(reply->content_type).substr(0, reply->content_type.find(';'));
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type), "text/plain")) {
    return absl::FailedPreconditionError("https_content_type: it must be text/plain");
  }
  const absl::string_view line = absl::string_view(reply->body).substr(0, reply->body.find('\n'));
  const absl::string_view did = absl::StripAsciiWhitespace(line);
  if (!IsAtprotoDid(did)) return absl::FailedPreconditionError("https_not_a_did: not the DID of an atproto account");
  return std::string(did);
}

// What counts where DNS had nothing to say or could not say it.
Did Decide(const Did& dns, const Did& https) {
  if (https.ok() || !IsOutage(dns.status())) return https;
  return dns;  // the record may well be there
}

HandleAnswer Ask(const AskTxt& ask_txt, const GetUrl& get, const std::string& handle) {
  Did dns = AskDns(ask_txt, handle);
  if (!absl::IsNotFound(dns.status()) && !IsOutage(dns.status())) {
    return {dns, absl::CancelledError("DNS has settled it"), dns};
  }
  Did https = AskHttps(get, handle);
  Did did = Decide(dns, https);
  return {std::move(dns), std::move(https), std::move(did)};
}

}  // namespace

HandleResolver::HandleResolver(AskTxt ask_txt, GetUrl get, Clock& clock, const HandleResolverOptions& options)
    : ask_txt_(std::move(ask_txt)),
      get_(std::move(get)),
      options_(options),
      cache_(clock, options.max_handles, options.longest_wait) {}

HandleAnswer HandleResolver::Resolve(const std::string& handle) {
  std::optional<HandleAnswer> answer = cache_.Get(handle, [&]() -> FetchCache<HandleAnswer>::Fetched {
    HandleAnswer asked = Ask(ask_txt_, get_, handle);
    absl::Duration keep_for = asked.did.ok() ? options_.fresh_for : options_.absent_for;
    if (IsOutage(asked.dns.status()) || IsOutage(asked.https.status())) keep_for = absl::ZeroDuration();
    return {std::move(asked), keep_for};
  });
  if (answer.has_value()) return *std::move(answer);
  const absl::Status slow = absl::DeadlineExceededError("handle_slow: the look-up of another caller takes too long");
  return {slow, slow, slow};
}

}  // namespace tokens
