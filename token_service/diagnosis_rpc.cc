#include "token_service/diagnosis_rpc.h"

#include <string>

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

}  // namespace tokens
