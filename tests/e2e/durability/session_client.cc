#include "tests/e2e/durability/session_client.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/jose/jwt_parts.h"

namespace tokens::testing {
namespace {

namespace pb = ::didpic::token::v1;

// Long enough never to pass while the server lives.
void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
}

std::string TokenIdOf(const std::string& jwt) {
  const auto parts = TakeJwtApart(jwt, 4096);
  return parts.has_value() ? parts->payload.value("jti", "") : "";
}

}  // namespace

void SessionClient::RunUntilServerDies(Stub& stub) {
  bool alive = true;
  while (alive && faults_.empty()) {
    const int what = std::uniform_int_distribution<int>(0, 99)(random_);
    if (chain_.empty()) {
      alive = Create(stub);
    } else if (what < 5 || deletion_sent_) {
      alive = Delete(stub);
    } else {
      const size_t back = what < 30 ? std::min<size_t>(1 + what % 3, chain_.size() - 1) : 0;
      alive = Refresh(stub, chain_.size() - 1 - back);
    }
  }
}

void SessionClient::Verify(Stub& stub) {
  bool alive = true;
  if (!ended_.empty()) {
    alive = ExpectRefused(stub, ended_.front().jwt) && ExpectRefused(stub, ended_.back().jwt);
  }
  // The one before the newest first: where a successor was made and its reply lost, that is the newest's.
  if (alive && !deletion_sent_ && chain_.size() > 1) alive = Refresh(stub, chain_.size() - 2);
  if (alive && !deletion_sent_ && !chain_.empty()) alive = Refresh(stub, chain_.size() - 1);
  if (!alive && faults_.empty()) faults_.push_back("a restarted server did not answer about a session");
}

bool SessionClient::Create(Stub& stub) {
  pb::CreateSessionRequest request;
  std::string did = "did:plc:";
  for (int i = 0; i < 24; ++i) did.push_back("abcdefghijklmnopqrstuvwxyz234567"[random_() % 32]);
  request.set_did(did);
  pb::CreateSessionResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  const grpc::Status status = stub.CreateSession(&context, request, &response);
  if (!Check(status.ok(), status.error_code(), "CreateSession")) return false;
  chain_ = {{response.tokens().refresh_jwt(), TokenIdOf(response.tokens().refresh_jwt())}};
  return true;
}

bool SessionClient::Refresh(Stub& stub, size_t link) {
  pb::RefreshSessionRequest request;
  request.set_refresh_jwt(chain_[link].jwt);
  pb::RefreshSessionResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  const grpc::Status status = stub.RefreshSession(&context, request, &response);
  if (!Check(status.ok(), status.error_code(), "RefreshSession")) return false;
  if (!response.has_tokens()) {
    faults_.push_back(absl::StrCat("a session has no live branch: ", response.refusal().ShortDebugString()));
    return true;
  }
  const std::string id = TokenIdOf(response.tokens().refresh_jwt());
  if (link + 1 < chain_.size()) {
    if (id != chain_[link + 1].id) faults_.push_back("a session has two branches");
  } else {
    chain_.push_back({response.tokens().refresh_jwt(), id});
  }
  ++acknowledged_refreshes_;
  return true;
}

bool SessionClient::Delete(Stub& stub) {
  pb::DeleteSessionRequest request;
  request.set_refresh_jwt(chain_[random_() % chain_.size()].jwt);
  pb::DeleteSessionResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  deletion_sent_ = true;
  const grpc::Status status = stub.DeleteSession(&context, request, &response);
  if (!Check(status.ok(), status.error_code(), "DeleteSession")) return false;
  if (response.has_refusal()) faults_.push_back("signing out was refused");
  ended_ = std::exchange(chain_, {});
  deletion_sent_ = false;
  return true;
}

bool SessionClient::ExpectRefused(Stub& stub, const std::string& jwt) {
  pb::RefreshSessionRequest request;
  request.set_refresh_jwt(jwt);
  pb::RefreshSessionResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  const grpc::Status status = stub.RefreshSession(&context, request, &response);
  if (!Check(status.ok(), status.error_code(), "RefreshSession")) return false;
  if (response.refusal().reason() != pb::SessionRefusal::REVOKED) faults_.push_back("an ended session goes on");
  return true;
}

bool SessionClient::Check(bool ok, int code, const char* call) {
  if (!ok && code != grpc::StatusCode::UNAVAILABLE) faults_.push_back(absl::StrCat(call, " failed with code ", code));
  return ok;
}

}  // namespace tokens::testing
