#ifndef XRPC_SHIM_HTTP_STREAM_H_
#define XRPC_SHIM_HTTP_STREAM_H_

#include <boost/asio.hpp>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>

#include "absl/status/status.h"
#include "xrpc_shim/tls_context.h"

namespace tokens::xrpc {

// The bytes of one client's connection: plain TCP, or TLS upon it. One operation at a time. Lives in its socket's
// executor, which must be a strand: every method is to be called there. Include only where HttpConnection is: Asio is
// slow to compile.
class HttpStream {
 public:
  using Transfer = std::tuple<boost::system::error_code, size_t>;

  // `session` is the server's side of TLS; null for plain text.
  HttpStream(boost::asio::ip::tcp::socket socket, TlsSession session);
  ~HttpStream();

  HttpStream(const HttpStream&) = delete;
  HttpStream& operator=(const HttpStream&) = delete;

  // To be awaited first; nothing in plain text. INVALID_ARGUMENT, with OpenSSL's reason, for a client that speaks no
  // TLS of ours; CANCELLED if it is gone, or by Cancel().
  boost::asio::awaitable<absl::Status> Handshake();

  // error::eof is an end that the client has announced, in TLS by a close_notify; any other end is another error. After
  // FinishSending what comes is not decrypted, and only to be thrown away.
  boost::asio::awaitable<Transfer> ReadSome(boost::asio::mutable_buffer room);
  boost::asio::awaitable<Transfer> WriteSome(boost::asio::const_buffer bytes);

  // Announces that no more comes, in TLS by a close_notify, and does not wait for the client's. Idempotent.
  boost::asio::awaitable<void> FinishSending();

  // Ends the operation under way with an error, wherever in its course it is.
  void Cancel();
  // Ends it, and the connection, without a word.
  void Close();

  boost::asio::any_io_executor strand() { return socket_.get_executor(); }
  // The client's IP address; empty if it is gone.
  std::string peer_address() const;

 private:
  struct Tls;

  boost::asio::ip::tcp::socket socket_;
  boost::asio::cancellation_signal cancel_;
  const std::unique_ptr<Tls> tls_;  // Null in plain text.
  bool finished_ = false;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_HTTP_STREAM_H_
