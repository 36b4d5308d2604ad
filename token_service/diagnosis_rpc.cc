#include "token_service/diagnosis_rpc.h"

#include <string>

#include "absl/strings/match.h"
#include "token_service/base/did.h"
#include "token_service/base/status_details.h"
#include "token_service/identity/client_rule.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

pb::OauthClient::Type ToProto(ClientType type) {
  switch (type) {
    case ClientType::kPublic: return pb::OauthClient::PUBLIC;
    case ClientType::kConfidential: return pb::OauthClient::CONFIDENTIAL;
    case ClientType::kLoopback: return pb::OauthClient::LOOPBACK;
  }
  return pb::OauthClient::TYPE_UNSPECIFIED;
}

void Fill(const ClientStep& step, pb::DiagnosisStep* message) {
  message->set_name(step.name);
  message->set_outcome(pb::DiagnosisStep::OK);
  if (step.outcome.ok()) return;
  message->set_rule(RejectingRule(step.outcome));
  message->set_outcome(message->rule().empty() ? pb::DiagnosisStep::UNREACHABLE : pb::DiagnosisStep::FAILED);
  message->set_detail(std::string(step.outcome.message()));
}

pb::DiagnosisStep::Outcome ToProto(DiscoveryStep::Outcome outcome) {
  switch (outcome) {
    case DiscoveryStep::Outcome::kOk: return pb::DiagnosisStep::OK;
    case DiscoveryStep::Outcome::kFailed: return pb::DiagnosisStep::FAILED;
    case DiscoveryStep::Outcome::kUnreachable: return pb::DiagnosisStep::UNREACHABLE;
    case DiscoveryStep::Outcome::kSkipped: return pb::DiagnosisStep::SKIPPED;
  }
  return pb::DiagnosisStep::OUTCOME_UNSPECIFIED;
}

void Fill(const DiscoveryStep& step, pb::DiagnosisStep* message) {
  message->set_name(step.name);
  message->set_outcome(ToProto(step.outcome));
  message->set_detail(step.detail);
  if (step.outcome == DiscoveryStep::Outcome::kFailed) message->set_rule(step.detail.substr(0, step.detail.find(':')));
}

// The account that is asked about, as text that tells its kind by itself.
absl::StatusOr<std::string> AccountOf(const pb::DiscoverServerRequest& request) {
  switch (request.account_case()) {
    case pb::DiscoverServerRequest::kDid:
      if (!IsValidDid(request.did())) return InvalidField("did", "is not a DID");
      return request.did();
    case pb::DiscoverServerRequest::kHandle:
      if (absl::StartsWith(request.handle(), "did:")) return InvalidField("handle", "is a DID");
      return request.handle();
    case pb::DiscoverServerRequest::ACCOUNT_NOT_SET: break;
  }
  return InvalidField("account", "handle or did is required");
}

void Fill(const ClientMetadata& client, pb::OauthClient* message) {
  message->set_client_id(client.client_id);
  message->set_type(ToProto(client.type));
  message->set_name(client.name);
  message->set_scope(client.scope);
  message->mutable_redirect_uris()->Assign(client.redirect_uris.begin(), client.redirect_uris.end());
  message->set_native(client.application_type == ApplicationType::kNative);
  message->set_jwks_uri(client.jwks_uri);
}

}  // namespace

absl::Status FetchOff() {
  return WithReason(absl::FailedPreconditionError("this service asks no other host; start it with --fetch_identity"),
                    {"IDENTITY_FETCH_OFF", {}});
}

grpc::ServerUnaryReactor* DiagnosisRpc::DescribeClient(grpc::CallbackServerContext* context,
                                                       const pb::DescribeClientRequest* request,
                                                       pb::DescribeClientResponse* response) {
  return calls_.RunOn(lane_, context, "DescribeClient", [this, request, response](CallNotes*) -> absl::Status {
    if (get_ == nullptr) return FetchOff();
    if (request->client_id().empty()) return InvalidField("client_id", "is required");
    const ClientExamination examination = ExamineClient(request->client_id(), get_);
    for (const ClientStep& step : examination.steps) Fill(step, response->add_steps());
    if (examination.client.ok()) Fill(*examination.client, response->mutable_client());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* DiagnosisRpc::DiscoverServer(grpc::CallbackServerContext* context,
                                                       const pb::DiscoverServerRequest* request,
                                                       pb::DiscoverServerResponse* response) {
  return calls_.RunOn(lane_, context, "DiscoverServer", [this, request, response](CallNotes* notes) -> absl::Status {
    if (discover_ == nullptr) return FetchOff();
    const absl::StatusOr<std::string> account = AccountOf(*request);
    if (!account.ok()) return account.status();
    const Discovery found = discover_(*account);
    notes->did = found.did;
    for (const DiscoveryStep& step : found.steps) Fill(step, response->add_steps());
    response->set_did(found.did);
    response->set_handle(found.handle);
    response->set_pds(found.pds);
    response->set_issuer(found.issuer);
    return absl::OkStatus();
  });
}

}  // namespace tokens
