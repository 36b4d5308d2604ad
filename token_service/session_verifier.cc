#include "token_service/session_verifier.h"

#include <array>
#include <memory>
#include <utility>

#include "storage/session_rules.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

using Result = SessionVerifier::Result;

// An access JWT with the session it is of; or why it does not hold.
struct Presented {
  SessionClaims claims;
  Result result;
};

absl::StatusOr<Presented> Check(storage::SessionStore& store, const CheckedToken& token, absl::string_view dpop_jkt) {
  if (token.fault.has_value()) return Presented{{}, SessionRefusal{*token.fault}};
  absl::StatusOr<storage::SessionRecord> session = store.FindSession(token.claims.session);
  if (absl::IsNotFound(session.status())) return Presented{{}, SessionRefusal{SessionFault::kRevoked}};
  if (!session.ok()) return session.status();
  if (session->did != token.claims.did) return Presented{{}, SessionRefusal{SessionFault::kInvalid}};
  if (!KeyFits(*session, dpop_jkt)) return Presented{{}, SessionRefusal{SessionFault::kDpopKeyMismatch}};
  if (!storage::MayHaveSessions(session->account_status)) {
    return Presented{{}, SessionRefusal{SessionFault::kAccountInactive, session->account_status}};
  }
  if (session->ended) return Presented{{}, SessionRefusal{SessionFault::kRevoked}};
  return Presented{token.claims, *std::move(session)};
}

Verdict::Kind ToVerdict(SessionFault fault) {
  switch (fault) {
    case SessionFault::kExpired: return Verdict::Kind::kExpired;
    case SessionFault::kRevoked: return Verdict::Kind::kRevoked;
    case SessionFault::kAccountInactive: return Verdict::Kind::kAccountInactive;
    case SessionFault::kDpopKeyMismatch: return Verdict::Kind::kDpopKeyMismatch;
    case SessionFault::kInvalid:
    case SessionFault::kMissingTokenId: break;
  }
  return Verdict::Kind::kMalformed;
}

// The session as a token record. A token id is the first bytes of a digest, so those hold the session's id.
storage::TokenRecord AsToken(const storage::SessionRecord& session, const SessionClaims& claims) {
  std::array<uint8_t, storage::TokenDigest::kSize> bytes{};
  std::copy(session.id.bytes().begin(), session.id.bytes().end(), bytes.begin());
  storage::TokenRecord record;
  record.digest = storage::TokenDigest(bytes);
  record.did = session.did;
  record.profile = kSessionProfile;
  record.client_id = session.client_id;
  record.issue_time = claims.issue_time;
  record.expire_time = claims.expire_time;
  record.account_status = session.account_status;
  return record;
}

}  // namespace

absl::Status SessionsOff() {
  return WithReason(absl::FailedPreconditionError("this service was started without --session_key"),
                    {"SESSIONS_OFF", {}});
}

bool KeyFits(const storage::SessionRecord& session, absl::string_view dpop_jkt) {
  return session.dpop_jkt.empty() || session.dpop_jkt == dpop_jkt;
}

bool LooksLikeJwt(absl::string_view token) { return token.find('.') != absl::string_view::npos; }

absl::StatusOr<Result> SessionVerifier::GetSession(absl::string_view access_jwt, absl::string_view dpop_jkt) {
  const std::shared_ptr<const SessionKeys> keys = keys_.Current();
  if (keys->empty()) return SessionsOff();
  absl::StatusOr<Presented> presented =
      Check(store_, CheckSessionToken(access_jwt, SessionTokenKind::kAccess, *keys, audience_, clock_.Now()), dpop_jkt);
  if (!presented.ok()) return presented.status();
  return std::move(presented->result);
}

absl::StatusOr<Verdict> SessionVerifier::Verify(absl::string_view access_jwt, absl::string_view method,
                                                absl::string_view dpop_jkt) {
  const std::shared_ptr<const SessionKeys> keys = keys_.Current();
  if (keys->empty()) return Verdict{Verdict::Kind::kMalformed, std::nullopt};
  const absl::StatusOr<Presented> presented =
      Check(store_, CheckSessionToken(access_jwt, SessionTokenKind::kAccess, *keys, audience_, clock_.Now()), dpop_jkt);
  if (!presented.ok()) return presented.status();
  if (const auto* refusal = std::get_if<SessionRefusal>(&presented->result)) {
    return Verdict{ToVerdict(refusal->fault), std::nullopt};
  }
  storage::TokenRecord record = AsToken(std::get<storage::SessionRecord>(presented->result), presented->claims);
  Verdict::Kind kind = Verdict::Kind::kActive;
  if (record.account_status != storage::AccountStatus::kActive) {
    kind = Verdict::Kind::kAccountInactive;
  } else if (!method.empty() && !policy_.Current()->sessions().allowed_methods.contains(method)) {
    kind = Verdict::Kind::kMethodNotAllowed;
  }
  return Verdict{kind, std::move(record)};
}

}  // namespace tokens
