#include "storage/stored_token_codec.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "absl/strings/match.h"
#include "didpic/token/v1/stored_token.pb.h"
#include "tests/storage/test_records.h"

namespace tokens::storage {
namespace {

using testing::At;
using testing::Digest;
using testing::Record;

TEST(StoredTokenCodec, TokenComesBackAsItWas) {
  TokenEntry entry = {Record(1), 7};
  for (const bool revoked : {false, true}) {
    if (revoked) entry.record.revoke_time = absl::UnixEpoch();  // Zero is an instant, not "unset".
    if (revoked) entry.record.last_use_time = absl::UnixEpoch();
    const absl::StatusOr<TokenEntry> decoded = DecodeToken(Digest(1), EncodeToken(entry));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->record, entry.record);
    EXPECT_EQ(decoded->account_generation, 7u);
  }
}

TEST(StoredTokenCodec, TokenKeepsWhatItsClientWas) {
  for (const ClientType type :
       {ClientType::kUnknown, ClientType::kPublic, ClientType::kConfidential, ClientType::kLoopback}) {
    TokenEntry entry = {Record(1), 0};
    entry.record.client_type = type;
    const absl::StatusOr<TokenEntry> decoded = DecodeToken(Digest(1), EncodeToken(entry));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(decoded->record, entry.record);
  }
}

TEST(StoredTokenCodec, AccountAndOneTimeKeyComeBackAsTheyWere) {
  const absl::StatusOr<AccountEntry> account = DecodeAccount(EncodeAccount({3, At(5)}));
  ASSERT_TRUE(account.ok());
  EXPECT_EQ(account->generation, 3u);
  EXPECT_EQ(account->revoke_all_time, At(5));
  const absl::StatusOr<OneTimeKeyEntry> key = DecodeOneTimeKey(EncodeOneTimeKey({At(6), Digest(2)}));
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->expire_time, At(6));
  EXPECT_EQ(key->token, Digest(2));
}

TEST(StoredTokenCodec, AccountKeepsItsStatusWhetherItWasRevokedOrNot) {
  for (const uint64_t generation : {0, 3}) {
    for (const AccountStatus status :
         {AccountStatus::kActive, AccountStatus::kTakedown, AccountStatus::kSuspended, AccountStatus::kDeactivated}) {
      const storage::Account account = {status, absl::UnixEpoch()};  // Zero is an instant, not "unset".
      const absl::StatusOr<AccountEntry> decoded = DecodeAccount(EncodeAccount({generation, At(5), account}));
      ASSERT_TRUE(decoded.ok()) << decoded.status();
      EXPECT_EQ(decoded->generation, generation);
      EXPECT_EQ(decoded->account, account);
    }
  }
}

TEST(StoredTokenCodec, AccountFromBeforeThereWasAStatusIsActive) {
  ::didpic::token::v1::StoredAccount stored;
  stored.set_generation(2);
  stored.set_revoke_all_time_us(7);
  const absl::StatusOr<AccountEntry> decoded = DecodeAccount(stored.SerializeAsString());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->account, storage::Account());
}

TEST(StoredTokenCodec, AccountThatBreaksARuleIsDataLoss) {
  using Stored = ::didpic::token::v1::StoredAccount;
  const struct {
    const char* name;
    std::function<void(Stored&)> spoil;
  } kCases[] = {
      {"says nothing", [](Stored& stored) { stored.Clear(); }},
      {"a status that is none", [](Stored& stored) { stored.set_status(static_cast<Stored::Status>(9)); }},
      {"not since when", [](Stored& stored) { stored.clear_status_time_us(); }},
      {"since when, but not what", [](Stored& stored) { stored.clear_status(); }},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.name);
    Stored stored;
    ASSERT_TRUE(stored.ParseFromString(EncodeAccount({1, At(5), {AccountStatus::kTakedown, At(6)}})));
    test.spoil(stored);
    EXPECT_EQ(DecodeAccount(stored.SerializeAsString()).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(StoredTokenCodec, TokenThatBreaksARuleIsDataLossAndItsContentsStayOut) {
  using Stored = ::didpic::token::v1::StoredToken;
  const struct {
    const char* name;
    std::function<void(Stored&)> spoil;
  } kCases[] = {
      {"no did", [](Stored& stored) { stored.clear_did(); }},
      {"NUL in did", [](Stored& stored) { stored.set_did(std::string("sesame\0", 7)); }},
      {"no profile", [](Stored& stored) { stored.clear_profile(); }},
      {"NUL in profile", [](Stored& stored) { stored.set_profile(std::string("sesame\0", 7)); }},
      {"a type that is none", [](Stored& stored) { stored.set_client_type(static_cast<Stored::ClientType>(9)); }},
  };
  for (const auto& test : kCases) {
    SCOPED_TRACE(test.name);
    Stored stored;
    ASSERT_TRUE(stored.ParseFromString(EncodeToken({Record(1), 0})));
    stored.set_label("sesame");
    test.spoil(stored);
    const absl::Status status = DecodeToken(Digest(1), stored.SerializeAsString()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_FALSE(absl::StrContains(status.message(), "sesame")) << status;
  }
}

TEST(StoredTokenCodec, BytesThatDoNotParseAreDataLoss) {
  for (const std::string& bytes : {std::string(), std::string("\xff\xff\xff"), EncodeToken({Record(1), 0}).substr(1)}) {
    EXPECT_EQ(DecodeToken(Digest(1), bytes).status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(DecodeAccount(bytes).status().code(), absl::StatusCode::kDataLoss);
    EXPECT_EQ(DecodeOneTimeKey(bytes).status().code(), absl::StatusCode::kDataLoss);
  }
}

TEST(StoredTokenCodec, EveryCutOfARecordIsDataLossOrAnotherWholeRecord) {
  const std::string whole = EncodeToken({Record(1), 0});
  for (size_t size = 0; size < whole.size(); ++size) {
    const absl::StatusOr<TokenEntry> decoded = DecodeToken(Digest(1), whole.substr(0, size));
    if (!decoded.ok()) {
      EXPECT_EQ(decoded.status().code(), absl::StatusCode::kDataLoss) << size;
    }
  }
}

TEST(StoredTokenCodec, OneTimeKeyWithoutAWholeDigestIsDataLoss) {
  ::didpic::token::v1::StoredOneTimeKey stored;
  stored.set_expire_time_us(1);
  stored.set_token_digest(std::string(31, 'x'));
  EXPECT_EQ(DecodeOneTimeKey(stored.SerializeAsString()).status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace tokens::storage
