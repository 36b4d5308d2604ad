#ifndef XRPC_SHIM_HTTP_CONNECTION_H_
#define XRPC_SHIM_HTTP_CONNECTION_H_

#include <atomic>
#include <boost/asio.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "xrpc_shim/http_message.h"
#include "xrpc_shim/http_server.h"
#include "xrpc_shim/http_stream.h"
#include "xrpc_shim/request_parser.h"
#include "xrpc_shim/worker_pool.h"

namespace tokens::xrpc {

// What the connections of a server have in common. All of it must outlive them.
struct HttpServerParts {
  const HttpServerOptions& options;
  const HttpHandler& handler;
  WorkerPool& workers;
  const std::atomic<bool>& draining;  // Once true, answers close the connection.
};

// One client's connection: agrees on TLS where it is to be spoken, reads requests, has the handler answer them on a
// worker, writes the answers in order. Lives in its socket's executor, which must be a strand: every method is to be
// called there, so nothing is locked. Held by shared_ptr because timers and workers refer to it for as long as they
// please. Include only from http_server.cc and its own source: Asio is slow to compile.
class HttpConnection : public std::enable_shared_from_this<HttpConnection> {
 public:
  // `session` is the server's side of TLS; null for plain text.
  HttpConnection(HttpServerParts shared, boost::asio::ip::tcp::socket socket, TlsSession session)
      : shared_(shared), stream_(std::move(socket), std::move(session)), timer_(stream_.strand()) {}

  // Serves requests until either side closes. The caller keeps the object until it has ended.
  boost::asio::awaitable<void> Serve();
  // Instead of Serve: answers 503 and closes.
  boost::asio::awaitable<void> Refuse();
  // Ends Serve if it waits for the first byte of a request.
  void CloseIfIdle();
  // Ends Serve or Refuse at its next step, without an answer.
  void Abort();

  boost::asio::any_io_executor strand() { return stream_.strand(); }

 private:
  boost::asio::awaitable<bool> Handshake();
  boost::asio::awaitable<bool> AwaitFirstByte();
  boost::asio::awaitable<bool> Exchange();
  boost::asio::awaitable<absl::Status> ReadRequest(RequestParser& parser);
  boost::asio::awaitable<absl::Status> ReadSome();
  boost::asio::awaitable<HttpResponse> Dispatch(HttpRequest request);
  boost::asio::awaitable<bool> Write(const std::string& text);
  boost::asio::awaitable<void> SayFull();
  boost::asio::awaitable<void> Linger();
  boost::asio::awaitable<void> End();
  void Arm(absl::Duration limit);
  void Disarm();

  const HttpServerParts shared_;
  HttpStream stream_;
  boost::asio::steady_timer timer_;
  std::string input_;  // Read and not parsed yet.
  uint64_t phase_ = 0;
  bool timed_out_ = false;
  bool aborted_ = false;
  bool broken_ = false;  // The client cannot be told anything any more.
  bool idle_ = false;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HTTP_CONNECTION_H_
