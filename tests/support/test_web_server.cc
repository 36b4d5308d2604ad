#include "tests/support/test_web_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace tokens::testing {
namespace {

void Must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

constexpr char kTlsHandshake = 0x16;

// Reading and writing by any means, on top of which both kinds of connection are the same.
class Connection : public TestConnection {
 public:
  std::string ReadRequest() override {
    std::string request;
    char buffer[4096];
    while (!absl::StrContains(request, "\r\n\r\n")) {
      const int got = Read(buffer, sizeof buffer);
      if (got <= 0) return "";
      request.append(buffer, static_cast<size_t>(got));
      if (request[0] == kTlsHandshake) break;  // a client that speaks TLS to a plain server
    }
    return request;
  }
  void AwaitHangUp() override {
    char buffer[4096];
    while (Read(buffer, sizeof buffer) > 0) {
    }
  }

 private:
  virtual int Read(char* buffer, int size) = 0;
};

class PlainConnection final : public Connection {
 public:
  explicit PlainConnection(int socket) : socket_(socket) {}
  bool Write(absl::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t sent = send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

 private:
  int Read(char* buffer, int size) override {
    return static_cast<int>(recv(socket_, buffer, static_cast<size_t>(size), 0));
  }
  const int socket_;
};

class TlsConnection final : public Connection {
 public:
  TlsConnection(SSL_CTX* context, int socket) : ssl_(SSL_new(context)) { SSL_set_fd(ssl_, socket); }
  ~TlsConnection() override { SSL_free(ssl_); }
  bool Handshake() { return SSL_accept(ssl_) == 1; }
  void SayGoodbye() { SSL_shutdown(ssl_); }
  bool Write(absl::string_view bytes) override {
    return bytes.empty() || SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())) > 0;
  }

 private:
  int Read(char* buffer, int size) override { return SSL_read(ssl_, buffer, size); }
  SSL* const ssl_;
};

SSL_CTX* NewContext(const TlsIdentity& identity) {
  SSL_CTX* context = SSL_CTX_new(TLS_server_method());
  Must(SSL_CTX_use_certificate(context, identity.certificate.get()) == 1, "certificate");
  Must(SSL_CTX_use_PrivateKey(context, identity.key.get()) == 1, "key");
  return context;
}

}  // namespace

TestWebServer::TestWebServer(TestHandler handler) : TestWebServer(nullptr, std::move(handler)) {}

TestWebServer::TestWebServer(const TlsIdentity& identity, TestHandler handler)
    : TestWebServer(NewContext(identity), std::move(handler)) {}

TestWebServer::TestWebServer(SSL_CTX* tls, TestHandler handler)
    : tls_(tls, &SSL_CTX_free), handler_(std::move(handler)) {
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  Must(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Must(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  Must(listen(listener_, 64) == 0, "listen");
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

TestWebServer::~TestWebServer() {
  {
    MutexLock lock(mutex_);
    stopped_ = true;
    for (const int socket : open_) shutdown(socket, SHUT_RDWR);
  }
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  close(listener_);
}

int TestWebServer::connections() const {
  MutexLock lock(mutex_);
  return accepted_;
}

void TestWebServer::Accept() {
  while (true) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    MutexLock lock(mutex_);
    if (stopped_) {
      close(socket);
      return;
    }
    ++accepted_;
    open_.insert(socket);
    threads_.emplace_back([this, socket] { Serve(socket); });
  }
}

void TestWebServer::Serve(int socket) {
  if (tls_ == nullptr) {
    PlainConnection connection(socket);
    const std::string request = connection.ReadRequest();
    if (!request.empty()) handler_(request, connection);
  } else {
    TlsConnection connection(tls_.get(), socket);
    const std::string request = connection.Handshake() ? connection.ReadRequest() : "";
    if (!request.empty()) {
      handler_(request, connection);
      connection.SayGoodbye();
    }
  }
  MutexLock lock(mutex_);
  open_.erase(socket);
  close(socket);
}

std::string TestResponse(int status, absl::string_view body, absl::string_view fields) {
  return absl::StrCat("HTTP/1.1 ", status, " Test\r\nContent-Type: application/json\r\nContent-Length: ", body.size(),
                      "\r\nConnection: close\r\n", fields, "\r\n", body);
}

}  // namespace tokens::testing
