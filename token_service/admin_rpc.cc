#include "token_service/admin_rpc.h"

#include <optional>
#include <string>

#include "token_service/base/status_details.h"
#include "token_service/proto_convert.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

// Nothing unless it is one of the contract's statuses.
std::optional<storage::AccountStatus> ToAccountStatus(pb::Account::Status status) {
  switch (status) {
    case pb::Account::ACTIVE: return storage::AccountStatus::kActive;
    case pb::Account::TAKENDOWN: return storage::AccountStatus::kTakedown;
    case pb::Account::SUSPENDED: return storage::AccountStatus::kSuspended;
    case pb::Account::DEACTIVATED: return storage::AccountStatus::kDeactivated;
    default: return std::nullopt;
  }
}

void Fill(const std::string& did, const storage::Account& account, pb::Account* message) {
  message->set_did(did);
  message->set_status(ToProto(account.status));
  if (account.status_time.has_value()) ToProto(*account.status_time, message->mutable_status_time());
}

}  // namespace

grpc::ServerUnaryReactor* AdminRpc::SetAccountStatus(grpc::CallbackServerContext* context,
                                                     const pb::SetAccountStatusRequest* request,
                                                     pb::SetAccountStatusResponse* response) {
  return calls_.RunOn(writes_, context, "SetAccountStatus",
                      [this, request, response](CallNotes* notes) -> absl::Status {
                        const std::optional<storage::AccountStatus> status = ToAccountStatus(request->status());
                        if (!status.has_value()) return InvalidField("status", "is required");
                        const auto account = accounts_.SetStatus(request->did(), *status, notes->by);
                        if (!account.ok()) return account.status();
                        notes->did = request->did();
                        Fill(request->did(), *account, response->mutable_account());
                        return absl::OkStatus();
                      });
}

grpc::ServerUnaryReactor* AdminRpc::GetAccount(grpc::CallbackServerContext* context,
                                               const pb::GetAccountRequest* request, pb::GetAccountResponse* response) {
  return calls_.RunInline(context, "GetAccount", [&](CallNotes* notes) -> absl::Status {
    const auto account = accounts_.Get(request->did());
    if (!account.ok()) return account.status();
    notes->did = request->did();
    Fill(request->did(), *account, response->mutable_account());
    return absl::OkStatus();
  });
}

}  // namespace tokens
