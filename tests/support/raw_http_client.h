#ifndef TESTS_SUPPORT_RAW_HTTP_CLIENT_H_
#define TESTS_SUPPORT_RAW_HTTP_CLIENT_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace tokens::testing {

// One response as read off the wire; header names in lower case, the last of equal ones.
struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

// What a connection to a test's server is made of.
enum class Transport { kPlain, kTls };

// A TCP connection to 127.0.0.1, or TLS (whatever the certificate) upon one, that sends the bytes it is told to, HTTP
// or not, and reads responses by Content-Length. Every wait ends after 20 s, so a server that hangs fails the test
// rather than stopping it. Not thread-safe.
class RawHttpClient {
 public:
  // `receive_buffer`: bytes for SO_RCVBUF, to be a client that takes little; 0 for the system's default.
  explicit RawHttpClient(int port, int receive_buffer = 0, Transport transport = Transport::kPlain)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience{20, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    if (receive_buffer > 0) ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    if (connected_ && transport == Transport::kTls) connected_ = BeginTls();
  }
  ~RawHttpClient() {
    tls_.reset();
    ::close(socket_);
  }

  RawHttpClient(const RawHttpClient&) = delete;
  RawHttpClient& operator=(const RawHttpClient&) = delete;

  bool connected() const { return connected_; }

  // False if the server has closed before it took all.
  bool Send(absl::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = tls_ == nullptr ? ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                                           : SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }

  // The end of what this side sends (close_notify where there is TLS, and FIN).
  void FinishSending() {
    if (tls_ != nullptr) SSL_shutdown(tls_.get());
    ::shutdown(socket_, SHUT_WR);
  }
  // The same without close_notify, as by somebody on the way.
  void Truncate() { ::shutdown(socket_, SHUT_WR); }

  // Makes the destructor close with a reset instead of a FIN.
  void ResetOnClose() {
    const linger hard{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
  }

  // The next response; nullopt if the connection ends before it is whole. `bodyless` for the answer to HEAD.
  std::optional<RawResponse> Read(bool bodyless = false) {
    size_t end = 0;
    while ((end = input_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    RawResponse response;
    size_t length = 0;
    for (const absl::string_view line : absl::StrSplit(absl::string_view(input_).substr(0, end), "\r\n")) {
      const std::pair<absl::string_view, absl::string_view> field = absl::StrSplit(line, absl::MaxSplits(": ", 1));
      if (response.status == 0) {
        if (!absl::SimpleAtoi(line.substr(std::min<size_t>(9, line.size()), 3), &response.status)) return std::nullopt;
      } else {
        response.headers[absl::AsciiStrToLower(field.first)] = std::string(field.second);
      }
    }
    if (const auto field = response.headers.find("content-length"); field != response.headers.end() && !bodyless) {
      if (!absl::SimpleAtoi(field->second, &length)) return std::nullopt;
    }
    input_.erase(0, end + 4);
    while (input_.size() < length) {
      if (!Fill()) return std::nullopt;
    }
    response.body = input_.substr(0, length);
    input_.erase(0, length);
    return response;
  }

  // Waits for the server's next word: true if that is an orderly end (FIN, no reset) and nothing was left to read.
  bool AtEnd() { return input_.empty() && !Fill() && last_received_ == 0; }
  // After AtEnd(), over TLS: whether the server announced it by a close_notify.
  bool SaidGoodbye() const { return said_goodbye_; }

  // Null in plain text.
  SSL* tls() { return tls_.get(); }

 private:
  bool Fill() {
    char bytes[4096];
    ssize_t size = tls_ == nullptr ? ::recv(socket_, bytes, sizeof(bytes), 0)
                                   : SSL_read(tls_.get(), bytes, static_cast<int>(sizeof(bytes)));
    if (tls_ != nullptr && size <= 0) {
      said_goodbye_ = SSL_get_error(tls_.get(), static_cast<int>(size)) == SSL_ERROR_ZERO_RETURN;
      size = ::recv(socket_, bytes, sizeof(bytes), 0);  // the end of TCP is what counts
    }
    last_received_ = size;
    if (size <= 0) return false;
    input_.append(bytes, static_cast<size_t>(size));
    return true;
  }

  bool BeginTls() {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL
    const std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    tls_.reset(SSL_new(context.get()));
    SSL_set_fd(tls_.get(), socket_);
    return SSL_connect(tls_.get()) == 1;
  }

  const int socket_;
  std::unique_ptr<SSL, void (*)(SSL*)> tls_{nullptr, &SSL_free};
  bool connected_ = false;
  bool said_goodbye_ = false;
  ssize_t last_received_ = 0;
  std::string input_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_RAW_HTTP_CLIENT_H_
