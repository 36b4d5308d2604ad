#include "token_service/token_rpc.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/base/nsid.h"
#include "token_service/base/status_details.h"
#include "token_service/proto_convert.h"
#include "token_service/token_id.h"
#include "token_service/token_secret.h"

namespace tokens {
namespace {

namespace pb = ::didpic::token::v1;

constexpr size_t kMaxTokenBytes = 4096;
constexpr int kMaxBatch = 1000;
constexpr int kBatchDeadlineStride = 64;

absl::Status CheckTokenSize(const std::string& token) {
  if (token.size() <= kMaxTokenBytes) return absl::OkStatus();
  return WithReason(absl::ResourceExhaustedError("token: more than 4 KiB"), {"TOKEN_TOO_LARGE", {}});
}

absl::Status CheckMethod(const std::string& field, const std::string& method) {
  if (method.empty() || IsValidNsid(method)) return absl::OkStatus();
  return InvalidField(field, "must be empty or an NSID");
}

absl::StatusOr<storage::OneTimeKey> ToOneTimeKey(const pb::SingleUseId& id) {
  const std::optional<absl::Time> expiry = ToTime(id.expire_time());
  if (!expiry.has_value()) return InvalidField("single_use_id.expire_time", "is not a timestamp");
  return storage::OneTimeKey{id.id(), *expiry};
}

absl::StatusOr<MintOrder> ToMintOrder(const pb::MintRequest& request, const storage::Actor& by) {
  MintOrder order{request.did(),
                  request.profile(),
                  request.label(),
                  request.client_id(),
                  request.idempotency_key(),
                  {},
                  request.client_name(),
                  {},
                  by};
  const std::optional<storage::ClientType> client_type = ToClientType(request.client_type());
  if (!client_type.has_value()) return InvalidField("client_type", "is not one of those known");
  order.client_type = *client_type;
  if (request.has_single_use_id()) {
    absl::StatusOr<storage::OneTimeKey> id = ToOneTimeKey(request.single_use_id());
    if (!id.ok()) return id.status();
    order.single_use_id = *std::move(id);
  }
  return order;
}

absl::StatusOr<int> Revoke(TokenRevoker& revoker, const pb::RevokeRequest& request, const storage::Actor& by) {
  const TokenOwner owner = request.owner_did().empty() ? std::nullopt : TokenOwner(request.owner_did());
  switch (request.target_case()) {
    case pb::RevokeRequest::kToken:
      if (absl::Status status = CheckTokenSize(request.token()); !status.ok()) return status;
      return revoker.RevokeToken(request.token(), by, owner);
    case pb::RevokeRequest::kTokenId: return revoker.RevokeTokenId(request.token_id(), by, owner);
    case pb::RevokeRequest::kDid:
      if (owner.has_value()) return InvalidField("owner_did", "goes with token or token_id only");
      return revoker.RevokeAccount(request.did(), by);
    case pb::RevokeRequest::TARGET_NOT_SET: break;
  }
  return InvalidField("target", "one of token, token_id and did is required");
}

void Note(const Verdict& verdict, CallNotes* notes) {
  notes->counts.Add(verdict.kind);
  notes->error = std::string(RefusalName(verdict.kind));
  if (!verdict.record.has_value()) return;
  notes->did = verdict.record->did;
  notes->token_id = TokenIdOf(verdict.record->digest);
}

}  // namespace

grpc::ServerUnaryReactor* TokenRpc::Mint(grpc::CallbackServerContext* context, const pb::MintRequest* request,
                                         pb::MintResponse* response) {
  return calls_.RunOn(writes_, context, "Mint", [this, request, response](CallNotes* notes) -> absl::Status {
    const absl::StatusOr<MintOrder> order = ToMintOrder(*request, notes->by);
    if (!order.ok()) return order.status();
    const absl::StatusOr<MintedToken> minted = rules_.issuer.Mint(*order);
    if (!minted.ok()) {
      if (const auto reason = GetReason(minted.status())) notes->error = reason->reason;
      return minted.status();
    }
    notes->did = minted->record.did;
    notes->token_id = TokenIdOf(minted->record.digest);
    notes->counts.minted_profile = minted->record.profile;
    ToProto(*minted, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* TokenRpc::SpendSingleUseId(grpc::CallbackServerContext* context,
                                                     const pb::SpendSingleUseIdRequest* request,
                                                     pb::SpendSingleUseIdResponse*) {
  return calls_.RunOn(writes_, context, "SpendSingleUseId", [this, request](CallNotes* notes) -> absl::Status {
    const absl::StatusOr<storage::OneTimeKey> id = ToOneTimeKey(request->single_use_id());
    if (!id.ok()) return id.status();
    absl::Status spent = rules_.spender.Spend(request->did(), *id);
    if (const auto reason = GetReason(spent)) notes->error = reason->reason;
    if (spent.ok()) notes->did = request->did();
    return spent;
  });
}

grpc::ServerUnaryReactor* TokenRpc::Validate(grpc::CallbackServerContext* context, const pb::ValidateRequest* request,
                                             pb::ValidateResponse* response) {
  return calls_.RunInline(context, "Validate", [&](CallNotes* notes) -> absl::Status {
    if (absl::Status status = CheckTokenSize(request->token()); !status.ok()) return status;
    if (absl::Status status = CheckMethod("method", request->method()); !status.ok()) return status;
    const absl::StatusOr<Verdict> verdict = Verify(*request);
    if (!verdict.ok()) return verdict.status();
    Note(*verdict, notes);
    ToProto(*verdict, response);
    return absl::OkStatus();
  });
}

absl::StatusOr<Verdict> TokenRpc::Verify(const pb::ValidateRequest& request) {
  if (!LooksLikeJwt(request.token())) return rules_.verifier.Verify(request.token(), request.method());
  return rules_.sessions.Verify(request.token(), request.method(), request.dpop_jkt());
}

grpc::ServerUnaryReactor* TokenRpc::BatchValidate(grpc::CallbackServerContext* context,
                                                  const pb::BatchValidateRequest* request,
                                                  pb::BatchValidateResponse* response) {
  return calls_.RunOn(
      reads_, context, "BatchValidate", [this, context, request, response](CallNotes* notes) -> absl::Status {
        if (request->requests_size() > kMaxBatch) return InvalidField("requests", "at most 1000");
        response->mutable_responses()->Reserve(request->requests_size());
        for (int i = 0; i < request->requests_size(); ++i) {
          const pb::ValidateRequest& each = request->requests(i);
          if (absl::Status status = CheckMethod(absl::StrCat("requests[", i, "].method"), each.method());
              !status.ok()) {
            return status;
          }
          if (i % kBatchDeadlineStride == 0 && HasGivenUp(*context, clock_)) {
            return absl::DeadlineExceededError("the deadline passed within the batch");
          }
          const absl::StatusOr<Verdict> verdict = Verify(each);
          if (!verdict.ok()) return verdict.status();
          notes->counts.Add(verdict->kind);
          ToProto(*verdict, response->add_responses());
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TokenRpc::Revoke(grpc::CallbackServerContext* context, const pb::RevokeRequest* request,
                                           pb::RevokeResponse* response) {
  return calls_.RunOn(writes_, context, "Revoke", [this, request, response](CallNotes* notes) -> absl::Status {
    const absl::StatusOr<int> count = tokens::Revoke(rules_.revoker, *request, notes->by);
    if (!count.ok()) return count.status();
    notes->did = request->has_did() ? request->did() : request->owner_did();
    notes->token_id = request->token_id();
    if (request->has_token()) notes->token_id = TokenIdOf(DigestOf(request->token()));
    notes->counts.revoked = *count;
    response->set_revoked_count(*count);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* TokenRpc::ListTokens(grpc::CallbackServerContext* context,
                                               const pb::ListTokensRequest* request, pb::ListTokensResponse* response) {
  return calls_.RunOn(reads_, context, "ListTokens", [this, request, response](CallNotes* notes) -> absl::Status {
    const auto show = request->include_inactive() ? ListOrder::Show::kAll : ListOrder::Show::kActiveOnly;
    absl::StatusOr<TokenList> list =
        rules_.lister.List({request->did(), request->page_size(), request->page_token(), show});
    if (!list.ok()) return list.status();
    notes->did = request->did();
    for (const storage::TokenRecord& record : list->records) ToProto(record, response->add_tokens());
    response->set_next_page_token(std::move(list->next_page_token));
    response->set_account_status(ToProto(list->account_status));
    return absl::OkStatus();
  });
}

}  // namespace tokens
