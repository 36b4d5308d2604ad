#include "xrpc_shim/dpop_nonce.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tests/support/fake_random.h"
#include "tests/support/temp_directory.h"

namespace tokens::xrpc {
namespace {

using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

const absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);  // The beginning of a step.

DpopNonces Make() {
  testing::FakeRandom random;
  return *DpopNonces::Create(random);
}

TEST(DpopNonces, ANonceIsTakenFromOneStepBeforeToOneStepAfter) {
  const DpopNonces nonces = Make();
  const std::string nonce = nonces.Current(kStart);
  const absl::Duration tick = absl::Microseconds(1);
  EXPECT_EQ(nonces.Current(kStart + kDpopNonceStep - tick), nonce);
  EXPECT_NE(nonces.Current(kStart + kDpopNonceStep), nonce);
  EXPECT_FALSE(nonces.IsFresh(nonce, kStart - kDpopNonceStep - tick));
  EXPECT_TRUE(nonces.IsFresh(nonce, kStart - kDpopNonceStep));
  EXPECT_TRUE(nonces.IsFresh(nonce, kStart));
  EXPECT_TRUE(nonces.IsFresh(nonce, kStart + 2 * kDpopNonceStep - tick));
  EXPECT_FALSE(nonces.IsFresh(nonce, kStart + 2 * kDpopNonceStep));
}

TEST(DpopNonces, WhatWeDidNotGiveOutIsNotTaken) {
  const DpopNonces nonces = Make();
  std::string changed = nonces.Current(kStart);
  changed[0] = changed[0] == 'A' ? 'B' : 'A';
  for (const std::string& nonce : {std::string(), std::string("x"), changed, nonces.Current(kStart) + "A"}) {
    EXPECT_FALSE(nonces.IsFresh(nonce, kStart)) << nonce;
  }
}

TEST(DpopNonces, TwoProcessesAgreeByASharedSecretOnly) {
  const testing::TempDirectory folder;
  const std::string path = folder.Write("secret", std::string(32, 's'));
  const auto one = DpopNonces::FromFile(path);
  const auto two = DpopNonces::FromFile(path);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_TRUE(two->IsFresh(one->Current(kStart), kStart));
  testing::FakeRandom random;
  const DpopNonces three = *DpopNonces::Create(random);
  const DpopNonces four = *DpopNonces::Create(random);
  EXPECT_FALSE(four.IsFresh(three.Current(kStart), kStart));
}

TEST(DpopNonces, NoSecretNoNonces) {
  const testing::TempDirectory folder;
  EXPECT_TRUE(absl::IsInvalidArgument(DpopNonces::FromFile(folder.Write("short", std::string(31, 's'))).status()));
  EXPECT_TRUE(absl::IsNotFound(DpopNonces::FromFile(folder / "absent").status()));
  testing::FakeRandom random;
  random.FailWith(absl::UnavailableError("no entropy"));
  EXPECT_TRUE(absl::IsUnavailable(DpopNonces::Create(random).status()));
}

TEST(OfferDpopTest, AnAnswerThatAsksForCredentialsNamesBothSchemes) {
  const auto challenges = [](const HttpHeaders& headers) {
    HttpResponse response;
    response.headers = headers;
    OfferDpopScheme(&response);
    return response.headers;
  };
  EXPECT_THAT(
      challenges({{"WWW-Authenticate", "Bearer"}}),
      UnorderedElementsAre(Pair("WWW-Authenticate", "Bearer"), Pair("WWW-Authenticate", "DPoP algs=\"ES256 ES256K\"")));
  const HttpHeaders refused = {{"WWW-Authenticate", "Bearer error=\"invalid_token\""}};
  EXPECT_EQ(challenges(refused), refused);
  EXPECT_THAT(challenges({}), IsEmpty());
}

TEST(OfferDpopTest, TheNonceIsTheOneToUseNow) {
  const DpopNonces nonces = Make();
  HttpResponse response;
  OfferDpopNonce(nonces, kStart, &response);
  EXPECT_THAT(response.headers, UnorderedElementsAre(Pair("DPoP-Nonce", nonces.Current(kStart))));
}

}  // namespace
}  // namespace tokens::xrpc
