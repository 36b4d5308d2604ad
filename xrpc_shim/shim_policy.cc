#include "xrpc_shim/shim_policy.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "didpic/token/v1/policy.pb.h"
#include "token_service/base/read_file.h"
#include "token_service/base/textproto.h"
#include "token_service/jose/sha256.h"

namespace tokens::xrpc {
namespace {

namespace pb = ::didpic::token::v1;

constexpr size_t kMaxPolicyBytes = 1 << 20;
constexpr int kMaxRequests = 1000000;
constexpr int64_t kMaxWindowSeconds = int64_t{24} * 3600;
constexpr int kDefaultPerViewer = 300;
constexpr int kDefaultPerAddress = 3000;
constexpr absl::Duration kDefaultWindow = absl::Minutes(5);

bool IsOrigin(absl::string_view url) {
  if (!absl::StartsWith(url, "https://") && !absl::StartsWith(url, "http://")) return false;
  const absl::string_view host = url.substr(url.find("//") + 2);
  return !host.empty() && host.find_first_of("/?#@ ") == absl::string_view::npos;
}

OauthIssuer ReadIssuer(const pb::OauthIssuer& message, const ShimPolicyRules& rules, std::vector<std::string>* faults) {
  const auto fault = [&](absl::string_view text) {
    faults->push_back(absl::StrCat("oauth_issuers \"", message.url(), "\": ", text));
  };
  if (!IsOrigin(message.url())) {
    fault("url: must be https://HOST or https://HOST:PORT");
  } else if (!rules.allow_http_issuers && absl::StartsWith(message.url(), "http:")) {
    fault("url: http needs --allow_insecure_resolution");
  }
  return {message.url(), message.jwks_file(), message.trusted_for_all_accounts()};
}

void ReadIssuers(const pb::Policy& message, const ShimPolicyRules& rules, ShimPolicy* policy,
                 std::vector<std::string>* faults) {
  if (!message.oauth_issuers().empty() && !rules.knows_public_url) {
    faults->emplace_back("oauth_issuers: need --public_url");
  }
  for (const pb::OauthIssuer& entry : message.oauth_issuers()) {
    OauthIssuer issuer = ReadIssuer(entry, rules, faults);
    const bool twice = std::any_of(policy->oauth_issuers.begin(), policy->oauth_issuers.end(),
                                   [&issuer](const OauthIssuer& other) { return other.url == issuer.url; });
    if (twice) faults->push_back(absl::StrCat("oauth_issuers \"", issuer.url, "\": is there twice"));
    policy->oauth_issuers.push_back(std::move(issuer));
  }
}

void ReadRates(const pb::RateLimits& message, ShimPolicy* policy, std::vector<std::string>* faults) {
  const auto requests = [faults](const char* field, bool is_set, int value, int otherwise) {
    if (is_set && (value < 1 || value > kMaxRequests)) {
      faults->push_back(absl::StrCat("rate_limits.", field, ": 1 to ", kMaxRequests));
    }
    return is_set ? value : otherwise;
  };
  if (message.has_window() && !IsWholeSeconds(message.window(), 1, kMaxWindowSeconds)) {
    faults->emplace_back("rate_limits.window: whole seconds, 1 s to 24 h");
  }
  const absl::Duration window = message.has_window() ? absl::Seconds(message.window().seconds()) : kDefaultWindow;
  policy->per_viewer = {requests("per_viewer", message.has_per_viewer(), message.per_viewer(), kDefaultPerViewer),
                        window};
  policy->per_address = {requests("per_address", message.has_per_address(), message.per_address(), kDefaultPerAddress),
                         window};
}

}  // namespace

absl::StatusOr<ShimPolicy> ParseShimPolicy(const std::string& textproto, const ShimPolicyRules& rules) {
  pb::Policy message;
  if (absl::Status shape = ParseTextproto(textproto, &message); !shape.ok()) return shape;
  std::vector<std::string> faults;
  ShimPolicy policy;
  ReadIssuers(message, rules, &policy, &faults);
  ReadRates(message.rate_limits(), &policy, &faults);
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return policy;
}

absl::StatusOr<ShimPolicy> ReadShimPolicy(const std::string& path, const ShimPolicyRules& rules) {
  if (path.empty()) return ParseShimPolicy("", rules);
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxPolicyBytes);
  if (!text.ok()) return text.status();
  absl::StatusOr<ShimPolicy> policy = ParseShimPolicy(*text, rules);
  if (policy.ok()) policy->digest = Sha256Prefix(*text);
  return policy;
}

}  // namespace tokens::xrpc
