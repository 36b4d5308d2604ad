#include "token_service/session_rotator.h"

#include <algorithm>
#include <memory>

#include "token_service/account_register.h"
#include "token_service/base/did.h"
#include "token_service/base/status_details.h"
#include "token_service/jose/base64url.h"

namespace tokens {
namespace {

constexpr size_t kMaxClientIdBytes = 2048;
constexpr size_t kThumbprintBytes = 32;

absl::Status CheckOrder(const SessionOrder& order) {
  if (!IsAtprotoDid(order.did)) return InvalidField("did", "must be a did:plc or did:web");
  if (order.client_id.size() > kMaxClientIdBytes) return InvalidField("client_id", "at most 2048 bytes");
  const std::optional<std::string> thumbprint = DecodeBase64Url(order.dpop_jkt);
  if (!order.dpop_jkt.empty() && (!thumbprint.has_value() || thumbprint->size() != kThumbprintBytes)) {
    return InvalidField("dpop_jkt", "must be empty or 43 characters of base64url");
  }
  return absl::OkStatus();
}

// JWTs count in whole seconds.
absl::Time WholeSeconds(absl::Time time) { return absl::FromUnixSeconds(absl::ToUnixSeconds(time)); }

// When a refresh token made at `now` expires.
absl::Time RefreshExpiry(const SessionPolicy& policy, const storage::SessionRecord& session, absl::Time now) {
  const absl::Duration lifetime = session.client == storage::SessionClient::kConfidential
                                      ? policy.confidential_refresh_lifetime
                                      : policy.public_refresh_lifetime;
  return WholeSeconds(std::min(now + lifetime, session.create_time + policy.max_lifetime));
}

// The access JWT ends with the session at the latest.
SessionClaims AccessClaims(const SessionPolicy& policy, const storage::SessionRecord& session, absl::Time now) {
  const absl::Time end = std::min(now + policy.access_lifetime, session.create_time + policy.max_lifetime);
  return {session.did, session.id, {}, WholeSeconds(now), WholeSeconds(end)};
}

absl::Status RefusalOf(const storage::BeginOutcome& outcome) {
  using Kind = storage::BeginOutcome::Kind;
  switch (outcome.kind) {
    case Kind::kAccountInactive: break;
    case Kind::kLiveLimitReached:
      return WithReason(absl::ResourceExhaustedError("the account holds as many live sessions as the policy allows"),
                        {"SESSION_LIMIT_REACHED", {}});
    case Kind::kIdExists: return absl::InternalError("a random session id was there already");
    case Kind::kBegun: return absl::OkStatus();
  }
  return WithReason(absl::FailedPreconditionError("the account is taken down or suspended"),
                    {"ACCOUNT_INACTIVE", {{"status", std::string(AccountStatusName(outcome.account_status))}}});
}

}  // namespace

absl::StatusOr<IssuedSession> SessionRotator::Create(const SessionOrder& order) {
  const std::shared_ptr<const SessionKeys> keys = keys_.Current();
  if (keys->empty()) return SessionsOff();
  if (absl::Status status = CheckOrder(order); !status.ok()) return status;
  storage::NewSession session;
  storage::SessionRecord& record = session.record;
  if (!order.client_id.empty()) {
    const absl::StatusOr<storage::SessionClient> client = clients_(order.client_id);
    if (!client.ok()) return client.status();
    record.client = *client;
  }
  const absl::StatusOr<storage::SessionId> id = GenerateId<storage::SessionId>(random_);
  if (!id.ok()) return id.status();
  const absl::StatusOr<storage::RefreshId> first = GenerateId<storage::RefreshId>(random_);
  if (!first.ok()) return first.status();

  const std::shared_ptr<const Policy> policy = policy_.Current();
  const absl::Time now = clock_.Now();
  record.id = *id;
  record.did = order.did;
  record.client_id = order.client_id;
  record.dpop_jkt = order.dpop_jkt;
  record.create_time = now;
  record.expire_time = RefreshExpiry(policy->sessions(), record, now);
  session.first = *first;
  session.by = order.by;
  session.max_live = policy->sessions().max_live_sessions_per_did;
  const SessionClaims refresh = {order.did, *id, *first, WholeSeconds(now), record.expire_time};
  // Signed before it is begun: a session that its client cannot be told of would only count against the limit.
  absl::StatusOr<IssuedSession> issued = Issue(*keys, AccessClaims(policy->sessions(), record, now), refresh);
  if (!issued.ok()) return issued.status();
  const absl::StatusOr<storage::BeginOutcome> outcome = store_.Begin(session);
  if (!outcome.ok()) return outcome.status();
  if (absl::Status status = RefusalOf(*outcome); !status.ok()) return status;
  issued->account_status = outcome->account_status;
  return issued;
}

absl::StatusOr<SessionRotator::Refreshed> SessionRotator::Refresh(absl::string_view refresh_jwt,
                                                                  absl::string_view dpop_jkt) {
  const std::shared_ptr<const SessionKeys> keys = keys_.Current();
  if (keys->empty()) return SessionsOff();
  const absl::Time now = clock_.Now();
  const CheckedToken token = CheckSessionToken(refresh_jwt, SessionTokenKind::kRefresh, *keys, audience_, now);
  if (token.fault.has_value()) return SessionRefusal{*token.fault};
  storage::SessionRecord session;
  session.id = token.claims.session;
  session.did = token.claims.did;
  if (absl::StatusOr<storage::SessionRecord> found = store_.FindSession(session.id); found.ok()) {
    session = *std::move(found);
  } else if (!absl::IsNotFound(found.status())) {
    return found.status();
  }
  // Before anything is consumed. What it goes by never changes.
  if (!KeyFits(session, dpop_jkt)) return SessionRefusal{SessionFault::kDpopKeyMismatch};

  const std::shared_ptr<const Policy> policy = policy_.Current();
  const absl::StatusOr<storage::RefreshId> successor = GenerateId<storage::RefreshId>(random_);
  if (!successor.ok()) return successor.status();
  const absl::StatusOr<storage::RotateOutcome> outcome =
      store_.Rotate({session.id, token.claims.did, token.claims.refresh, now, *successor,
                     RefreshExpiry(policy->sessions(), session, now), kRefreshGrace});
  if (!outcome.ok()) return outcome.status();
  using Kind = storage::RotateOutcome::Kind;
  if (outcome->kind == Kind::kAccountInactive) {
    return SessionRefusal{SessionFault::kAccountInactive, outcome->account_status};
  }
  if (outcome->kind != Kind::kRotated) return SessionRefusal{SessionFault::kRevoked};
  const SessionClaims refresh = {session.did, session.id, outcome->successor, WholeSeconds(now),
                                 WholeSeconds(outcome->successor_expire_time)};
  absl::StatusOr<IssuedSession> issued = Issue(*keys, AccessClaims(policy->sessions(), session, now), refresh);
  if (!issued.ok()) return issued.status();
  issued->account_status = outcome->account_status;
  return *std::move(issued);
}

absl::StatusOr<std::optional<SessionRefusal>> SessionRotator::Delete(absl::string_view refresh_jwt,
                                                                     absl::string_view dpop_jkt,
                                                                     const storage::Actor& by) {
  const std::shared_ptr<const SessionKeys> keys = keys_.Current();
  if (keys->empty()) return SessionsOff();
  const absl::Time now = clock_.Now();
  const CheckedToken token = CheckSessionToken(refresh_jwt, SessionTokenKind::kRefresh, *keys, audience_, now);
  if (token.fault.has_value() && token.fault != SessionFault::kExpired) return SessionRefusal{*token.fault};
  const absl::StatusOr<storage::SessionRecord> session = store_.FindSession(token.claims.session);
  if (absl::IsNotFound(session.status())) return std::nullopt;
  if (!session.ok()) return session.status();
  if (session->did != token.claims.did) return SessionRefusal{SessionFault::kInvalid};
  if (!KeyFits(*session, dpop_jkt)) return SessionRefusal{SessionFault::kDpopKeyMismatch};
  if (const auto ended = store_.EndSession(session->id, now, by); !ended.ok()) return ended.status();
  return std::nullopt;
}

absl::StatusOr<std::string> SessionRotator::ListKeys() const {
  const std::shared_ptr<const SessionKeys> keys = keys_.Current();
  if (keys->empty()) return SessionsOff();
  return keys->ToJwkSet();
}

absl::StatusOr<IssuedSession> SessionRotator::Issue(const SessionKeys& keys, const SessionClaims& access,
                                                    const SessionClaims& refresh) const {
  absl::StatusOr<std::string> access_jwt = MakeSessionToken(SessionTokenKind::kAccess, access, keys, audience_);
  if (!access_jwt.ok()) return access_jwt.status();
  absl::StatusOr<std::string> refresh_jwt = MakeSessionToken(SessionTokenKind::kRefresh, refresh, keys, audience_);
  if (!refresh_jwt.ok()) return refresh_jwt.status();
  return IssuedSession{*std::move(access_jwt), *std::move(refresh_jwt), access, refresh};
}

}  // namespace tokens
