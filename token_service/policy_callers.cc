#include "token_service/policy_callers.h"

#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "token_service/base/dns_label.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr absl::string_view kSpiffe = "spiffe://";
constexpr size_t kMaxSpiffeBytes = 2048;  // SPIFFE-ID, section 2.3
constexpr size_t kMaxTrustDomainBytes = 255;
constexpr size_t kMaxDnsBytes = 253;

// SPIFFE-ID, sections 2.1 and 2.2. The path is required: without one it would name a whole trust domain.
bool IsSpiffeId(absl::string_view san) {
  if (!absl::ConsumePrefix(&san, kSpiffe) || san.size() + kSpiffe.size() > kMaxSpiffeBytes) return false;
  const std::vector<absl::string_view> segments = absl::StrSplit(san, '/');
  if (segments.size() < 2 || segments[0].size() > kMaxTrustDomainBytes) return false;
  for (const char c : segments[0]) {
    if (absl::ascii_isupper(c)) return false;
  }
  for (const absl::string_view segment : segments) {
    if (segment.empty() || segment == "." || segment == "..") return false;
    for (const char c : segment) {
      if (!absl::ascii_isalnum(c) && c != '.' && c != '-' && c != '_') return false;
    }
  }
  return true;
}

bool IsDnsName(absl::string_view san) {
  if (san.size() > kMaxDnsBytes) return false;
  for (const absl::string_view label : absl::StrSplit(san, '.')) {
    if (!IsDnsLabel(label)) return false;
    for (const char c : label) {
      if (absl::ascii_isupper(c)) return false;
    }
  }
  return true;
}

std::optional<CallerRole> ToRole(int role) {
  switch (role) {
    case pb::Caller::VALIDATOR: return CallerRole::kValidator;
    case pb::Caller::MINTER: return CallerRole::kMinter;
    case pb::Caller::SESSION_ISSUER: return CallerRole::kSessionIssuer;
    case pb::Caller::REVOKER: return CallerRole::kRevoker;
    case pb::Caller::AUDITOR: return CallerRole::kAuditor;
    case pb::Caller::ADMIN: return CallerRole::kAdmin;
    default: return std::nullopt;
  }
}

}  // namespace

CallerTable ReadCallers(const pb::Policy& policy, std::vector<std::string>* faults) {
  CallerTable callers;
  for (const pb::Caller& entry : policy.callers()) {
    const auto fault = [&](absl::string_view text) {
      faults->push_back(absl::StrCat("caller \"", entry.san(), "\": ", text));
    };
    if (!IsSpiffeId(entry.san()) && !IsDnsName(entry.san())) {
      fault("san: spiffe://TRUST-DOMAIN/PATH, or a DNS name in lower case without wildcards");
    }
    CallerRoles roles;
    for (const int value : entry.roles()) {
      const std::optional<CallerRole> role = ToRole(value);
      if (!role.has_value()) {
        fault(absl::StrCat("roles: ", value, " is none"));
      } else {
        roles.Add(*role);
      }
    }
    if (entry.roles().empty()) fault("roles: at least one is needed");
    if (!callers.emplace(entry.san(), roles).second) fault("is there twice");
  }
  return callers;
}

}  // namespace tokens
