#include "token_service/session_rpc.h"

#include <optional>
#include <string>
#include <variant>

#include "token_service/base/status_details.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr size_t kMaxJwtBytes = 4096;

absl::Status CheckJwtSize(const std::string& jwt) {
  if (jwt.size() <= kMaxJwtBytes) return absl::OkStatus();
  return WithReason(absl::ResourceExhaustedError("the JWT has more than 4 KiB"), {"TOKEN_TOO_LARGE", {}});
}

pb::SessionRefusal::Reason ReasonOf(SessionFault fault) {
  switch (fault) {
    case SessionFault::kExpired: return pb::SessionRefusal::EXPIRED;
    case SessionFault::kRevoked: return pb::SessionRefusal::REVOKED;
    case SessionFault::kAccountInactive: return pb::SessionRefusal::ACCOUNT_INACTIVE;
    case SessionFault::kMissingTokenId: return pb::SessionRefusal::MISSING_TOKEN_ID;
    case SessionFault::kDpopKeyMismatch: return pb::SessionRefusal::DPOP_KEY_MISMATCH;
    case SessionFault::kInvalid: break;
  }
  return pb::SessionRefusal::INVALID;
}

void Refuse(const SessionRefusal& refusal, CallNotes* notes, pb::SessionRefusal* message) {
  message->set_reason(ReasonOf(refusal.fault));
  if (refusal.fault == SessionFault::kAccountInactive) message->set_status(ToProto(refusal.account_status));
  notes->error = pb::SessionRefusal::Reason_Name(message->reason());
}

void Fill(const IssuedSession& issued, CallNotes* notes, pb::SessionTokens* tokens) {
  tokens->set_access_jwt(issued.access_jwt);
  tokens->set_refresh_jwt(issued.refresh_jwt);
  ToProto(issued.access.expire_time, tokens->mutable_access_expire_time());
  ToProto(issued.refresh.expire_time, tokens->mutable_refresh_expire_time());
  tokens->set_did(issued.access.did);
  tokens->set_status(ToProto(issued.account_status));
  notes->did = issued.access.did;
  notes->token_id = ToHex(issued.access.session);
}

void Fill(const storage::SessionRecord& record, CallNotes* notes, pb::Session* session) {
  session->set_did(record.did);
  session->set_session_id(ToHex(record.id));
  session->set_client_id(record.client_id);
  ToProto(record.create_time, session->mutable_create_time());
  session->set_status(ToProto(record.account_status));
  notes->did = record.did;
  notes->token_id = session->session_id();
}

}  // namespace

grpc::ServerUnaryReactor* SessionRpc::CreateSession(grpc::CallbackServerContext* context,
                                                    const pb::CreateSessionRequest* request,
                                                    pb::CreateSessionResponse* response) {
  WorkLane& lane = request->client_id().empty() ? writes_ : fetches_;
  return calls_.RunOn(lane, context, "CreateSession", [this, request, response](CallNotes* notes) -> absl::Status {
    const absl::StatusOr<IssuedSession> issued =
        rotator_.Create({request->did(), request->client_id(), request->dpop_jkt(), notes->by});
    if (!issued.ok()) {
      if (const auto reason = GetReason(issued.status())) notes->error = reason->reason;
      return issued.status();
    }
    Fill(*issued, notes, response->mutable_tokens());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* SessionRpc::RefreshSession(grpc::CallbackServerContext* context,
                                                     const pb::RefreshSessionRequest* request,
                                                     pb::RefreshSessionResponse* response) {
  return calls_.RunOn(writes_, context, "RefreshSession", [this, request, response](CallNotes* notes) -> absl::Status {
    if (absl::Status status = CheckJwtSize(request->refresh_jwt()); !status.ok()) return status;
    const auto refreshed = rotator_.Refresh(request->refresh_jwt(), request->dpop_jkt());
    if (!refreshed.ok()) return refreshed.status();
    if (const auto* refusal = std::get_if<SessionRefusal>(&*refreshed)) {
      Refuse(*refusal, notes, response->mutable_refusal());
    } else {
      Fill(std::get<IssuedSession>(*refreshed), notes, response->mutable_tokens());
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* SessionRpc::GetSession(grpc::CallbackServerContext* context,
                                                 const pb::GetSessionRequest* request,
                                                 pb::GetSessionResponse* response) {
  return calls_.RunInline(context, "GetSession", [&](CallNotes* notes) -> absl::Status {
    if (absl::Status status = CheckJwtSize(request->access_jwt()); !status.ok()) return status;
    const auto result = verifier_.GetSession(request->access_jwt(), request->dpop_jkt());
    if (!result.ok()) return result.status();
    if (const auto* refusal = std::get_if<SessionRefusal>(&*result)) {
      Refuse(*refusal, notes, response->mutable_refusal());
    } else {
      Fill(std::get<storage::SessionRecord>(*result), notes, response->mutable_session());
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* SessionRpc::DeleteSession(grpc::CallbackServerContext* context,
                                                    const pb::DeleteSessionRequest* request,
                                                    pb::DeleteSessionResponse* response) {
  return calls_.RunOn(writes_, context, "DeleteSession", [this, request, response](CallNotes* notes) -> absl::Status {
    if (absl::Status status = CheckJwtSize(request->refresh_jwt()); !status.ok()) return status;
    const auto refusal = rotator_.Delete(request->refresh_jwt(), request->dpop_jkt(), notes->by);
    if (!refusal.ok()) return refusal.status();
    if (refusal->has_value()) Refuse(**refusal, notes, response->mutable_refusal());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* SessionRpc::ListSigningKeys(grpc::CallbackServerContext* context,
                                                      const pb::ListSigningKeysRequest*,
                                                      pb::ListSigningKeysResponse* response) {
  return calls_.RunInline(context, "ListSigningKeys", [&](CallNotes*) -> absl::Status {
    absl::StatusOr<std::string> keys = rotator_.ListKeys();
    if (!keys.ok()) return keys.status();
    response->set_jwk_set_json(*std::move(keys));
    return absl::OkStatus();
  });
}

}  // namespace tokens
