#include "token_service/identity/client_examination.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "token_service/identity/client_id.h"
#include "token_service/identity/client_rule.h"
#include "token_service/identity/loopback_client.h"
#include "token_service/jose/strict_json.h"

namespace tokens {
namespace {

constexpr JsonLimits kKeyLimits = {.max_bytes = kMaxClientDocumentBytes, .max_depth = 8};

// `what` is "document" or "keys" and begins the names of the rules.
absl::Status FetchFailure(const absl::Status& status, absl::string_view what) {
  switch (status.code()) {
    case absl::StatusCode::kDeadlineExceeded: return status;
    case absl::StatusCode::kNotFound:
      return ClientRejected(absl::StrCat(what, "_host"), absl::StrCat("the host of its ", what, " does not exist"));
    case absl::StatusCode::kPermissionDenied:
      return ClientRejected(absl::StrCat(what, "_host"), absl::StrCat("the host of its ", what, " is not public"));
    case absl::StatusCode::kInvalidArgument:
      return ClientRejected(absl::StrCat(what, "_host"), absl::StrCat("the URL of its ", what, " may not be asked"));
    default: return absl::UnavailableError(status.message());
  }
}

bool IsOutage(int http_status) { return http_status >= 500 || http_status == 408 || http_status == 429; }

bool IsJson(absl::string_view content_type) {
  return absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))),
                                "application/json");
}

absl::StatusOr<std::string> Fetch(const std::string& url, const GetJson& get, absl::string_view what) {
  absl::StatusOr<HttpReply> reply = get(url);
  if (!reply.ok()) return FetchFailure(reply.status(), what);
  if (IsOutage(reply->http_status)) {
    return absl::UnavailableError(absl::StrCat("HTTP ", reply->http_status, " for the client's ", what));
  }
  if (reply->http_status != 200) {
    return ClientRejected(absl::StrCat(what, "_status"), absl::StrCat("HTTP ", reply->http_status, " for its ", what));
  }
  if (!IsJson(reply->content_type)) {
    return ClientRejected(absl::StrCat(what, "_content_type"), absl::StrCat("not application/json: its ", what));
  }
  return std::move(reply->body);
}

absl::Status CheckFetchedKeys(const std::string& text) {
  const absl::StatusOr<nlohmann::json> keys = ParseStrictJson(text, kKeyLimits);
  if (!keys.ok()) return ClientRejected("keys_json", "what jwks_uri names is not JSON, or says one thing twice");
  return CheckClientKeys(*keys);
}

}  // namespace

ClientExamination ExamineClient(const std::string& client_id, const GetJson& get) {
  ClientExamination examination;
  // Notes a step; true if it went well.
  const auto done = [&examination](const char* step, const absl::Status& outcome) {
    examination.steps.push_back({step, outcome});
    if (!outcome.ok()) examination.client = outcome;
    return outcome.ok();
  };
  if (IsLoopbackClientId(client_id)) {
    examination.client = DescribeLoopbackClient(client_id);
    done("client_id", examination.client.status());
    return examination;
  }
  if (!done("client_id", CheckDiscoverableClientId(client_id))) return examination;
  const absl::StatusOr<std::string> document = Fetch(client_id, get, "document");
  if (!done("fetch_document", document.status())) return examination;
  examination.client = ParseClientMetadata(client_id, *document);
  if (!done("check_document", examination.client.status())) return examination;
  if (examination.client->jwks_uri.empty()) return examination;
  const absl::StatusOr<std::string> keys = Fetch(examination.client->jwks_uri, get, "keys");
  if (done("fetch_keys", keys.status())) done("check_keys", CheckFetchedKeys(*keys));
  return examination;
}

}  // namespace tokens
