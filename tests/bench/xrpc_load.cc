// Load on xrpc_shim over keep-alive connections, one call in flight on each; and the check of a JWT by itself.
#include <atomic>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/accounts.h"
#include "tests/bench/measure.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/test_signer.h"
#include "token_service/identity/did_document.h"
#include "xrpc_shim/service_jwt.h"

ABSL_FLAG(int, port, 0, "of the shim, on loopback");
ABSL_FLAG(std::string, call, "",
          "documents (write them), warm (mint once for each account), mint, robots or verify_jwt");
ABSL_FLAG(int, in_flight, 16, "connections");
ABSL_FLAG(std::string, documents, "", "folder of DID documents");
ABSL_FLAG(std::string, key, "", "private key of all accounts (P-256), in hex");
ABSL_FLAG(std::string, audience, "did:web:api.didpic.example", "--service_did of the shim");
ABSL_FLAG(uint64_t, first_account, 0, "number of the first account");
ABSL_FLAG(uint64_t, accounts, 8192, "accounts to mint for in turn");
ABSL_FLAG(uint64_t, jwts, 10'000, "JWTs to sign beforehand; the window closes when they have been used");

namespace tokens::bench {
namespace {

using testing::RawHttpClient;
using testing::RawResponse;
using testing::TestSigner;

constexpr char kMintNsid[] = "app.didpic.identity.mintWidgetToken";
constexpr absl::Duration kJwtLife = absl::Minutes(10);

TestSigner Signer() {
  const std::string key = absl::HexStringToBytes(absl::GetFlag(FLAGS_key));
  if (key.size() != 32) Abandon("--key: 64 hex characters");
  return TestSigner::FromPrivateKey(KeyCurve::kP256, key);
}

std::string Account(uint64_t number) {
  return AccountDid(absl::GetFlag(FLAGS_first_account) + number % absl::GetFlag(FLAGS_accounts));
}

void WriteDocuments() {
  const TestSigner signer = Signer();
  const std::string folder = absl::GetFlag(FLAGS_documents);
  std::filesystem::create_directories(folder);
  for (uint64_t i = 0; i < absl::GetFlag(FLAGS_accounts); ++i) {
    const std::string did = Account(i);
    std::ofstream file(absl::StrCat(folder, "/", did, ".json"));
    if (!(file << testing::MakeDidDocument(did, signer).dump())) Abandon("cannot write --documents");
  }
}

// Service JWTs, each good once, for the accounts in turn, beginning with a random one.
std::vector<std::string> SignJwts(uint64_t count) {
  const TestSigner signer = Signer();
  const uint64_t start = std::random_device()();
  const int64_t now = absl::ToUnixSeconds(absl::Now());
  std::vector<std::string> jwts(count);
  std::atomic<uint64_t> next = 0;
  const auto sign = [&] {
    for (uint64_t i = next++; i < count; i = next++) {
      jwts[i] = testing::MakeJwt(signer, {{"iss", Account(start + i)},
                                          {"aud", absl::GetFlag(FLAGS_audience)},
                                          {"lxm", kMintNsid},
                                          {"iat", now},
                                          {"exp", now + absl::ToInt64Seconds(kJwtLife)},
                                          {"jti", absl::StrCat(absl::Hex(start), "-", i)}});
    }
  };
  std::thread other(sign);
  sign();
  other.join();
  return jwts;
}

RawResponse Exchange(RawHttpClient& client, absl::string_view request) {
  if (!client.Send(request)) Abandon("the shim closed a connection");
  std::optional<RawResponse> response = client.Read();
  if (!response.has_value()) Abandon("the shim did not answer");
  if (response->status != 200) Abandon(absl::StrCat("HTTP ", response->status, " ", response->body));
  return *std::move(response);
}

void RunMint(uint64_t count) {
  const std::vector<std::string> jwts = SignJwts(count);
  std::atomic<uint64_t> next = 0;
  Measure(absl::GetFlag(FLAGS_in_flight), [&](int, Tally& tally) {
    RawHttpClient client(absl::GetFlag(FLAGS_port));
    while (!tally.done()) {
      const uint64_t number = next++;
      if (number >= jwts.size()) return tally.End();
      const std::string request =
          absl::StrCat("POST /xrpc/", kMintNsid, " HTTP/1.1\r\nHost: api.didpic.example\r\nAuthorization: Bearer ",
                       jwts[number], "\r\nContent-Length: 0\r\n\r\n");
      const auto began = std::chrono::steady_clock::now();
      Exchange(client, request);
      tally.Record(began);
    }
  });
}

void RunRobots() {
  Measure(absl::GetFlag(FLAGS_in_flight), [](int, Tally& tally) {
    RawHttpClient client(absl::GetFlag(FLAGS_port));
    while (!tally.done()) {
      const auto began = std::chrono::steady_clock::now();
      Exchange(client, "GET /robots.txt HTTP/1.1\r\nHost: api.didpic.example\r\n\r\n");
      tally.Record(began);
    }
  });
}

// With the DID document at hand, as from the shim's cache.
void RunVerifyJwt() {
  const std::vector<std::string> jwts = SignJwts(absl::GetFlag(FLAGS_jwts));
  const TestSigner signer = Signer();
  const absl::StatusOr<SigningKey> key = SigningKey::FromDidKey(signer.DidKey());
  if (!key.ok()) Abandon(key.status().message());
  const xrpc::ServiceJwtVerifier verifier({absl::GetFlag(FLAGS_audience)},
                                          [&key](const std::string& did, Freshness) -> absl::StatusOr<DidDocument> {
                                            return DidDocument{did, *key, {}, ""};
                                          });
  Measure(1, [&](int, Tally& tally) {
    for (uint64_t i = 0; !tally.done(); ++i) {
      const auto began = std::chrono::steady_clock::now();
      if (!verifier.Verify(jwts[i % jwts.size()], kMintNsid, absl::Now()).ok()) Abandon("a JWT does not verify");
      tally.Record(began);
    }
  });
}

int RunCall(const std::string& call) {
  if (call == "documents") {
    WriteDocuments();
  } else if (call == "warm") {
    RunMint(absl::GetFlag(FLAGS_accounts));
  } else if (call == "mint") {
    RunMint(absl::GetFlag(FLAGS_jwts));
  } else if (call == "robots") {
    RunRobots();
  } else if (call == "verify_jwt") {
    RunVerifyJwt();
  } else {
    Abandon("--call: documents, warm, mint, robots or verify_jwt");
  }
  return 0;
}

}  // namespace
}  // namespace tokens::bench

int main(int argc, char** argv) {
  tokens::bench::ParseBenchFlags(argc, argv);
  return tokens::bench::RunCall(absl::GetFlag(FLAGS_call));
}
