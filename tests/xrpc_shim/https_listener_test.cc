// What the HTTP server speaks where it has a certificate, and how connections begin and end then. The limits that hold
// for TLS as for plain text are in http_server_limits_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "tests/support/raw_http_client.h"
#include "tests/support/test_listener_certificate.h"
#include "xrpc_shim/http_server.h"

namespace tokens::xrpc {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using tokens::testing::PemOf;
using tokens::testing::RawHttpClient;
using tokens::testing::TestListenerCertificate;
using tokens::testing::Transport;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
constexpr char kGetAndClose[] = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
constexpr absl::Duration kShort = absl::Milliseconds(100);

class TlsClient : public RawHttpClient {
 public:
  explicit TlsClient(int port) : RawHttpClient(port, 0, Transport::kTls) {}
};

class HttpsListenerTest : public ::testing::Test {
 protected:
  HttpsListenerTest() {
    options_.listen = "127.0.0.1:0";
    options_.workers = 4;
    options_.certificate = &*certificate_;
  }

  int Start() {
    auto server = HttpServer::Start(options_, [this](const HttpRequest& request) {
      handled_.fetch_add(1);
      HttpResponse response;
      response.status = 200;
      response.body = request.path == "/large" ? std::string(4 << 20, 'a') : request.body;
      return response;
    });
    if (server.ok()) server_ = *std::move(server);
    return server_ == nullptr ? 0 : server_->port();
  }

  const TestListenerCertificate certificate_;
  HttpServerOptions options_;
  std::atomic<int> handled_ = 0;
  std::unique_ptr<HttpServer> server_;
};

using BioPtr = std::unique_ptr<BIO, void (*)(BIO*)>;
using ContextPtr = std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)>;

// A client that would take anything, so that it is the server who refuses what is weak.
ContextPtr WeakClient(int lowest, int highest) {
  ContextPtr context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);
  SSL_CTX_set_min_proto_version(context.get(), lowest);
  SSL_CTX_set_max_proto_version(context.get(), highest);
  return context;
}

// Null if the handshake fails.
BioPtr Connect(SSL_CTX* context, int port, SSL** ssl, SSL_SESSION* resume = nullptr) {
  BioPtr bio(BIO_new_ssl_connect(context), &BIO_free_all);
  BIO_set_conn_hostname(bio.get(), absl::StrCat("127.0.0.1:", port).c_str());
  BIO_get_ssl(bio.get(), ssl);
  if (resume != nullptr) SSL_set_session(*ssl, resume);
  if (BIO_do_handshake(bio.get()) != 1) bio.reset();
  return bio;
}

// The protocol and cipher that are agreed upon; "" if there is no agreement.
std::string Negotiate(int port, int lowest, int highest, const char* ciphers_12 = "ALL:@SECLEVEL=0") {
  const ContextPtr context = WeakClient(lowest, highest);
  SSL_CTX_set_cipher_list(context.get(), ciphers_12);
  SSL* ssl = nullptr;
  const BioPtr bio = Connect(context.get(), port, &ssl);
  return bio == nullptr ? "" : absl::StrCat(SSL_get_version(ssl), " ", SSL_get_cipher_name(ssl));
}

// The protocol chosen of these (in ALPN's form); nullopt if there is no agreement.
std::optional<std::string> NegotiateProtocol(int port, const std::string& offered) {
  const ContextPtr context = WeakClient(TLS1_2_VERSION, TLS1_3_VERSION);
  const auto* bytes = reinterpret_cast<const unsigned char*>(offered.data());
  if (!offered.empty()) SSL_CTX_set_alpn_protos(context.get(), bytes, static_cast<unsigned>(offered.size()));
  SSL* ssl = nullptr;
  const BioPtr bio = Connect(context.get(), port, &ssl);
  if (bio == nullptr) return std::nullopt;
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl, &chosen, &size);
  return std::string(reinterpret_cast<const char*>(chosen), size);
}

// All that comes for this request, which asks for the connection to end.
std::string Ask(BIO* bio, const std::string& request) {
  BIO_write(bio, request.data(), static_cast<int>(request.size()));
  std::string answer;
  char bytes[4096];
  for (int size = 0; (size = BIO_read(bio, bytes, sizeof bytes)) > 0;) answer.append(bytes, static_cast<size_t>(size));
  return answer;
}

TEST_F(HttpsListenerTest, SpeaksTls13AndTls12WithForwardSecrecyAndNothingElse) {
  const int port = Start();
  EXPECT_THAT(Negotiate(port, TLS1_VERSION, TLS1_3_VERSION), HasSubstr("TLSv1.3 TLS_"));
  const std::string tls12 = Negotiate(port, TLS1_2_VERSION, TLS1_2_VERSION);
  EXPECT_TRUE(tls12 == "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256" || tls12 == "TLSv1.2 ECDHE-ECDSA-CHACHA20-POLY1305")
      << tls12;
  EXPECT_EQ(Negotiate(port, TLS1_VERSION, TLS1_1_VERSION), "");
  for (const char* weak : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-ECDSA-AES128-CCM",
                           "AES128-GCM-SHA256", "DHE-RSA-AES128-GCM-SHA256", "aNULL", "NULL"}) {
    EXPECT_EQ(Negotiate(port, TLS1_2_VERSION, TLS1_2_VERSION, absl::StrCat(weak, ":@SECLEVEL=0").c_str()), "") << weak;
  }
}

TEST_F(HttpsListenerTest, SpeaksHttp11Alone) {
  const int port = Start();
  EXPECT_EQ(NegotiateProtocol(port, ""), "");
  EXPECT_EQ(NegotiateProtocol(port, "\x08http/1.1"), "http/1.1");
  EXPECT_EQ(NegotiateProtocol(port, "\x02h2\x08http/1.1"), "http/1.1");
  EXPECT_EQ(NegotiateProtocol(port, "\x02h2"), std::nullopt);
  EXPECT_EQ(NegotiateProtocol(port, "\x08http/1.0"), std::nullopt);
}

TEST_F(HttpsListenerTest, NoSessionIsResumed) {
  const int port = Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const ContextPtr context = WeakClient(version, version);
    SSL* ssl = nullptr;
    const BioPtr first = Connect(context.get(), port, &ssl);
    ASSERT_NE(first, nullptr);
    EXPECT_THAT(Ask(first.get(), kGetAndClose), HasSubstr("200 OK"));
    SSL_SESSION* session = SSL_get1_session(ssl);
    EXPECT_EQ(SSL_SESSION_has_ticket(session), 0);
    SSL* again = nullptr;
    const BioPtr second = Connect(context.get(), port, &again, session);
    ASSERT_NE(second, nullptr);
    EXPECT_EQ(SSL_session_reused(again), 0);
    SSL_SESSION_free(session);
  }
}

TEST_F(HttpsListenerTest, NothingIsRenegotiated) {
  const ContextPtr context = WeakClient(TLS1_2_VERSION, TLS1_2_VERSION);
  SSL* ssl = nullptr;
  const BioPtr bio = Connect(context.get(), Start(), &ssl);
  ASSERT_NE(bio, nullptr);
  ASSERT_EQ(SSL_renegotiate(ssl), 1);
  EXPECT_NE(SSL_do_handshake(ssl), 1);
}

TEST_F(HttpsListenerTest, ServesRequestsInWhateverRecordsTheyCome) {
  TlsClient client(Start());
  for (const char c : absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nab")) {
    client.Send(std::string(1, c));
  }
  EXPECT_EQ(client.Read()->body, "ab");
  client.Send(absl::StrCat(kGet, kGet, "GET /large HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_EQ(client.Read()->body, std::string(4 << 20, 'a'));
  const std::string body(60'000, 'b');  // of several records
  client.Send(absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000\r\n\r\n", body));
  EXPECT_EQ(client.Read()->body, body);
}

TEST_F(HttpsListenerTest, CutsASlowHandshakeOff) {
  options_.handshake_timeout = kShort;
  const int port = Start();
  const std::string begun("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
  for (const std::string& sent : {std::string(), begun.substr(0, 3), begun}) {
    RawHttpClient client(port);
    client.Send(sent);
    EXPECT_TRUE(client.AtEnd());
  }
}

TEST_F(HttpsListenerTest, AHandshakeThatWasFastEnoughIsNotCutLater) {
  options_.handshake_timeout = kShort;
  options_.idle_timeout = 5 * kShort;
  TlsClient client(Start());
  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(client.SaidGoodbye()) << "the end is that of an idle connection";
}

TEST_F(HttpsListenerTest, ConnectionsCountFromTheirBeginning) {
  options_.max_connections = 1;
  const int port = Start();
  std::optional<RawHttpClient> silent(std::in_place, port);  // holds the one place without a handshake
  TlsClient second(port);
  second.Send(kGet);
  EXPECT_EQ(second.Read()->status, 503);
  EXPECT_TRUE(second.AtEnd());
  EXPECT_TRUE(second.SaidGoodbye());
  silent.reset();
  std::optional<tokens::testing::RawResponse> response;
  while (!response.has_value() || response->status == 503) {
    TlsClient client(port);
    client.Send(kGet);
    response = client.Read();
  }
  EXPECT_EQ(response->status, 200);
}

TEST_F(HttpsListenerTest, PlainTextGetsNoAnswer) {
  RawHttpClient client(Start());
  client.Send(kGet);
  EXPECT_FALSE(client.Read().has_value());
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpsListenerTest, EveryEndIsAnnounced) {
  options_.idle_timeout = kShort;
  options_.header_timeout = kShort;
  const int port = Start();
  const struct {
    const char* what;
    const char* sent;
    int status;
  } cases[] = {
      {"idle from the beginning", "", 0},
      {"idle later", kGet, 200},
      {"as asked", kGetAndClose, 200},
      {"malformed", "GET\r\n\r\n", 400},
      {"too slow", "GET / HTTP/1.1\r\nHo", 408},
      {"more than is read", "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999\r\n\r\naaaaaaaa", 413},
  };
  for (const auto& row : cases) {
    TlsClient client(port);
    client.Send(row.sent);
    if (row.status != 0) {
      EXPECT_EQ(client.Read()->status, row.status) << row.what;
    }
    EXPECT_TRUE(client.AtEnd()) << row.what;
    EXPECT_TRUE(client.SaidGoodbye()) << row.what;
  }
  TlsClient idle(port);
  server_->Drain(absl::Seconds(60));
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_TRUE(idle.SaidGoodbye()) << "drained";
}

TEST_F(HttpsListenerTest, ARequestThatIsCutOffIsNotHandled) {
  const int port = Start();
  for (const char* begun : {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab",
                            "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n"}) {
    TlsClient ended(port);
    ended.Send(begun);
    ended.FinishSending();
    EXPECT_EQ(ended.Read()->status, 400) << "the client says that this was all";
    TlsClient cut(port);
    cut.Send(begun);
    cut.Truncate();
    EXPECT_FALSE(cut.Read().has_value()) << "somebody else may have cut it";
  }
  EXPECT_EQ(handled_, 0);
}

TEST_F(HttpsListenerTest, AnEndWithoutCloseNotifyAfterTheAnswerIsNoMatter) {
  const int port = Start();
  TlsClient client(port);
  client.Send(kGet);
  EXPECT_EQ(client.Read()->status, 200);
  client.Truncate();
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(HttpsListenerTest, AReplacedCertificateIsShownToNewConnectionsWhileOldOnesGoOn) {
  const int port = Start();
  const auto shown = [](TlsClient& client) { return PemOf(*SSL_get0_peer_certificate(client.tls())); };
  TlsClient old(port);
  old.Send(kGet);
  EXPECT_EQ(old.Read()->status, 200);
  const auto next = certificate_.Replace();
  certificate_->Reload();
  TlsClient fresh(port);
  EXPECT_EQ(shown(fresh), PemOf(*next));
  EXPECT_NE(shown(old), PemOf(*next));
  for (TlsClient* client : {&old, &fresh}) {
    client->Send(kGet);
    EXPECT_EQ(client->Read()->status, 200);
  }
}

TEST_F(HttpsListenerTest, IsReloadedUnderTraffic) {
  const int port = Start();
  std::atomic<bool> done = false;
  std::atomic<int> failed = 0;
  std::thread clients([&] {
    while (!done) {
      TlsClient client(port);
      for (int i = 0; i < 3; ++i) {
        client.Send(kGet);
        const auto response = client.Read();
        if (!response.has_value() || response->status != 200) ++failed;
      }
    }
  });
  for (int i = 0; i < 50; ++i) {
    certificate_.Replace();
    certificate_->Reload();
  }
  done = true;
  clients.join();
  EXPECT_EQ(failed, 0);
  EXPECT_THAT(certificate_.outcomes(), AllOf(SizeIs(50), Each(absl::StatusCode::kOk)));
}

}  // namespace
}  // namespace tokens::xrpc
