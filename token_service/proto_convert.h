#ifndef TOKEN_SERVICE_PROTO_CONVERT_H_
#define TOKEN_SERVICE_PROTO_CONVERT_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "didpic/token/v1/admin_service.pb.h"
#include "didpic/token/v1/token_service.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "storage/token_record.h"
#include "token_service/token_issuer.h"
#include "token_service/token_verifier.h"

namespace tokens {

// Between the domain's values and the messages of the public contract. Pure.

// Nothing if `timestamp` is outside what the message allows (years 1–9999, nanos 0–999,999,999).
std::optional<absl::Time> ToTime(const google::protobuf::Timestamp& timestamp);

void ToProto(absl::Time time, google::protobuf::Timestamp* timestamp);
void ToProto(const MintedToken& minted, didpic::token::v1::MintResponse* response);
void ToProto(const storage::TokenRecord& record, didpic::token::v1::TokenMetadata* metadata);

didpic::token::v1::Account::Status ToProto(storage::AccountStatus status);

// Nothing for a number that the contract does not know.
std::optional<storage::ClientType> ToClientType(didpic::token::v1::OauthClient::Type type);

// Sets a verdict in every case: what is not active is a refusal.
void ToProto(const Verdict& verdict, didpic::token::v1::ValidateResponse* response);

// The refusal's name on the wire, for example "EXPIRED"; empty for an active token.
absl::string_view RefusalName(Verdict::Kind kind);

}  // namespace tokens

#endif  // TOKEN_SERVICE_PROTO_CONVERT_H_
