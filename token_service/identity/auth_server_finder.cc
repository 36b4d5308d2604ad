#include "token_service/identity/auth_server_finder.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "token_service/identity/server_metadata.h"

namespace tokens {
namespace {

constexpr char kAccept[] = "application/json";
constexpr int kNotFound = 404;

bool IsOutage(const absl::Status& status) { return absl::IsUnavailable(status) || absl::IsDeadlineExceeded(status); }

// An address that may not be asked is a fault of who named it. A name that does not exist may be the slip of an hour.
absl::Status FetchError(const absl::Status& status) {
  if (absl::IsDeadlineExceeded(status)) return absl::DeadlineExceededError(absl::StrCat("slow: ", status.message()));
  if (absl::IsPermissionDenied(status)) {
    return absl::FailedPreconditionError(absl::StrCat("forbidden_address: ", status.message()));
  }
  return absl::UnavailableError(absl::StrCat("unreachable: ", status.message()));
}

absl::Status ErrorOf(const std::vector<BrokenRule>& broken) {
  return broken.empty() ? absl::OkStatus() : absl::FailedPreconditionError(Describe(broken));
}

absl::Status CheckServer(const GetUrl& get, const std::string& issuer, const std::string& pds, WebHosts hosts) {
  const absl::StatusOr<HttpReply> reply = get(absl::StrCat(issuer, "/.well-known/oauth-authorization-server"), kAccept);
  if (!reply.ok()) return FetchError(reply.status());
  const absl::StatusOr<nlohmann::json> metadata = ReadMetadata(*reply);
  if (!metadata.ok()) return metadata.status();
  return ErrorOf(CheckServerMetadata(*metadata, issuer, pds, hosts));
}

}  // namespace

AuthServerFinder::AuthServerFinder(GetUrl get, Clock& clock, const AuthServerFinderOptions& options)
    : get_(std::move(get)), options_(options), cache_(clock, options.max_servers, options.longest_wait) {}

AuthServer AuthServerFinder::Find(const std::string& pds) {
  std::optional<AuthServer> found = cache_.Get(pds, [&]() -> FetchCache<AuthServer>::Fetched {
    AuthServer asked = Ask(pds);
    const bool outage = IsOutage(asked.resource) || IsOutage(asked.server);
    return {std::move(asked), outage ? absl::ZeroDuration() : options_.fresh_for};
  });
  if (found.has_value()) return *std::move(found);
  const absl::Status slow = absl::DeadlineExceededError("slow: the fetch of another caller takes too long");
  return {.issuer = "", .resource = slow, .server = absl::CancelledError()};
}

AuthServer AuthServerFinder::Ask(const std::string& pds) const {
  AuthServer found;
  found.server = absl::CancelledError();
  const absl::StatusOr<HttpReply> reply = get_(absl::StrCat(pds, "/.well-known/oauth-protected-resource"), kAccept);
  if (!reply.ok()) {
    found.resource = FetchError(reply.status());
  } else if (reply->http_status == kNotFound) {
    found.issuer = pds;
    found.pds_itself = true;
  } else if (const absl::StatusOr<nlohmann::json> metadata = ReadMetadata(*reply); !metadata.ok()) {
    found.resource = metadata.status();
  } else {
    found.resource = ErrorOf(CheckResourceMetadata(*metadata, pds, options_.hosts));
    if (found.resource.ok()) found.issuer = AuthorizationServerIn(*metadata);
  }
  if (found.resource.ok()) found.server = CheckServer(get_, found.issuer, pds, options_.hosts);
  return found;
}

}  // namespace tokens
