// What the HTTP server does when clients, handlers or its operator run out of patience. Deadlines are short here so
// that the tests end soon; none of them measures a time. All of it holds over TLS as in plain text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/test_listener_certificate.h"
#include "xrpc_shim/http_server.h"

namespace tokens::xrpc {
namespace {

using ::testing::HasSubstr;
using tokens::testing::RawHttpClient;
using tokens::testing::RawResponse;
using tokens::testing::TestListenerCertificate;
using tokens::testing::Transport;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr char kBlock[] = "GET /block HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr char kLarge[] = "GET /large HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr absl::Duration kShort = absl::Milliseconds(100);

class HttpServerLimitsTest : public ::testing::TestWithParam<Transport> {
 protected:
  static void SetUpTestSuite() { certificate_ = new TestListenerCertificate; }
  static void TearDownTestSuite() { delete std::exchange(certificate_, nullptr); }
  void TearDown() override { Open(); }

  static HttpServerOptions PortZero() {
    HttpServerOptions options;
    options.listen = "127.0.0.1:0";
    options.workers = 4;
    if (GetParam() == Transport::kTls) options.certificate = &**certificate_;
    return options;
  }

  // /block waits until Open(); /large is an answer that no socket buffer holds.
  HttpResponse Handle(const HttpRequest& request) {
    if (request.path == "/block") {
      entered_.fetch_add(1);
      entered_.notify_all();
      gate_opened_.wait();
    }
    HttpResponse response;
    response.status = 200;
    response.body = request.path == "/large" ? std::string(64 << 20, 'a') : "done";
    return response;
  }

  void Start(const HttpServerOptions& options) {
    auto server = HttpServer::Start(options, [this](const HttpRequest& request) { return Handle(request); });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  void Open() {
    if (!std::exchange(open_, true)) gate_.set_value();
  }

  // Returns when `count` requests in all have reached the handler's gate.
  void AwaitBlocked(int count) {
    for (int seen = entered_; seen < count; seen = entered_) entered_.wait(seen);
  }

  static inline TestListenerCertificate* certificate_ = nullptr;
  std::promise<void> gate_;
  std::shared_future<void> gate_opened_ = gate_.get_future().share();
  bool open_ = false;
  std::atomic<int> entered_ = 0;
  std::unique_ptr<HttpServer> server_;
};

INSTANTIATE_TEST_SUITE_P(Over, HttpServerLimitsTest, ::testing::Values(Transport::kPlain, Transport::kTls),
                         [](const auto& transport) { return transport.param == Transport::kTls ? "Tls" : "Plain"; });

class Client : public RawHttpClient {
 public:
  explicit Client(int port, int receive_buffer = 0)
      : RawHttpClient(port, receive_buffer, HttpServerLimitsTest::GetParam()) {}
};

TEST_P(HttpServerLimitsTest, ClosesAnIdleConnectionWithoutAWord) {
  HttpServerOptions options = PortZero();
  options.idle_timeout = kShort;
  Start(options);
  Client fresh(server_->port());
  EXPECT_TRUE(fresh.AtEnd());
  Client used(server_->port());
  used.Send(kGet);
  EXPECT_EQ(used.Read()->status, 200);
  EXPECT_TRUE(used.AtEnd());
}

TEST_P(HttpServerLimitsTest, EveryAnswerIsCompletedWhoeverMadeIt) {
  HttpServerOptions options = PortZero();
  options.max_connections = 1;
  options.header_limit = 1024;
  options.complete = [](HttpResponse* response) { response->headers.emplace_back("X-Complete", "yes"); };
  Start(options);
  const auto completed = [](const std::optional<RawResponse>& response) {
    return response.has_value() && response->headers.count("x-complete") == 1;
  };
  Client client(server_->port());
  client.Send(kGet);
  EXPECT_TRUE(completed(client.Read()));
  Client one_too_many(server_->port());
  EXPECT_TRUE(completed(one_too_many.Read())) << "503";
  client.Send("OPTIONS / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(completed(client.Read()));
  client.Send(absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(2000, 'x'), "\r\n\r\n"));
  EXPECT_TRUE(completed(client.Read())) << "431";
}

TEST_P(HttpServerLimitsTest, AnswersASlowHeaderWith408) {
  HttpServerOptions options = PortZero();
  options.header_timeout = kShort;
  Start(options);
  Client client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost");
  auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 408);
  EXPECT_EQ(response->headers["connection"], "close");
  EXPECT_THAT(response->body, HasSubstr("\"error\":\"InvalidRequest\""));
  EXPECT_TRUE(client.AtEnd());
}

TEST_P(HttpServerLimitsTest, AnswersASlowBodyWith408) {
  HttpServerOptions options = PortZero();
  options.body_timeout = kShort;
  Start(options);
  for (const char* framing : {"Content-Length: 5\r\n\r\nab", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"}) {
    Client client(server_->port());
    client.Send(absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\n", framing));
    EXPECT_EQ(client.Read()->status, 408);
    EXPECT_TRUE(client.AtEnd());
  }
}

// The clock of a phase is for the whole of it: a byte now and then must not start it anew. The client drips until the
// server cuts it off; if it never did, the header would end and be answered with 200.
TEST_P(HttpServerLimitsTest, CutsADrippingClientOff) {
  HttpServerOptions options = PortZero();
  options.header_timeout = kShort;
  options.header_limit = 1 << 20;
  Start(options);
  Client client(server_->port());
  client.Send("GET / HTTP/1.1\r\nHost: h\r\nX: ");
  std::atomic<bool> answered = false;
  std::thread drip([&] {
    for (int i = 0; i < 1'000'000 && !answered && client.Send("a"); ++i) std::this_thread::yield();
    client.Send("\r\n\r\n");
  });
  const auto response = client.Read();
  answered = true;
  drip.join();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 408);
}

TEST_P(HttpServerLimitsTest, GivesUpOnAHandlerThatTakesTooLong) {
  HttpServerOptions options = PortZero();
  options.handler_timeout = kShort;
  Start(options);
  Client client(server_->port());
  client.Send(kBlock);
  const auto response = client.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 504);
  EXPECT_THAT(response->body, HasSubstr("\"error\":\"UpstreamTimeout\""));
  Open();
  client.Send(kGet);
  EXPECT_EQ(client.Read()->body, "done") << "the late answer must not pass for this one";
}

TEST_P(HttpServerLimitsTest, ClosesOnAClientThatDoesNotTakeTheAnswer) {
  HttpServerOptions options = PortZero();
  options.write_timeout = kShort;
  Start(options);
  Client stalled(server_->port(), /*receive_buffer=*/4096);
  stalled.Send(kLarge);
  // It reads nothing until the server has let go of it, which a drain with ample patience shows.
  server_->Drain(absl::Seconds(60));
  EXPECT_FALSE(stalled.Read().has_value());
}

TEST_P(HttpServerLimitsTest, RefusesAtOnceWhatWorkersAndQueueCannotHold) {
  HttpServerOptions options = PortZero();
  options.workers = 2;
  options.queued_requests = 1;
  Start(options);
  Client first(server_->port()), second(server_->port());
  first.Send(kBlock);
  second.Send(kBlock);
  AwaitBlocked(2);
  // Of two more, whichever comes first is queued and the other refused, and that while the handlers are still blocked.
  std::promise<RawResponse> refusal;
  std::atomic<int> served = 0;
  const auto ask = [&] {
    Client client(server_->port());
    client.Send(kGet);
    auto response = client.Read();
    if (response.has_value() && response->status == 503) {
      refusal.set_value(*response);
      client.Send(kGet);
      response = client.Read();  // the connection stays
      while (response.has_value() && response->status == 503 && client.Send(kGet)) response = client.Read();
    }
    if (response.has_value() && response->status == 200) ++served;
  };
  std::thread third(ask), fourth(ask);
  RawResponse refused = refusal.get_future().get();
  EXPECT_THAT(refused.body, HasSubstr("\"error\":\"NotEnoughResources\""));
  EXPECT_EQ(refused.headers["connection"], "keep-alive");
  Open();
  EXPECT_EQ(first.Read()->status, 200);
  EXPECT_EQ(second.Read()->status, 200);
  third.join();
  fourth.join();
  EXPECT_EQ(served, 2);
}

TEST_P(HttpServerLimitsTest, RefusesConnectionsBeyondTheLimitWith503) {
  HttpServerOptions options = PortZero();
  options.max_connections = 2;
  Start(options);
  Client first(server_->port()), second(server_->port());
  for (Client* client : {&first, &second}) {
    client->Send(kGet);
    EXPECT_EQ(client->Read()->status, 200);
  }
  {
    Client third(server_->port());
    third.Send(kGet);
    auto response = third.Read();
    ASSERT_TRUE(response.has_value());
    EXPECT_EQ(response->status, 503);
    EXPECT_EQ(response->headers["connection"], "close");
    EXPECT_TRUE(third.AtEnd());
  }
  first.Send(kGet);
  EXPECT_EQ(first.Read()->status, 200) << "those within the limit are served on";
}

TEST_P(HttpServerLimitsTest, HasRoomAgainWhenAConnectionEnds) {
  HttpServerOptions options = PortZero();
  options.max_connections = 1;
  Start(options);
  {
    Client client(server_->port());
    client.Send(kGet);
    EXPECT_EQ(client.Read()->status, 200);
  }
  // The server notices an end some time after the client, so this asks until it is let in.
  std::optional<RawResponse> response;
  while (!response.has_value() || response->status == 503) {
    Client client(server_->port());
    client.Send(kGet);
    response = client.Read();
  }
  EXPECT_EQ(response->status, 200);
}

TEST_P(HttpServerLimitsTest, DrainFinishesWhatIsUnderWayAndClosesTheRest) {
  Start(PortZero());
  Client busy(server_->port()), idle(server_->port());
  idle.Send(kGet);
  EXPECT_EQ(idle.Read()->status, 200);
  busy.Send(absl::StrCat(kBlock, kGet));
  AwaitBlocked(1);
  std::thread drain([this] { server_->Drain(absl::Seconds(60)); });
  EXPECT_TRUE(idle.AtEnd());
  Open();
  auto response = busy.Read();
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->body, "done");
  EXPECT_EQ(response->headers["connection"], "close");
  EXPECT_TRUE(busy.AtEnd()) << "what was pipelined behind it is not begun";
  drain.join();
  EXPECT_FALSE(Client(server_->port()).connected());
}

TEST_P(HttpServerLimitsTest, DrainEndsWithItsGrace) {
  Start(PortZero());
  Client busy(server_->port());
  busy.Send(kBlock);
  AwaitBlocked(1);
  server_->Drain(kShort);
  EXPECT_TRUE(busy.AtEnd());
  server_->Drain(kShort);
  Open();
}

TEST_P(HttpServerLimitsTest, DestructionWaitsForHandlers) {
  Start(PortZero());
  Client busy(server_->port());
  busy.Send(kBlock);
  AwaitBlocked(1);
  std::thread destroy([this] { server_.reset(); });
  EXPECT_TRUE(busy.AtEnd());
  Open();
  destroy.join();
}

TEST_P(HttpServerLimitsTest, ServesManyClientsAtOnce) {
  Start(PortZero());
  std::atomic<int> served = 0;
  std::vector<std::thread> clients;
  for (int i = 0; i < 16; ++i) {
    clients.emplace_back([this, &served] {
      Client client(server_->port());
      for (int k = 0; k < 50; ++k) {
        client.Send(kGet);
        const auto response = client.Read();
        if (response.has_value() && response->status == 200) ++served;
      }
    });
  }
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(served, 16 * 50);
}

}  // namespace
}  // namespace tokens::xrpc
