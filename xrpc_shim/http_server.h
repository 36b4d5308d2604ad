#ifndef XRPC_SHIM_HTTP_SERVER_H_
#define XRPC_SHIM_HTTP_SERVER_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

class ListenerCertificate;

// Makes the answer to a request. Called on several threads at once, and may block; it should give up by
// request.deadline, since nobody waits for it longer. An exception that leaves it is answered with 500.
using HttpHandler = std::function<HttpResponse(const HttpRequest&)>;

// Completes an answer before it is sent, whoever made it: the handler, or the server itself for a request that is
// malformed, too large, too slow or too many. Called on several threads at once; must not block or throw.
using CompleteResponse = std::function<void(HttpResponse*)>;

// Told of each answer, as it was completed, and how long it took from the first byte of the request. Called and bound
// as CompleteResponse.
using ObserveAnswer = std::function<void(const HttpRequest&, const HttpResponse&, absl::Duration)>;

struct HttpServerOptions {
  CompleteResponse complete = [](HttpResponse*) {};
  ObserveAnswer answered = [](const HttpRequest&, const HttpResponse&, absl::Duration) {};
  std::string listen = "127.0.0.1:8080";       // IPv4:PORT or [IPv6]:PORT; port 0 picks a free one.
  int io_threads = 2;                          // These never block.
  int workers = 64;                            // Threads that handlers run, and may block, on.
  int queued_requests = 256;                   // Waiting for a worker; a request beyond them gets 503 at once.
  int max_connections = 4096;                  // A connection beyond them gets 503 and is closed.
  size_t header_limit = 8 * 1024;              // Bytes of request line and fields; beyond: 431.
  size_t body_limit = 64 * 1024;               // Bytes of the body without its coding; beyond: 413.
  ListenerCertificate* certificate = nullptr;  // With which TLS is spoken; must outlive the server. Null: plain.
  absl::Duration handshake_timeout = absl::Seconds(10);  // For the whole of TLS's; then closed.
  absl::Duration idle_timeout = absl::Seconds(60);       // For the first byte of a request; then closed without a word.
  absl::Duration header_timeout = absl::Seconds(10);     // For the whole header from its first byte; then 408.
  absl::Duration body_timeout = absl::Seconds(10);       // For the whole body; then 408.
  absl::Duration handler_timeout = absl::Seconds(15);    // From the last byte of the request to the answer; then 504.
  absl::Duration write_timeout = absl::Seconds(10);      // For a client to take the whole answer; then closed.
};

// HTTP/1.1 and HTTP/1.0 server, over TLS if there is a certificate for it. Keep-alive and pipelining in order.
// Requests that are malformed, too large or too slow are answered, as every error is, by ErrorResponse(), after which
// the connection is closed. OPTIONS is answered here (CORS), all else by the handler; HEAD gets the handler's answer
// without its body. One log line per request.
// Thread-safe.
class HttpServer {
 public:
  // Listens and serves. INVALID_ARGUMENT for an address that is not IP:PORT, UNAVAILABLE if it cannot be listened on.
  // `handler` and what it refers to must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options, HttpHandler handler);

  // Drains without grace, then waits for handlers that still run: only they can end themselves.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  int port() const;
  // IP:PORT as bound.
  std::string address() const;

  // Stops accepting, closes idle connections, lets requests under way be answered (with "Connection: close"), and after
  // `grace` closes whatever is left. Returns when no connection is open. Idempotent.
  void Drain(absl::Duration grace);

 private:
  class Core;
  explicit HttpServer(std::unique_ptr<Core> core);

  std::unique_ptr<Core> core_;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HTTP_SERVER_H_
