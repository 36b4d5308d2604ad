#include "tests/e2e/durability/client.h"

#include <grpcpp/client_context.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"

namespace tokens::testing {
namespace {

namespace pb = ::didpic::token::v1;

constexpr int kMaxMintsPerAccount = 50;  // below the policy's cap of 64 live tokens
constexpr size_t kBatch = 1000;
constexpr char kMethod[] = "app.didpic.feed.getTimeline";

// Long enough never to pass while the server lives; a server that hangs is a fault and not the end of it.
void SetDeadline(grpc::ClientContext* context) {
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
}

// The token_id in the ErrorInfo of `status`, or "".
std::string TokenIdIn(const grpc::Status& status) {
  google::rpc::Status rich;
  google::rpc::ErrorInfo info;
  if (!rich.ParseFromString(status.error_details())) return "";
  for (const auto& detail : rich.details()) {
    if (!detail.UnpackTo(&info)) continue;
    const auto found = info.metadata().find("token_id");
    if (found != info.metadata().end()) return found->second;
  }
  return "";
}

}  // namespace

void Client::RunUntilServerDies(Stub& stub) {
  bool alive = true;
  while (alive && faults_.empty()) {
    if (ledger_.entries().empty() || Chance(0.75)) {
      alive = Mint(stub);
    } else if (Chance(0.7)) {
      alive = RevokeToken(stub);
    } else if (Chance(0.5)) {
      alive = RevokeAccount(stub);
    } else {
      alive = RepeatIdempotencyKey(stub);
    }
  }
}

void Client::Verify(Stub& stub) {
  for (size_t begin = 0; begin < ledger_.entries().size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, ledger_.entries().size());
    if (VerifyBatch(stub, begin, end)) continue;
    faults_.push_back("a restarted server did not answer BatchValidate");
    return;
  }
}

bool Client::Mint(Stub& stub) {
  if (ledger_.account().empty() || ledger_.mints_sent() >= kMaxMintsPerAccount) ledger_.BeginAccount(RandomDid());
  LedgerEntry entry;
  entry.did = ledger_.account();
  if (Chance(0.3)) entry.idempotency_key = absl::StrCat("key-", random_());
  pb::MintRequest request;
  request.set_did(entry.did);
  request.set_idempotency_key(entry.idempotency_key);
  pb::MintResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  ledger_.MintSent();
  if (!Check(stub.Mint(&context, request, &response), "Mint")) return false;
  entry.token = response.token();
  entry.token_id = response.token_id();
  ledger_.MintAcknowledged(std::move(entry));
  return true;
}

bool Client::RevokeToken(Stub& stub) {
  const size_t index = PickEntry();
  const LedgerEntry& entry = ledger_.entries()[index];
  const Expected before = entry.expected;
  pb::RevokeRequest request;
  if (Chance(0.5)) {
    request.set_token(entry.token);
  } else {
    request.set_token_id(entry.token_id);
  }
  pb::RevokeResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  ledger_.RevokeSent(index);
  if (!Check(stub.Revoke(&context, request, &response), "Revoke")) return false;
  ledger_.RevokeAcknowledged(index);
  ++acknowledged_revocations_;
  const int right_count = before == Expected::kActive ? 1 : 0;
  if (before != Expected::kEither && response.revoked_count() != right_count) {
    faults_.push_back(absl::StrCat("revoking ", entry.token_id, " counted ", response.revoked_count()));
  }
  return true;
}

bool Client::RevokeAccount(Stub& stub) {
  pb::RevokeRequest request;
  request.set_did(ledger_.account());
  pb::RevokeResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  ledger_.RevokeAccountSent();
  if (!Check(stub.Revoke(&context, request, &response), "Revoke by DID")) return false;
  ledger_.RevokeAccountAcknowledged();
  ++acknowledged_revocations_;
  return true;
}

bool Client::RepeatIdempotencyKey(Stub& stub) {
  const LedgerEntry& entry = ledger_.entries()[PickEntry()];
  if (entry.idempotency_key.empty()) return true;
  pb::MintRequest request;
  request.set_did(entry.did);
  request.set_idempotency_key(entry.idempotency_key);
  pb::MintResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  const grpc::Status status = stub.Mint(&context, request, &response);
  if (status.error_code() == grpc::StatusCode::ALREADY_EXISTS) {
    if (TokenIdIn(status) != entry.token_id) faults_.push_back("an idempotency key names a token that it did not make");
    return true;
  }
  if (Check(status, "Mint again")) faults_.push_back("an idempotency key was forgotten: it minted twice");
  return false;
}

bool Client::VerifyBatch(Stub& stub, size_t begin, size_t end) {
  pb::BatchValidateRequest request;
  for (size_t i = begin; i < end; ++i) {
    pb::ValidateRequest* one = request.add_requests();
    one->set_token(ledger_.entries()[i].token);
    one->set_method(kMethod);
  }
  pb::BatchValidateResponse response;
  grpc::ClientContext context;
  SetDeadline(&context);
  if (!Check(stub.BatchValidate(&context, request, &response), "BatchValidate")) return false;
  if (response.responses_size() != request.requests_size()) return false;
  for (size_t i = begin; i < end; ++i) {
    const LedgerEntry& entry = ledger_.entries()[i];
    const pb::ValidateResponse& verdict = response.responses(static_cast<int>(i - begin));
    const bool active = verdict.has_active();
    if (active ? verdict.active().did() != entry.did || verdict.active().token_id() != entry.token_id
               : verdict.refusal().reason() != pb::Refusal::REVOKED) {
      faults_.push_back(absl::StrCat(entry.token_id, " came back as ", verdict.ShortDebugString()));
    } else if (!ledger_.Observe(i, active)) {
      faults_.push_back(
          absl::StrCat(entry.token_id, active ? " was revoked and is active" : " was live and is revoked"));
    }
  }
  return true;
}

bool Client::Check(const grpc::Status& status, const char* call) {
  if (status.ok()) return true;
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
    faults_.push_back(absl::StrCat(call, " failed with code ", status.error_code(), ": ", status.error_message()));
  }
  return false;
}

std::string Client::RandomDid() {
  std::string did = "did:plc:";
  for (int i = 0; i < 24; ++i) did.push_back("abcdefghijklmnopqrstuvwxyz234567"[random_() % 32]);
  return did;
}

}  // namespace tokens::testing
