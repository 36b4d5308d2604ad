#include "xrpc_shim/issuer_authority.h"

#include <gtest/gtest.h>

#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

constexpr char kAlice[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";
constexpr char kIssuer[] = "https://auth.example.com";
constexpr char kOther[] = "https://other.example.com";

using Issuer = absl::StatusOr<std::string>;

TEST(IssuerAuthority, TheIssuerMustBeTheOneOfTheAccountsServer) {
  const Issuer unused = absl::InternalError("not asked for");
  const Issuer no_did = absl::NotFoundError("x");
  const Issuer broken = absl::FailedPreconditionError("x");
  const Issuer out = absl::UnavailableError("x");
  const Issuer slow = absl::DeadlineExceededError("x");
  const struct {
    const char* why;
    Issuer cached;
    Issuer fresh;
    const char* error;
  } cases[] = {
      {"named", kIssuer, unused, "OK"},
      {"moved to it just now", kOther, kIssuer, "OK"},
      {"mended just now", broken, kIssuer, "OK"},
      {"made just now", no_did, kIssuer, "OK"},
      {"another is named", kOther, kOther, "InvalidToken"},
      {"no such account", no_did, no_did, "InvalidToken"},
      {"the server breaks a rule", broken, broken, "InvalidToken"},
      {"outage", out, unused, "UpstreamFailure"},
      {"slow", slow, unused, "UpstreamTimeout"},
      {"anything else", absl::InternalError("x"), unused, "UpstreamFailure"},
      {"another was named, outage", kOther, out, "UpstreamFailure"},
      {"another was named, slow", kOther, slow, "UpstreamTimeout"},
      {"no such account, outage", no_did, out, "UpstreamFailure"},
  };
  for (const auto& row : cases) {
    const absl::Status status =
        CheckIssuerSpeaksFor(kIssuer, kAlice, [&row](const std::string& did, Freshness freshness) {
          EXPECT_EQ(did, kAlice);
          return freshness == Freshness::kForced ? row.fresh : row.cached;
        });
    EXPECT_EQ(status.ok() ? "OK" : std::string(WireName(status)), row.error) << row.why;
  }
}

}  // namespace
}  // namespace tokens::xrpc
