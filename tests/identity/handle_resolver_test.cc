#include "token_service/identity/handle_resolver.h"

#include <gtest/gtest.h>
#include <netdb.h>

#include <fstream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"
#include "tests/support/test_dns_server.h"
#include "tests/support/test_web_server.h"

namespace tokens {
namespace {

using Code = absl::StatusCode;

constexpr char kHandle[] = "alice.example.com";
constexpr char kName[] = "_atproto.alice.example.com";
constexpr char kDid[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";
constexpr char kOther[] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa";

// "OK did", or the code and the id of what is wrong.
std::string Told(const absl::StatusOr<std::string>& did) {
  if (did.ok()) return "OK " + *did;
  const std::string text(did.status().message());
  return absl::StrCat(absl::StatusCodeToString(did.status().code()), " ", text.substr(0, text.find(':')));
}

class HandleResolverTest : public ::testing::Test {
 protected:
  std::string Dns(const std::vector<std::string>& records) {
    dns_ = records;
    return Told(NewResolver()->Resolve(kHandle).dns);
  }
  std::string Https(absl::StatusOr<HttpReply> reply) {
    dns_ = std::vector<std::string>();
    https_ = std::move(reply);
    return Told(NewResolver()->Resolve(kHandle).https);
  }
  std::unique_ptr<HandleResolver> NewResolver() {
    return std::make_unique<HandleResolver>(
        [this](const std::string& name) {
          EXPECT_EQ(name, kName);
          ++dns_questions_;
          return dns_;
        },
        [this](const std::string& url, const std::string&) {
          EXPECT_EQ(url, "https://alice.example.com/.well-known/atproto-did");
          ++https_questions_;
          return https_;
        },
        clock_, HandleResolverOptions());
  }

  testing::FakeClock clock_;
  absl::StatusOr<std::vector<std::string>> dns_ = std::vector<std::string>();
  absl::StatusOr<HttpReply> https_ = HttpReply{200, "text/plain", kOther};
  int dns_questions_ = 0;
  int https_questions_ = 0;
};

TEST_F(HandleResolverTest, EachRuleOfDnsIsChecked) {
  const std::string good = absl::StrCat("did=", kDid);
  const std::string ok = absl::StrCat("OK ", kDid);
  EXPECT_EQ(Dns({good}), ok);
  EXPECT_EQ(Dns({"v=spf1", good, "DID=x", "", " did=x"}), ok);
  EXPECT_EQ(Dns({"did=did:web:example.com"}), "OK did:web:example.com");
  EXPECT_EQ(Dns({}), "NOT_FOUND dns_no_record");
  EXPECT_EQ(Dns({kDid}), "NOT_FOUND dns_no_record");
  EXPECT_EQ(Dns({good, good}), "FAILED_PRECONDITION dns_several_records");
  EXPECT_EQ(Dns({good, absl::StrCat("did=", kOther)}), "FAILED_PRECONDITION dns_several_records");
  EXPECT_EQ(Dns({absl::StrCat("did= ", kDid)}), "FAILED_PRECONDITION dns_not_a_did");
  EXPECT_EQ(Dns({absl::StrCat(good, " ")}), "FAILED_PRECONDITION dns_not_a_did");
  EXPECT_EQ(Dns({"did="}), "FAILED_PRECONDITION dns_not_a_did");
  EXPECT_EQ(Dns({"did=did:key:zabc"}), "FAILED_PRECONDITION dns_not_a_did");
}

TEST_F(HandleResolverTest, EachRuleOfHttpsIsChecked) {
  const std::string ok = absl::StrCat("OK ", kDid);
  const std::string did = kDid;
  EXPECT_EQ(Https(HttpReply{200, "text/plain", did}), ok);
  EXPECT_EQ(Https(HttpReply{204, "Text/Plain; charset=utf-8", absl::StrCat("  ", kDid, " \r\nand more\n")}), ok);
  EXPECT_EQ(Https(HttpReply{404, "text/plain", did}), "NOT_FOUND https_status");
  EXPECT_EQ(Https(HttpReply{403, "text/plain", did}), "NOT_FOUND https_status");
  EXPECT_EQ(Https(HttpReply{500, "text/plain", did}), "UNAVAILABLE https_status");
  EXPECT_EQ(Https(HttpReply{200, "text/html", did}), "FAILED_PRECONDITION https_content_type");
  EXPECT_EQ(Https(HttpReply{200, "", did}), "FAILED_PRECONDITION https_content_type");
  EXPECT_EQ(Https(HttpReply{200, "text/plain", ""}), "FAILED_PRECONDITION https_not_a_did");
  EXPECT_EQ(Https(HttpReply{200, "text/plain", "\n" + did}), "FAILED_PRECONDITION https_not_a_did");
  EXPECT_EQ(Https(HttpReply{200, "text/plain", "did:key:zabc"}), "FAILED_PRECONDITION https_not_a_did");
  EXPECT_EQ(Https(absl::NotFoundError("x")), "NOT_FOUND https_no_host");
  EXPECT_EQ(Https(absl::PermissionDeniedError("x")), "FAILED_PRECONDITION https_forbidden_address");
  EXPECT_EQ(Https(absl::UnavailableError("x")), "UNAVAILABLE https_unavailable");
  EXPECT_EQ(Https(absl::DeadlineExceededError("x")), "DEADLINE_EXCEEDED https_unavailable");
}

TEST_F(HandleResolverTest, DnsWins) {
  const std::string good = absl::StrCat("did=", kDid);
  const absl::StatusOr<HttpReply> other = HttpReply{200, "text/plain", kOther};
  const struct {
    const char* why;
    absl::StatusOr<std::vector<std::string>> dns;
    absl::StatusOr<HttpReply> https;
    std::string did;
    bool https_asked;
  } cases[] = {
      {"DNS has it", std::vector<std::string>{good}, other, absl::StrCat("OK ", kDid), false},
      {"DNS is ambiguous", std::vector<std::string>{good, good}, other, "FAILED_PRECONDITION dns_several_records",
       false},
      {"DNS is wrong", std::vector<std::string>{"did=x"}, other, "FAILED_PRECONDITION dns_not_a_did", false},
      {"DNS has none", std::vector<std::string>{}, other, absl::StrCat("OK ", kOther), true},
      {"neither has one", std::vector<std::string>{}, absl::NotFoundError("x"), "NOT_FOUND https_no_host", true},
      {"HTTPS is out", std::vector<std::string>{}, absl::UnavailableError("x"), "UNAVAILABLE https_unavailable", true},
      {"DNS is out", absl::UnavailableError("x"), other, absl::StrCat("OK ", kOther), true},
      {"DNS is slow", absl::DeadlineExceededError("x"), other, absl::StrCat("OK ", kOther), true},
      {"DNS is out, HTTPS has none", absl::UnavailableError("x"), absl::NotFoundError("x"),
       "UNAVAILABLE dns_unavailable", true},
      {"DNS is slow, HTTPS has none", absl::DeadlineExceededError("x"), absl::NotFoundError("x"),
       "DEADLINE_EXCEEDED dns_unavailable", true},
  };
  for (const auto& row : cases) {
    dns_ = row.dns;
    https_ = row.https;
    const HandleAnswer answer = NewResolver()->Resolve(kHandle);
    EXPECT_EQ(Told(answer.did), row.did) << row.why;
    EXPECT_EQ(absl::IsCancelled(answer.https.status()), !row.https_asked) << row.why;
  }
}

TEST_F(HandleResolverTest, AnswersAreKeptAndOutagesAreNot) {
  const struct {
    const char* why;
    absl::StatusOr<std::vector<std::string>> dns;
    absl::StatusOr<HttpReply> https;
    absl::Duration kept;  // Zero: not at all.
  } cases[] = {
      {"found", std::vector<std::string>{absl::StrCat("did=", kDid)}, absl::NotFoundError("x"), absl::Minutes(10)},
      {"found by HTTPS", std::vector<std::string>{}, HttpReply{200, "text/plain", kDid}, absl::Minutes(10)},
      {"absent", std::vector<std::string>{}, absl::NotFoundError("x"), absl::Minutes(1)},
      {"ambiguous", std::vector<std::string>{"did=1", "did=2"}, absl::NotFoundError("x"), absl::Minutes(1)},
      {"HTTPS is out", std::vector<std::string>{}, absl::UnavailableError("x"), absl::ZeroDuration()},
      {"DNS is out", absl::UnavailableError("x"), HttpReply{200, "text/plain", kDid}, absl::ZeroDuration()},
  };
  for (const auto& row : cases) {
    dns_ = row.dns;
    https_ = row.https;
    const auto resolver = NewResolver();
    const HandleAnswer answer = resolver->Resolve(kHandle);
    dns_questions_ = 0;
    if (row.kept > absl::ZeroDuration()) {
      clock_.Advance(row.kept - absl::Microseconds(1));
      EXPECT_EQ(Told(resolver->Resolve(kHandle).did), Told(answer.did)) << row.why;
      EXPECT_EQ(dns_questions_, 0) << row.why;
      clock_.Advance(absl::Microseconds(1));
    }
    resolver->Resolve(kHandle);
    EXPECT_EQ(dns_questions_, 1) << row.why;
  }
}

// By the real means: DNS over UDP, HTTPS over TLS.
TEST(HandleResolution, GoesOverDnsAndHttps) {
  const testing::TestAuthority authority;
  const testing::TempDirectory folder;
  const std::string ca_file = absl::StrCat(folder.path(), "/ca.pem");
  std::ofstream(ca_file) << authority.CertificatePem();
  const testing::TestWebServer web(
      authority.Issue(kHandle, absl::Now() + absl::Hours(1)),
      [](const std::string& request, testing::TestConnection& connection) {
        const bool good = request.rfind("GET /.well-known/atproto-did HTTP/1.1\r\n", 0) == 0;
        const std::string body = good ? kOther : "";
        connection.Write(absl::StrCat("HTTP/1.1 ", good ? 200 : 404, " Test\r\nContent-Type: text/plain\r\n",
                                      "Content-Length: ", body.size(), "\r\n\r\n", body));
      });
  HttpsFetcherOptions options;
  options.ca_file = ca_file;
  options.allow_insecure = true;
  options.connect_to = {absl::StrCat(kHandle, ":443:127.0.0.1:", web.port())};
  const auto fetcher = *HttpsFetcher::Create(options, [](const std::string&) {
    return ResolverAnswer{EAI_NONAME, {}};
  });
  testing::TestDnsServer dns;
  testing::FakeClock clock;
  HandleResolver resolver(
      [&](const std::string& name) {
        return FindTxtRecords(name, {dns.address(), absl::Seconds(30)});
      },
      [&](const std::string& url, const std::string& accept) { return fetcher->Get(url, accept); }, clock,
      HandleResolverOptions());
  EXPECT_EQ(Told(resolver.Resolve(kHandle).did), absl::StrCat("OK ", kOther));
  dns.Set(kName, {.records = {{absl::StrCat("did=", kDid)}}});
  clock.Advance(absl::Minutes(10));
  EXPECT_EQ(Told(resolver.Resolve(kHandle).did), absl::StrCat("OK ", kDid));
  EXPECT_EQ(dns.Questions(kName), 2);
}

}  // namespace
}  // namespace tokens
