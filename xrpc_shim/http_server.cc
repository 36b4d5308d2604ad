#include "xrpc_shim/http_server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio.hpp>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <set>
#include <sstream>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/log.h"
#include "xrpc_shim/http_connection.h"
#include "xrpc_shim/listener_certificate.h"
#include "xrpc_shim/worker_pool.h"

namespace tokens::xrpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr size_t kMaxRefusing = 64;  // Connections over the limit that are being told so; beyond them just closed.
constexpr auto kAcceptPause = std::chrono::milliseconds(100);  // After accept failed, mostly for want of descriptors.

absl::StatusOr<tcp::endpoint> ParseListen(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  const absl::Status invalid = absl::InvalidArgumentError(absl::StrCat("not IP:PORT: ", listen));
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65535) return invalid;
  std::string host = listen.substr(0, colon);
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  error_code error;
  const asio::ip::address address = asio::ip::make_address(host, error);
  if (error || address.is_v6() != bracketed) return invalid;
  return tcp::endpoint(address, static_cast<uint16_t>(port));
}

}  // namespace

// Owns the threads and the set of open connections.
class HttpServer::Core {
 public:
  Core(const HttpServerOptions& options, HttpHandler handler)
      : options_(options),
        handler_(std::move(handler)),
        workers_(std::in_place, options.workers, options.queued_requests) {}
  ~Core();

  absl::Status Listen();
  void Run();
  void Drain(absl::Duration grace);
  tcp::endpoint endpoint() const { return endpoint_; }

 private:
  asio::awaitable<void> Accept();
  void Admit(tcp::socket socket);
  void Forget(const std::shared_ptr<HttpConnection>& connection);
  std::vector<std::shared_ptr<HttpConnection>> Connections();

  const HttpServerOptions options_;
  const HttpHandler handler_;
  asio::io_context io_;
  asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
  tcp::acceptor acceptor_{asio::make_strand(io_)};
  tcp::endpoint endpoint_;
  std::vector<std::thread> threads_;
  std::atomic<bool> draining_ = false;
  std::mutex mutex_;
  std::condition_variable none_left_;
  std::set<std::shared_ptr<HttpConnection>> connections_;
  std::optional<WorkerPool> workers_;
  const HttpServerParts parts_{options_, handler_, *workers_, draining_};
};

absl::Status HttpServer::Core::Listen() {
  const absl::StatusOr<tcp::endpoint> endpoint = ParseListen(options_.listen);
  if (!endpoint.ok()) return endpoint.status();
  error_code error;
  acceptor_.open(endpoint->protocol(), error);
  if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
  if (!error) acceptor_.bind(*endpoint, error);
  if (!error) acceptor_.listen(tcp::acceptor::max_listen_connections, error);
  if (!error) endpoint_ = acceptor_.local_endpoint(error);
  if (error) return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.listen, ": ", error.message()));
  return absl::OkStatus();
}

void HttpServer::Core::Run() {
  asio::co_spawn(acceptor_.get_executor(), Accept(), asio::detached);
  for (int i = 0; i < options_.io_threads; ++i) threads_.emplace_back([this] { io_.run(); });
}

asio::awaitable<void> HttpServer::Core::Accept() {
  asio::steady_timer pause(acceptor_.get_executor());
  while (!draining_) {
    tcp::socket socket(asio::make_strand(io_));
    const auto [error] = co_await acceptor_.async_accept(socket, kAwait);
    if (!error) {
      Admit(std::move(socket));
    } else if (!draining_) {
      const std::string detail = error.message();
      LogFields fields;
      fields.detail = detail;
      Log(LogLevel::kWarning, "http_accept_failed", fields);
      pause.expires_after(kAcceptPause);
      co_await pause.async_wait(kAwait);
    }
  }
}

void HttpServer::Core::Admit(tcp::socket socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  TlsSession session;
  if (options_.certificate != nullptr) {
    session = options_.certificate->NewSession();
    if (session == nullptr) return;
  }
  const auto connection = std::make_shared<HttpConnection>(parts_, std::move(socket), std::move(session));
  size_t open = 0;
  {
    const std::lock_guard lock(mutex_);
    open = connections_.size();
    if (draining_ || open >= options_.max_connections + kMaxRefusing) return;
    connections_.insert(connection);
  }
  // Its end, in whatever way, is where it is forgotten.
  const auto forget = [this, connection](const std::exception_ptr&) { Forget(connection); };
  if (open < static_cast<size_t>(options_.max_connections)) {
    asio::co_spawn(connection->strand(), connection->Serve(), forget);
  } else {
    asio::co_spawn(connection->strand(), connection->Refuse(), forget);
  }
}

void HttpServer::Core::Forget(const std::shared_ptr<HttpConnection>& connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
  if (connections_.empty()) none_left_.notify_all();
}

std::vector<std::shared_ptr<HttpConnection>> HttpServer::Core::Connections() {
  const std::lock_guard lock(mutex_);
  return {connections_.begin(), connections_.end()};
}

void HttpServer::Core::Drain(absl::Duration grace) {
  draining_ = true;
  asio::post(acceptor_.get_executor(), [this] {
    error_code ignored;
    acceptor_.close(ignored);
  });
  for (const auto& connection : Connections()) {
    asio::post(connection->strand(), [connection] { connection->CloseIfIdle(); });
  }
  std::unique_lock lock(mutex_);
  const auto none_left = [this] { return connections_.empty(); };
  const auto patience = absl::ToChronoNanoseconds(std::min(grace, absl::Hours(24)));
  if (none_left_.wait_for(lock, patience, none_left)) return;
  lock.unlock();
  for (const auto& connection : Connections()) {
    asio::post(connection->strand(), [connection] { connection->Abort(); });
  }
  lock.lock();
  none_left_.wait(lock, none_left);
}

HttpServer::Core::~Core() {
  Drain(absl::ZeroDuration());
  workers_.reset();  // its tasks post to the I/O threads, so these go last
  work_.reset();
  for (std::thread& thread : threads_) thread.join();
}

HttpServer::HttpServer(std::unique_ptr<Core> core) : core_(std::move(core)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options, HttpHandler handler) {
  auto core = std::make_unique<Core>(options, std::move(handler));
  const absl::Status status = core->Listen();
  if (!status.ok()) return status;
  core->Run();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(core)));
}

int HttpServer::port() const { return core_->endpoint().port(); }

std::string HttpServer::address() const {
  std::ostringstream text;
  text << core_->endpoint();
  return text.str();
}

void HttpServer::Drain(absl::Duration grace) { core_->Drain(grace); }

}  // namespace tokens::xrpc
