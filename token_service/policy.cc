#include "token_service/policy.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "didpic/token/v1/policy.pb.h"
#include "token_service/base/nsid.h"
#include "token_service/base/own_methods.h"
#include "token_service/base/textproto.h"
#include "token_service/jose/sha256.h"
#include "token_service/token_secret.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr int kMaxLiveTokens = 10000;
constexpr int kMaxMints = 10000;
constexpr int64_t kMinMintWindowSeconds = 60;
constexpr int64_t kMaxMintWindowSeconds = int64_t{24} * 3600;
constexpr int64_t kMinLifetimeSeconds = 60;
constexpr int64_t kMaxLifetimeSeconds = int64_t{10} * 366 * 24 * 3600;

// Sessions are ours too. A widget token never authorises a method of this service.
constexpr absl::string_view kOwnNamespace = "com.atproto.server.";

bool IsProfileName(absl::string_view name) {
  if (name.empty() || name.size() > 32 || !absl::ascii_islower(name.front())) return false;
  for (const char c : name) {
    if (!absl::ascii_islower(c) && !absl::ascii_isdigit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool IsOwnMethod(absl::string_view nsid) {
  for (const absl::string_view own : kOwnMethods) {
    if (absl::EqualsIgnoreCase(nsid, own)) return true;
  }
  return absl::StartsWithIgnoreCase(nsid, kOwnNamespace);
}

void CheckMethod(const std::string& profile, const std::string& nsid, const LexiconFolder& lexicons,
                 std::vector<std::string>* faults) {
  const std::string where = absl::StrCat("profile \"", profile, "\": allowed_methods: ");
  if (!IsValidNsid(nsid)) {
    faults->push_back(absl::StrCat(where, "\"", nsid, "\" is not an NSID"));
  } else if (IsOwnMethod(nsid)) {
    faults->push_back(absl::StrCat(where, nsid, " is a method of this service"));
  } else if (absl::Status status = lexicons.CheckIsQuery(nsid); !status.ok()) {
    faults->push_back(absl::StrCat(where, status.message()));
  }
}

Profile ReadProfile(const pb::Profile& message, const LexiconFolder& lexicons, std::vector<std::string>* faults) {
  const auto fault = [&](absl::string_view text) {
    faults->push_back(absl::StrCat("profile \"", message.name(), "\": ", text));
  };
  Profile profile;
  profile.name = message.name();
  profile.prefix = message.prefix();
  profile.lifetime = absl::Seconds(message.lifetime().seconds());
  profile.max_live_tokens_per_did = message.max_live_tokens_per_did();
  if (!IsProfileName(message.name())) fault("name: 1-32 of a-z 0-9 _ -, the first a letter");
  if (message.name() == kSessionProfile) fault("name: is that of sessions");
  if (!IsTokenPrefix(message.prefix())) fault("prefix: 2-12 of a-z 0-9, the first a letter, then \"_\"");
  if (!IsWholeSeconds(message.lifetime(), kMinLifetimeSeconds, kMaxLifetimeSeconds)) {
    fault("lifetime: whole seconds, 60 s to 10 years");
  }
  if (message.max_live_tokens_per_did() < 1 || message.max_live_tokens_per_did() > kMaxLiveTokens) {
    fault(absl::StrCat("max_live_tokens_per_did: 1 to ", kMaxLiveTokens));
  }
  if (message.has_max_mints_per_did()) {
    const pb::MintRate& rate = message.max_mints_per_did();
    profile.max_mints_per_did = {rate.count(), absl::Seconds(rate.window().seconds())};
    if (rate.count() < 1 || rate.count() > kMaxMints) fault(absl::StrCat("max_mints_per_did.count: 1 to ", kMaxMints));
    if (!IsWholeSeconds(rate.window(), kMinMintWindowSeconds, kMaxMintWindowSeconds)) {
      fault("max_mints_per_did.window: whole seconds, 60 s to 24 h");
    }
  }
  for (const std::string& nsid : message.allowed_methods()) {
    CheckMethod(message.name(), nsid, lexicons, faults);
    if (!profile.allowed_methods.insert(nsid).second) fault(absl::StrCat("allowed_methods: ", nsid, " is there twice"));
  }
  return profile;
}

// What a session policy says of durations: a name for faults, the field if it is set, where it goes and its bounds.
struct DurationRule {
  const char* name;
  const google::protobuf::Duration* field;
  absl::Duration* value;
  absl::Duration low;
  absl::Duration high;
};

SessionPolicy ReadSessions(const pb::SessionPolicy& message, std::vector<std::string>* faults) {
  SessionPolicy policy;
  const auto fault = [&](absl::string_view text) { faults->push_back(absl::StrCat("sessions: ", text)); };
  const auto set = [](bool has, const google::protobuf::Duration& field) { return has ? &field : nullptr; };
  const absl::Duration day = absl::Hours(24);
  const DurationRule rules[] = {
      {"access_lifetime", set(message.has_access_lifetime(), message.access_lifetime()), &policy.access_lifetime,
       absl::Minutes(5), absl::Minutes(30)},
      {"public_refresh_lifetime", set(message.has_public_refresh_lifetime(), message.public_refresh_lifetime()),
       &policy.public_refresh_lifetime, absl::Hours(1), 180 * day},
      {"confidential_refresh_lifetime",
       set(message.has_confidential_refresh_lifetime(), message.confidential_refresh_lifetime()),
       &policy.confidential_refresh_lifetime, absl::Hours(1), 180 * day},
      {"max_lifetime", set(message.has_max_lifetime(), message.max_lifetime()), &policy.max_lifetime, absl::Hours(1),
       3660 * day}};
  for (const DurationRule& rule : rules) {
    if (rule.field == nullptr) continue;
    *rule.value = absl::Seconds(rule.field->seconds());
    if (rule.field->nanos() == 0 && *rule.value >= rule.low && *rule.value <= rule.high) continue;
    fault(absl::StrCat(rule.name, ": whole seconds, ", absl::ToInt64Seconds(rule.low), " s to ",
                       absl::ToInt64Seconds(rule.high), " s"));
  }
  if (policy.max_lifetime < std::max(policy.public_refresh_lifetime, policy.confidential_refresh_lifetime)) {
    fault("max_lifetime: not less than the refresh lifetimes");
  }
  if (message.max_live_sessions_per_did() != 0) policy.max_live_sessions_per_did = message.max_live_sessions_per_did();
  if (policy.max_live_sessions_per_did < 1 || policy.max_live_sessions_per_did > kMaxLiveTokens) {
    fault(absl::StrCat("max_live_sessions_per_did: 1 to ", kMaxLiveTokens));
  }
  for (const std::string& nsid : message.allowed_methods()) {
    if (!IsValidNsid(nsid)) fault(absl::StrCat("allowed_methods: \"", nsid, "\" is not an NSID"));
    if (IsOwnMethod(nsid)) fault(absl::StrCat("allowed_methods: ", nsid, " is a method of this service"));
    if (!policy.allowed_methods.insert(nsid).second) fault(absl::StrCat("allowed_methods: ", nsid, " is there twice"));
  }
  return policy;
}

}  // namespace

absl::StatusOr<Policy> Policy::Parse(const std::string& textproto, const LexiconFolder& lexicons) {
  pb::Policy message;
  if (absl::Status shape = ParseTextproto(textproto, &message); !shape.ok()) return shape;
  std::vector<std::string> faults;
  Policy policy;
  policy.digest_ = Sha256Prefix(textproto);
  if (message.profiles().empty()) faults.emplace_back("profiles: at least one is needed");
  for (const pb::Profile& entry : message.profiles()) {
    Profile profile = ReadProfile(entry, lexicons, &faults);
    if (!policy.prefixes_.insert(profile.prefix).second) {
      faults.push_back(absl::StrCat("prefix \"", profile.prefix, "\" is there twice"));
    }
    const std::string name = profile.name;
    if (!policy.profiles_.emplace(name, std::move(profile)).second) {
      faults.push_back(absl::StrCat("profile \"", name, "\" is there twice"));
    }
  }
  policy.callers_ = ReadCallers(message, &faults);
  policy.sessions_ = ReadSessions(message.sessions(), &faults);
  if (!faults.empty()) return absl::InvalidArgumentError(absl::StrJoin(faults, "\n"));
  return policy;
}

const Profile* Policy::FindProfile(absl::string_view name) const {
  const auto it = profiles_.find(name);
  return it == profiles_.end() ? nullptr : &it->second;
}

const CallerTable::value_type* Policy::FindCaller(absl::string_view name) const {
  const auto it = callers_.find(name);
  return it == callers_.end() ? nullptr : &*it;
}

}  // namespace tokens
