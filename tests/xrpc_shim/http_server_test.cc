#include "xrpc_shim/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/support/raw_http_client.h"

namespace tokens::xrpc {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using tokens::testing::RawHttpClient;
using tokens::testing::RawResponse;

constexpr char kGet[] = "GET /echo HTTP/1.1\r\nHost: h\r\n\r\n";

HttpResponse Text(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.content_type = "text/plain";
  response.body = std::move(body);
  return response;
}

// Says back what it was asked; throws on demand.
HttpResponse Echo(const HttpRequest& request) {
  if (request.path == "/throw") throw std::runtime_error("secret detail");
  if (request.path == "/throw-int") throw 7;
  if (request.path == "/split") {
    HttpResponse response = Text(200, "");
    response.headers = {{"X-Bad", "a\r\nX-Injected: b"}, {"X-Good", "c"}};
    return response;
  }
  return Text(200, absl::StrCat(request.method, " ", request.path, "?", request.query, " ", request.body));
}

class HttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.workers = 4;
    auto server = HttpServer::Start(options, Echo);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  // The answer to `bytes` on a connection of its own.
  std::optional<RawResponse> Ask(absl::string_view bytes) {
    RawHttpClient client(server_->port());
    client.Send(bytes);
    return client.Read();
  }

  std::unique_ptr<HttpServer> server_;
};

TEST_F(HttpServerTest, AnswersWithTheFieldsEveryAnswerHas) {
  const auto response = Ask(kGet);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "GET /echo? ");
  auto headers = response->headers;
  EXPECT_EQ(headers["access-control-allow-origin"], "*");
  for (const char* name : {"RateLimit-Limit", "Retry-After", "DPoP-Nonce", "WWW-Authenticate", "X-Request-Id"}) {
    EXPECT_THAT(headers["access-control-expose-headers"], HasSubstr(name));
  }
  EXPECT_EQ(headers["x-content-type-options"], "nosniff");
  EXPECT_EQ(headers["content-type"], "text/plain");
  EXPECT_EQ(headers["connection"], "keep-alive");
  EXPECT_THAT(headers["x-request-id"], MatchesRegex("[0-9a-f]{32}"));
  EXPECT_THAT(headers["date"], MatchesRegex("(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-9]{2} [A-Z][a-z]{2} [0-9]{4} "
                                            "[0-9]{2}:[0-9]{2}:[0-9]{2} GMT"));
}

TEST_F(HttpServerTest, ServesManyRequestsOnOneConnection) {
  RawHttpClient client(server_->port());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(client.Send(absl::StrCat("GET /", i, " HTTP/1.1\r\nHost: h\r\n\r\n")));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->body, absl::StrCat("GET /", i, "? "));
  }
}

TEST_F(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  RawHttpClient client(server_->port());
  std::string all;
  for (int i = 0; i < 20; ++i) {
    absl::StrAppend(&all, "POST /", i, " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc");
  }
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < 20; ++i) {
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << i;
    EXPECT_EQ(response->body, absl::StrCat("POST /", i, "? abc"));
  }
}

TEST_F(HttpServerTest, ClosesWhenTheClientAsksForIt) {
  for (const char* request : {"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", "GET / HTTP/1.0\r\n\r\n"}) {
    RawHttpClient client(server_->port());
    client.Send(request);
    auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->headers["connection"], "close");
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(HttpServerTest, KeepsAnHttp10ConnectionOnRequest) {
  RawHttpClient client(server_->port());
  for (int i = 0; i < 2; ++i) {
    client.Send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->headers["connection"], "keep-alive");
  }
}

TEST_F(HttpServerTest, HeadHasTheHeadersOfGetAndNoBody) {
  RawHttpClient client(server_->port());
  client.Send("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\n");
  auto head = client.Read(/*bodyless=*/true);
  ASSERT_TRUE(head.has_value());
  EXPECT_EQ(head->headers["content-length"], absl::StrCat(std::string("HEAD /x? ").size()));
  client.Send(kGet);
  EXPECT_EQ(client.Read()->body, "GET /echo? ") << "a body after HEAD would be taken for the next response";
}

TEST_F(HttpServerTest, DecodesChunkedBodies) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  EXPECT_EQ(Ask(head + "0\r\n\r\n")->body, "POST /? ");
  EXPECT_EQ(Ask(head + "2\r\nab\r\n1\r\nc\r\n0\r\n\r\n")->body, "POST /? abc");
}

TEST_F(HttpServerTest, InvitesTheBodyOfAClientThatWaits) {
  RawHttpClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const auto invitation = client.Read();
  ASSERT_TRUE(invitation.has_value());
  EXPECT_EQ(invitation->status, 100);
  client.Send("ok");
  EXPECT_EQ(client.Read()->body, "POST /? ok");
}

TEST_F(HttpServerTest, RefusesTheBodyOfAClientThatWaitsIfItIsTooLarge) {
  RawHttpClient client(server_->port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 65537\r\n\r\n");
  EXPECT_EQ(client.Read()->status, 413);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, AnswersBadRequestsInJsonAndCloses) {
  const struct {
    std::string bytes;
    int status;
    const char* error;
  } cases[] = {
      {"nonsense\r\n\r\n", 400, "InvalidRequest"},
      {"GET / HTTP/1.1\nHost: h\n\n", 400, "InvalidRequest"},
      {"GET / HTTP/1.1\r\n\r\n", 400, "InvalidRequest"},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400, "InvalidRequest"},
      {absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(8192, 'a'), "\r\n\r\n"), 431, "InvalidRequest"},
      {absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65537\r\n\r\n", std::string(65537, 'a')), 413,
       "PayloadTooLarge"},
      {absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n10001\r\n",
                    std::string(65537, 'a')),
       413, "PayloadTooLarge"},
      {absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n", std::string(2000000, 'a')), 413,
       "PayloadTooLarge"},
  };
  for (const auto& row : cases) {
    RawHttpClient client(server_->port());
    client.Send(row.bytes);
    client.FinishSending();
    auto response = client.Read();
    ASSERT_TRUE(response.has_value()) << row.bytes.substr(0, 80);
    EXPECT_EQ(response->status, row.status) << row.bytes.substr(0, 80);
    EXPECT_EQ(response->headers["content-type"], "application/json; charset=utf-8");
    EXPECT_EQ(response->headers["access-control-allow-origin"], "*");
    EXPECT_EQ(response->headers["connection"], "close");
    EXPECT_THAT(response->body, HasSubstr(absl::StrCat("{\"error\":\"", row.error, "\",\"message\":\"")));
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(HttpServerTest, AnswersARequestCutShortByFin) {
  RawHttpClient client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHos");
  client.FinishSending();
  EXPECT_EQ(client.Read()->status, 400);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpServerTest, TakesTheLargestRequestItAllows) {
  const std::string body(65536, 'a');
  const auto response = Ask(absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 65536\r\n\r\n", body));
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, absl::StrCat("POST /? ", body));
}

TEST_F(HttpServerTest, PassesOnAWellFormedRequestIdOnly) {
  const auto id_for = [this](absl::string_view fields) {
    return Ask(absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\n", fields, "\r\n"))->headers["x-request-id"];
  };
  EXPECT_EQ(id_for("X-Request-Id: aZ0-_.\r\n"), "aZ0-_.");
  EXPECT_THAT(id_for("X-Request-Id: a b\r\n"), MatchesRegex("[0-9a-f]{32}"));
  EXPECT_NE(id_for(""), id_for(""));
}

TEST_F(HttpServerTest, GivesTheRequestIdOfARefusedRequestBack) {
  auto response = Ask("POST / HTTP/1.1\r\nHost: h\r\nX-Request-Id: mine\r\nContent-Length: 99999\r\n\r\n");
  EXPECT_EQ(response->headers["x-request-id"], "mine");
}

TEST_F(HttpServerTest, AnswersPreflightsWithoutTheHandler) {
  RawHttpClient client(server_->port());
  client.Send(
      "OPTIONS /throw HTTP/1.1\r\nHost: h\r\nOrigin: https://a.example\r\nAccess-Control-Request-Method: POST\r\n"
      "Access-Control-Request-Headers: authorization,atproto-proxy\r\n\r\n");
  auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(response->headers["access-control-allow-origin"], "*");
  EXPECT_EQ(response->headers["access-control-allow-headers"], "authorization, atproto-proxy");
  EXPECT_EQ(response->headers["access-control-max-age"], "86400");
  EXPECT_EQ(response->headers["vary"], "Access-Control-Request-Headers");
  EXPECT_EQ(response->headers.count("content-length"), 0u);
  client.Send("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(client.Read()->status, 204);
}

TEST_F(HttpServerTest, SurvivesAHandlerThatThrows) {
  RawHttpClient client(server_->port());
  for (const char* path : {"/throw", "/throw-int"}) {
    client.Send(absl::StrCat("GET ", path, " HTTP/1.1\r\nHost: h\r\nX-Request-Id: r7\r\n\r\n"));
    const auto response = client.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 500);
    EXPECT_EQ(response->body, "{\"error\":\"InternalServerError\",\"message\":\"Internal Server Error (request r7)\"}");
  }
  client.Send(kGet);
  EXPECT_EQ(client.Read()->status, 200);
}

TEST_F(HttpServerTest, LeavesOutAHeaderThatWouldSplitTheResponse) {
  auto response = Ask("GET /split HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(response->headers.count("x-bad") + response->headers.count("x-injected"), 0u);
  EXPECT_EQ(response->headers["x-good"], "c");
}

TEST_F(HttpServerTest, OutlivesClientsThatVanish) {
  const std::string partial[] = {"",
                                 "GET / HT",
                                 "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc",
                                 kGet,
                                 absl::StrCat(kGet, kGet, kGet),
                                 "bad\r\n\r\n"};
  for (const std::string& bytes : partial) {
    for (const bool reset : {false, true}) {
      RawHttpClient client(server_->port());
      client.Send(bytes);
      if (reset) client.ResetOnClose();
    }
  }
  EXPECT_EQ(Ask(kGet)->status, 200);
}

TEST_F(HttpServerTest, AnswersOrClosesOnGarbage) {
  constexpr char kAlphabet[] = "GETPOS /.:?&%=abc0123 HTTP/1.1\r\n\r\n\r\n\0\xff\t;,-Content-Length: Host: h";
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  const std::string starts[] = {"", "GET / HTTP/1.1\r\nHost: h\r\n",
                                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n",
                                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n"};
  for (int i = 0; i < 1000; ++i) {
    std::string bytes = starts[random() % std::size(starts)];
    const size_t size = random() % 200;
    for (size_t k = 0; k < size; ++k) bytes.push_back(kAlphabet[random() % (sizeof(kAlphabet) - 1)]);
    RawHttpClient client(server_->port());
    client.Send(bytes);
    client.FinishSending();
    while (const auto response = client.Read()) ASSERT_GE(response->status, 100);
    ASSERT_TRUE(client.AtEnd()) << i;
  }
  EXPECT_EQ(Ask(kGet)->status, 200);
}

TEST(HttpServer, RefusesAddressesItCannotListenOn) {
  const struct {
    const char* listen;
    absl::StatusCode code;
  } cases[] = {
      {"", absl::StatusCode::kInvalidArgument},
      {"8080", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:x", absl::StatusCode::kInvalidArgument},
      {"127.0.0.1:65536", absl::StatusCode::kInvalidArgument},
      {"localhost:0", absl::StatusCode::kInvalidArgument},
      {"::1:80", absl::StatusCode::kInvalidArgument},
      {"[127.0.0.1]:0", absl::StatusCode::kInvalidArgument},
      {"192.0.2.1:0", absl::StatusCode::kUnavailable},
  };
  for (const auto& row : cases) {
    HttpServerOptions options;
    options.listen = row.listen;
    EXPECT_EQ(HttpServer::Start(options, Echo).status().code(), row.code) << row.listen;
  }
}

TEST(HttpServer, RefusesAPortThatIsTaken) {
  HttpServerOptions options;
  options.listen = "127.0.0.1:0";
  auto first = HttpServer::Start(options, Echo);
  ASSERT_TRUE(first.ok());
  options.listen = (*first)->address();
  EXPECT_EQ(options.listen, absl::StrCat("127.0.0.1:", (*first)->port()));
  EXPECT_TRUE(absl::IsUnavailable(HttpServer::Start(options, Echo).status()));
}

}  // namespace
}  // namespace tokens::xrpc
