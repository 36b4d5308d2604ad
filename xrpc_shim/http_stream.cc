#include "xrpc_shim/http_stream.h"

#include <boost/asio/ssl.hpp>
#include <utility>

namespace tokens::xrpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

// An operation of TLS has several steps. Its slot remembers a cancellation that comes between two of them, when
// tcp::socket::cancel would find nothing to cancel.
auto OnCancel(asio::cancellation_signal& cancel) { return asio::bind_cancellation_slot(cancel.slot(), kAwait); }

}  // namespace

struct HttpStream::Tls {
  Tls(tcp::socket& socket, TlsSession session) : stream(socket, session.release()) {}

  asio::ssl::stream<tcp::socket&> stream;
};

HttpStream::HttpStream(tcp::socket socket, TlsSession session)
    : socket_(std::move(socket)),
      tls_(session == nullptr ? nullptr : std::make_unique<Tls>(socket_, std::move(session))) {}

HttpStream::~HttpStream() = default;

asio::awaitable<absl::Status> HttpStream::Handshake() {
  if (tls_ == nullptr) co_return absl::OkStatus();
  const auto [error] = co_await tls_->stream.async_handshake(asio::ssl::stream_base::server, OnCancel(cancel_));
  if (!error) co_return absl::OkStatus();
  if (error.category() == asio::error::get_ssl_category()) co_return absl::InvalidArgumentError(error.message());
  co_return absl::CancelledError(error.message());
}

asio::awaitable<HttpStream::Transfer> HttpStream::ReadSome(asio::mutable_buffer room) {
  if (tls_ == nullptr || finished_) return socket_.async_read_some(room, OnCancel(cancel_));
  return tls_->stream.async_read_some(room, OnCancel(cancel_));
}

asio::awaitable<HttpStream::Transfer> HttpStream::WriteSome(asio::const_buffer bytes) {
  if (tls_ == nullptr) return socket_.async_write_some(bytes, OnCancel(cancel_));
  return tls_->stream.async_write_some(bytes, OnCancel(cancel_));
}

asio::awaitable<void> HttpStream::FinishSending() {
  if (std::exchange(finished_, true)) co_return;
  if (tls_ != nullptr) {
    // OpenSSL is told that the client's close_notify is here, or it would be waited for.
    SSL* session = tls_->stream.native_handle();
    SSL_set_shutdown(session, SSL_get_shutdown(session) | SSL_RECEIVED_SHUTDOWN);
    co_await tls_->stream.async_shutdown(OnCancel(cancel_));
  }
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void HttpStream::Cancel() { cancel_.emit(asio::cancellation_type::terminal); }

void HttpStream::Close() {
  error_code ignored;
  socket_.close(ignored);
}

std::string HttpStream::peer_address() const {
  error_code gone;
  const tcp::endpoint peer = socket_.remote_endpoint(gone);
  return gone ? "" : peer.address().to_string();
}

}  // namespace tokens::xrpc
