#include "token_service/identity/https_fetcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>

#include <cstdlib>
#include <fstream>
#include <future>
#include <map>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/test_authority.h"
#include "tests/support/test_web_server.h"

namespace tokens {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TestAuthority;
using testing::TestConnection;
using testing::TestHandler;
using testing::TestResponse;
using testing::TestWebServer;

constexpr char kHost[] = "pds.example.com";
constexpr char kUrl[] = "https://pds.example.com/.well-known/did.json";
constexpr char kAccept[] = "application/json";
const absl::Time kTomorrow = absl::Now() + absl::Hours(24);

std::string WriteFile(const std::string& name, const std::string& content) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/", getpid(), "-", name);
  std::ofstream(path) << content;
  return path;
}

// A resolver that knows only these names.
AskResolver Names(std::map<std::string, ResolverAnswer> names) {
  return [names = std::move(names)](const std::string& host) {
    const auto found = names.find(host);
    return found != names.end() ? found->second : ResolverAnswer{EAI_NONAME, {}};
  };
}

AskResolver NoNames() { return Names({}); }

std::unique_ptr<HttpsFetcher> NewFetcher(const HttpsFetcherOptions& options, AskResolver ask = NoNames()) {
  auto fetcher = HttpsFetcher::Create(options, std::move(ask));
  EXPECT_TRUE(fetcher.ok()) << fetcher.status();
  return *std::move(fetcher);
}

TestHandler Always(std::string response) {
  return
      [response = std::move(response)](const std::string&, TestConnection& connection) { connection.Write(response); };
}

class HttpsFetcherTest : public ::testing::Test {
 protected:
  // Trusts the test's authority and finds `host` at `server`.
  HttpsFetcherOptions Reaching(const TestWebServer& server, const std::string& host = kHost) {
    HttpsFetcherOptions options;
    options.ca_file = ca_file_;
    options.allow_insecure = true;
    options.connect_to = {absl::StrCat(host, ":443:127.0.0.1:", server.port())};
    return options;
  }

  absl::StatusOr<HttpReply> GetFrom(const TestWebServer& server) {
    return NewFetcher(Reaching(server))->Get(kUrl, kAccept);
  }

  TestAuthority authority_;
  const std::string ca_file_ = WriteFile("ca.pem", authority_.CertificatePem());
};

TEST_F(HttpsFetcherTest, FetchesADocument) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), Always(TestResponse(200, "{}")));
  const auto reply = GetFrom(server);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->http_status, 200);
  EXPECT_EQ(reply->content_type, "application/json");
  EXPECT_EQ(reply->body, "{}");
}

TEST_F(HttpsFetcherTest, AnHttpErrorIsAReply) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), Always(TestResponse(404, "gone")));
  const auto reply = GetFrom(server);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->http_status, 404);
}

TEST_F(HttpsFetcherTest, AsksForTheTypeAndSendsNothingPersonal) {
  std::promise<std::string> seen;
  const TestWebServer server(authority_.Issue(kHost, kTomorrow),
                             [&seen](const std::string& request, TestConnection& connection) {
                               seen.set_value(request);
                               connection.Write(TestResponse(200, "{}"));
                             });
  ASSERT_TRUE(GetFrom(server).ok());
  EXPECT_THAT(seen.get_future().get(),
              AllOf(HasSubstr("GET /.well-known/did.json HTTP/1.1\r\n"), HasSubstr("Host: pds.example.com\r\n"),
                    HasSubstr("Accept: application/json\r\n"), HasSubstr("User-Agent: didpic-xrpc-shim/"),
                    Not(HasSubstr("Authorization")), Not(HasSubstr("Cookie")), Not(HasSubstr("Accept-Encoding"))));
}

TEST_F(HttpsFetcherTest, CookiesOfOneReplyAreNotSentWithTheNextRequest) {
  std::promise<std::string> second;
  int requests = 0;
  const TestWebServer server(authority_.Issue(kHost, kTomorrow),
                             [&](const std::string& request, TestConnection& connection) {
                               if (++requests == 2) second.set_value(request);
                               connection.Write(TestResponse(200, "{}", "Set-Cookie: a=b\r\n"));
                             });
  const auto fetcher = NewFetcher(Reaching(server));
  ASSERT_TRUE(fetcher->Get(kUrl, kAccept).ok());
  ASSERT_TRUE(fetcher->Get(kUrl, kAccept).ok());
  EXPECT_THAT(second.get_future().get(), Not(HasSubstr("Cookie")));
}

TEST_F(HttpsFetcherTest, UsesAConnectionAgain) {
  const std::string response = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), [&](const std::string&, TestConnection& connection) {
    do {
      connection.Write(response);
    } while (!connection.ReadRequest().empty());
  });
  const auto fetcher = NewFetcher(Reaching(server));
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(fetcher->Get(kUrl, kAccept).ok());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(HttpsFetcherTest, TakesNoProxyFromTheEnvironment) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), Always(TestResponse(200, "{}")));
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy"}) setenv(name, "http://127.0.0.1:1", 1);
  const auto reply = GetFrom(server);
  for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy"}) unsetenv(name);
  EXPECT_TRUE(reply.ok()) << reply.status();
}

TEST_F(HttpsFetcherTest, RefusesACertificateOfAnotherAuthority) {
  const TestAuthority stranger;
  const TestWebServer server(stranger.Issue(kHost, kTomorrow), Always(TestResponse(200, "{}")));
  EXPECT_TRUE(absl::IsUnavailable(GetFrom(server).status()));
}

TEST_F(HttpsFetcherTest, WithoutACaFileTheSystemsAuthoritiesCount) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), Always(TestResponse(200, "{}")));
  HttpsFetcherOptions options = Reaching(server);
  options.ca_file.clear();
  EXPECT_TRUE(absl::IsUnavailable(NewFetcher(options)->Get(kUrl, kAccept).status()));
}

TEST_F(HttpsFetcherTest, RefusesACertificateForAnotherHost) {
  const TestWebServer server(authority_.Issue("other.example.com", kTomorrow), Always(TestResponse(200, "{}")));
  EXPECT_TRUE(absl::IsUnavailable(GetFrom(server).status()));
}

TEST_F(HttpsFetcherTest, RefusesAnExpiredCertificate) {
  const TestWebServer server(authority_.Issue(kHost, absl::Now() - absl::Hours(1)), Always(TestResponse(200, "{}")));
  EXPECT_TRUE(absl::IsUnavailable(GetFrom(server).status()));
}

TEST_F(HttpsFetcherTest, RefusesAServerWithoutTls) {
  const TestWebServer server(Always(TestResponse(200, "{}")));
  EXPECT_TRUE(absl::IsUnavailable(GetFrom(server).status()));
}

TEST_F(HttpsFetcherTest, FollowsNoRedirect) {
  const TestWebServer inside(Always(TestResponse(200, "secret")));
  for (const int status : {300, 301, 302, 303, 307, 308}) {
    const TestWebServer server(
        authority_.Issue(kHost, kTomorrow),
        Always(TestResponse(status, "", absl::StrCat("Location: http://127.0.0.1:", inside.port(), "/\r\n"))));
    const auto reply = GetFrom(server);
    EXPECT_TRUE(absl::IsUnavailable(reply.status())) << status;
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr("redirects"));
  }
  EXPECT_EQ(inside.connections(), 0);
}

TEST_F(HttpsFetcherTest, TakesABodyOfExactlyTheLimit) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow),
                             Always(TestResponse(200, std::string(64 * 1024, 'x'))));
  const auto reply = GetFrom(server);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->body.size(), 64u * 1024);
}

TEST_F(HttpsFetcherTest, RefusesABodyOneByteOverTheLimitHoweverItIsSent) {
  const std::string body(64 * 1024 + 1, 'x');
  const std::string chunked =
      absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n", body, "\r\n0\r\n\r\n");
  const std::string to_the_end = absl::StrCat("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", body);
  for (const std::string& response : {TestResponse(200, body), chunked, to_the_end}) {
    const TestWebServer server(authority_.Issue(kHost, kTomorrow), Always(response));
    const auto reply = GetFrom(server);
    EXPECT_TRUE(absl::IsUnavailable(reply.status()));
    EXPECT_THAT(std::string(reply.status().message()), HasSubstr("too big"));
  }
}

TEST_F(HttpsFetcherTest, CutsAnEndlessBodyOff) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), [](const std::string&, TestConnection& connection) {
    connection.Write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
    while (connection.Write("4\r\nmore\r\n")) {
    }
  });
  EXPECT_TRUE(absl::IsUnavailable(GetFrom(server).status()));
}

TEST_F(HttpsFetcherTest, RefusesTooMuchHeader) {
  const std::string field = absl::StrCat("X: ", std::string(1000, 'x'), "\r\n");
  std::string fields;
  for (int i = 0; i < 17; ++i) fields += field;
  const TestWebServer server(authority_.Issue(kHost, kTomorrow), Always(TestResponse(200, "{}", fields)));
  const auto reply = GetFrom(server);
  EXPECT_TRUE(absl::IsUnavailable(reply.status()));
  EXPECT_THAT(std::string(reply.status().message()), HasSubstr("too big"));
}

TEST_F(HttpsFetcherTest, RefusesABodyThatEndsEarly) {
  const TestWebServer server(authority_.Issue(kHost, kTomorrow),
                             Always("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}"));
  EXPECT_TRUE(absl::IsUnavailable(GetFrom(server).status()));
}

TEST_F(HttpsFetcherTest, GivesUpOnASilentOrStallingServer) {
  for (const char* beginning : {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{"}) {
    const TestWebServer server(authority_.Issue(kHost, kTomorrow),
                               [beginning](const std::string&, TestConnection& connection) {
                                 connection.Write(beginning);
                                 connection.AwaitHangUp();
                               });
    HttpsFetcherOptions options = Reaching(server);
    options.timeout = absl::Milliseconds(200);
    EXPECT_TRUE(absl::IsDeadlineExceeded(NewFetcher(options)->Get(kUrl, kAccept).status())) << beginning;
  }
}

TEST_F(HttpsFetcherTest, GivesUpOnASilentNameServer) {
  HttpsFetcherOptions options;
  options.timeout = absl::Milliseconds(50);
  std::promise<void> release;
  const AskResolver silent = [released = release.get_future().share()](const std::string&) {
    released.wait();
    return ResolverAnswer{EAI_AGAIN, {}};
  };
  EXPECT_TRUE(absl::IsDeadlineExceeded(NewFetcher(options, silent)->Get(kUrl, kAccept).status()));
  release.set_value();
}

TEST_F(HttpsFetcherTest, TellsAMissingNameFromAFailingNameServer) {
  EXPECT_TRUE(absl::IsNotFound(NewFetcher({})->Get(kUrl, kAccept).status()));
  const auto failing = NewFetcher({}, Names({{kHost, {EAI_AGAIN, {}}}}));
  EXPECT_TRUE(absl::IsUnavailable(failing->Get(kUrl, kAccept).status()));
}

TEST_F(HttpsFetcherTest, DoesNotDialAPrivateAddressBehindAPublicName) {
  const TestWebServer server(Always(TestResponse(200, "secret")));
  const std::string url = absl::StrCat("https://", kHost, ":", server.port(), "/");
  for (const char* address : {"127.0.0.1", "::1", "10.0.0.1", "169.254.169.254", "100.64.0.1", "fd00::1", "0.0.0.0",
                              "::ffff:127.0.0.1", "64:ff9b::7f00:1", "fe80::1"}) {
    const auto fetcher = NewFetcher({}, Names({{kHost, {0, {address}}}}));
    EXPECT_TRUE(absl::IsPermissionDenied(fetcher->Get(url, kAccept).status())) << address;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpsFetcherTest, DoesNotDialAPrivateAddressHoweverItIsWritten) {
  const TestWebServer server(Always(TestResponse(200, "secret")));
  for (const char* host :
       {"127.0.0.1", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "[::1]", "[::]", "0", "[::ffff:127.0.0.1]"}) {
    const std::string url = absl::StrCat("https://", host, ":", server.port(), "/");
    EXPECT_TRUE(absl::IsPermissionDenied(NewFetcher({})->Get(url, kAccept).status())) << host;
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST_F(HttpsFetcherTest, AllowInsecureOpensLoopbackAndNothingElse) {
  const TestWebServer server(Always(TestResponse(200, "{}")));
  HttpsFetcherOptions options;
  options.allow_insecure = true;
  const auto fetcher = NewFetcher(options, Names({{"localhost", {0, {"127.0.0.1"}}}, {"lan.test", {0, {"10.0.0.1"}}}}));
  EXPECT_TRUE(fetcher->Get(absl::StrCat("http://localhost:", server.port(), "/"), kAccept).ok());
  EXPECT_TRUE(absl::IsPermissionDenied(fetcher->Get("http://lan.test/", kAccept).status()));
  EXPECT_TRUE(absl::IsPermissionDenied(fetcher->Get("http://169.254.169.254/", kAccept).status()));
}

TEST_F(HttpsFetcherTest, PassesOverTheForbiddenOnesAmongSeveralAddresses) {
  const TestWebServer server(Always(TestResponse(200, "{}")));
  HttpsFetcherOptions options;
  options.allow_insecure = true;
  const auto fetcher = NewFetcher(options, Names({{"two.test", {0, {"10.0.0.1", "127.0.0.1"}}}}));
  EXPECT_TRUE(fetcher->Get(absl::StrCat("http://two.test:", server.port(), "/"), kAccept).ok());
}

TEST_F(HttpsFetcherTest, RefusesOtherSchemesAndCredentials) {
  HttpsFetcherOptions options;
  for (const char* url : {"http://pds.example.com/", "ftp://pds.example.com/", "file:///etc/passwd", "pds.example.com",
                          "https://user:password@pds.example.com/", "https://user@pds.example.com/", ""}) {
    EXPECT_TRUE(absl::IsInvalidArgument(NewFetcher(options)->Get(url, kAccept).status())) << url;
  }
}

TEST_F(HttpsFetcherTest, ConnectToNeedsAllowInsecure) {
  HttpsFetcherOptions options;
  options.connect_to = {"pds.example.com:443:127.0.0.1:1"};
  EXPECT_TRUE(absl::IsInvalidArgument(HttpsFetcher::Create(options, NoNames()).status()));
}

// A server that answers no request before it is told to.
class HeldServer {
 public:
  TestHandler Handler() {
    return [this](const std::string&, TestConnection& connection) {
      arrived_.set_value();
      released_.wait();
      connection.Write(TestResponse(200, "{}"));
    };
  }
  void AwaitRequest() { arrived_.get_future().wait(); }
  void Release() { release_.set_value(); }

 private:
  std::promise<void> arrived_;
  std::promise<void> release_;
  std::shared_future<void> released_ = release_.get_future().share();
};

TEST_F(HttpsFetcherTest, OneSlowHostDoesNotKeepOthersOut) {
  HeldServer held;
  const TestWebServer slow(held.Handler());
  const TestWebServer quick(Always(TestResponse(200, "{}")));
  HttpsFetcherOptions options;
  options.allow_insecure = true;
  options.max_fetches_per_host = 1;
  const auto fetcher =
      NewFetcher(options, Names({{"slow.test", {0, {"127.0.0.1"}}}, {"quick.test", {0, {"127.0.0.1"}}}}));
  const std::string slow_url = absl::StrCat("http://slow.test:", slow.port(), "/");
  auto first = std::async(std::launch::async, [&] { return fetcher->Get(slow_url, kAccept); });
  held.AwaitRequest();
  EXPECT_TRUE(absl::IsUnavailable(fetcher->Get(slow_url, kAccept).status()));
  EXPECT_TRUE(fetcher->Get(absl::StrCat("http://quick.test:", quick.port(), "/"), kAccept).ok());
  held.Release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(slow.connections(), 1);
}

TEST_F(HttpsFetcherTest, TurnsAwayWhatIsOverTheLimit) {
  HeldServer held;
  const TestWebServer slow(held.Handler());
  const TestWebServer quick(Always(TestResponse(200, "{}")));
  HttpsFetcherOptions options;
  options.allow_insecure = true;
  options.max_fetches = 1;
  const auto fetcher = NewFetcher(options, Names({{"localhost", {0, {"127.0.0.1"}}}}));
  const std::string quick_url = absl::StrCat("http://localhost:", quick.port(), "/");
  auto first = std::async(std::launch::async,
                          [&] { return fetcher->Get(absl::StrCat("http://127.0.0.1:", slow.port(), "/"), kAccept); });
  held.AwaitRequest();
  EXPECT_TRUE(absl::IsUnavailable(fetcher->Get(quick_url, kAccept).status()));
  EXPECT_EQ(quick.connections(), 0);
  held.Release();
  ASSERT_TRUE(first.get().ok());
  EXPECT_TRUE(fetcher->Get(quick_url, kAccept).ok());
}

}  // namespace
}  // namespace tokens
