#ifndef TESTS_SUPPORT_TEST_WEB_SERVER_H_
#define TESTS_SUPPORT_TEST_WEB_SERVER_H_

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "tests/support/test_authority.h"
#include "token_service/base/mutex.h"

namespace tokens::testing {

// One client's connection, seen from the server. Used by one thread.
class TestConnection {
 public:
  virtual ~TestConnection() = default;
  // False once the client is gone.
  virtual bool Write(absl::string_view bytes) = 0;
  // Reads up to the blank line after the header; empty if the client leaves before.
  virtual std::string ReadRequest() = 0;
  // Blocks until the client hangs up.
  virtual void AwaitHangUp() = 0;
};

// Answers one request, given with its header fields; the connection is closed afterwards. It may send any bytes, good
// HTTP or not.
using TestHandler = std::function<void(const std::string& request, TestConnection& connection)>;

// A web server on 127.0.0.1 and a free port, one thread per connection. The destructor hangs up on everybody.
class TestWebServer {
 public:
  // Plain HTTP.
  explicit TestWebServer(TestHandler handler);
  // HTTPS.
  TestWebServer(const TlsIdentity& identity, TestHandler handler);
  ~TestWebServer();

  int port() const { return port_; }
  // Connections accepted so far.
  int connections() const;

 private:
  TestWebServer(SSL_CTX* tls, TestHandler handler);
  void Accept();
  void Serve(int socket);

  const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> tls_;  // Null for plain HTTP.
  const TestHandler handler_;
  int listener_ = -1;
  int port_ = 0;
  mutable Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int accepted_ ABSL_GUARDED_BY(mutex_) = 0;
  std::set<int> open_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;  // Touched by the accepting thread, then by the destructor.
  std::thread acceptor_;
};

// A whole response with a Content-Length. `fields` are lines that each end in CRLF.
std::string TestResponse(int status, absl::string_view body, absl::string_view fields = "");

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_TEST_WEB_SERVER_H_
