#include "xrpc_shim/http_connection.h"

#include <atomic>
#include <chrono>
#include <utility>

#include "absl/time/clock.h"
#include "token_service/base/log.h"
#include "xrpc_shim/http_response_text.h"
#include "xrpc_shim/request_trace.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using Steady = std::chrono::steady_clock;

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);
constexpr size_t kReadSize = 4096;
constexpr absl::Duration kLinger = absl::Seconds(2);  // For a client to read an answer that ends the connection.
const std::string kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

absl::Status PeerIsGone() { return absl::CancelledError("the client is gone"); }

// A request on its way through a worker. `request` never changes; `response` is the worker's until `answered`, which is
// touched only on the connection's strand.
struct Job {
  explicit Job(HttpRequest r) : request(std::move(r)) {}

  const HttpRequest request;
  HttpResponse response;
  bool answered = false;
  std::atomic<bool> abandoned = false;
};

HttpResponse Answer(const HttpHandler& handler, const HttpRequest& request) {
  std::string what = "not a std::exception";
  try {
    return handler(request);
  } catch (const std::exception& thrown) {
    what = thrown.what();
  } catch (...) {
  }
  LogFields fields;
  fields.request_id = request.request_id;
  fields.detail = what;
  Log(LogLevel::kError, "handler_threw", fields);
  return ErrorResponse(XrpcError(XrpcErrorName::kInternalServerError), request.request_id);
}

}  // namespace

void HttpConnection::CloseIfIdle() {
  if (idle_) stream_.Cancel();
}

void HttpConnection::Abort() {
  aborted_ = true;
  stream_.Close();
  timer_.cancel();
}

asio::awaitable<void> HttpConnection::Serve() {
  bool open = co_await Handshake();
  while (open) {
    open = co_await AwaitFirstByte();
    if (open) open = co_await Exchange();
  }
  co_await End();
}

asio::awaitable<void> HttpConnection::Refuse() {
  const bool open = co_await Handshake();
  if (open) co_await SayFull();
  co_await End();
}

asio::awaitable<void> HttpConnection::SayFull() {
  HttpRequest request;
  request.request_id = RequestId(request.headers);
  request.trace = RequestSpan(request.headers);
  HttpResponse response = ErrorResponse(XrpcError(XrpcErrorName::kNotEnoughResources), request.request_id);
  shared_.options.complete(&response);
  LogRequest(request, response, absl::ZeroDuration());
  shared_.options.answered(request, response, absl::ZeroDuration());
  const std::string text = ResponseText(response, request.request_id, absl::Now(), {});
  const bool sent = co_await Write(text);
  if (sent) co_await Linger();
}

// False if there is nobody to speak with; why is logged, unless the client just went away.
asio::awaitable<bool> HttpConnection::Handshake() {
  Arm(shared_.options.handshake_timeout);
  const absl::Status status = co_await stream_.Handshake();
  if (status.ok() && !timed_out_ && !aborted_) co_return true;
  broken_ = true;
  const std::string detail = timed_out_ ? "the client took too long" : std::string(status.message());
  LogFields fields;
  fields.detail = detail;
  if (timed_out_ || absl::IsInvalidArgument(status)) Log(LogLevel::kInfo, "tls_handshake_failed", fields);
  co_return false;
}

// Starts the clock of a phase; ReadSome and Write fail once it has run out. The phase number tells a timer that fired
// for an earlier phase, but whose handler comes late, from this one.
void HttpConnection::Arm(absl::Duration limit) {
  timed_out_ = false;
  timer_.expires_after(absl::ToChronoNanoseconds(limit));
  timer_.async_wait([self = shared_from_this(), phase = ++phase_](const error_code& error) {
    if (error || phase != self->phase_) return;
    self->timed_out_ = true;
    self->stream_.Cancel();
  });
}

void HttpConnection::Disarm() {
  ++phase_;
  timer_.cancel();
}

asio::awaitable<bool> HttpConnection::AwaitFirstByte() {
  if (!input_.empty()) co_return true;  // pipelined
  if (shared_.draining) co_return false;
  idle_ = true;
  Arm(shared_.options.idle_timeout);
  const absl::Status status = co_await ReadSome();
  idle_ = false;
  co_return status.ok();
}

asio::awaitable<absl::Status> HttpConnection::ReadSome() {
  if (aborted_) co_return PeerIsGone();
  if (timed_out_) co_return XrpcError(XrpcErrorName::kRequestTimeout);
  const size_t held = input_.size();
  input_.resize(held + kReadSize);
  const auto room = asio::buffer(input_) + held;
  const auto [error, size] = co_await stream_.ReadSome(room);
  input_.resize(held + size);
  if (aborted_) co_return PeerIsGone();
  if (timed_out_) co_return XrpcError(XrpcErrorName::kRequestTimeout);
  if (error == asio::error::eof) co_return XrpcError(XrpcErrorName::kInvalidRequest, "the request ended early");
  if (!error) co_return absl::OkStatus();
  broken_ = error != asio::error::operation_aborted;
  co_return PeerIsGone();
}

asio::awaitable<bool> HttpConnection::Write(const std::string& text) {
  Arm(shared_.options.write_timeout);
  size_t sent = 0;
  while (sent < text.size()) {
    if (timed_out_ || aborted_) co_return false;
    const auto rest = asio::buffer(text) + sent;
    const auto [error, size] = co_await stream_.WriteSome(rest);
    broken_ = error.failed();
    if (broken_) co_return false;
    sent += size;
  }
  co_return true;
}

// Closing a socket with unread input makes the kernel send a reset, which can overtake the answer and destroy it. So
// the rest is read, for a while.
asio::awaitable<void> HttpConnection::Linger() {
  Arm(kLinger);
  co_await stream_.FinishSending();
  absl::Status status;
  while (status.ok()) {
    input_.clear();
    status = co_await ReadSome();
  }
}

// Lets the client know that the connection ends here, and was not cut, if it can still be told.
asio::awaitable<void> HttpConnection::End() {
  if (!broken_ && !aborted_) {
    Arm(kLinger);
    co_await stream_.FinishSending();
  }
  Disarm();
}

asio::awaitable<absl::Status> HttpConnection::ReadRequest(RequestParser& parser) {
  Arm(shared_.options.header_timeout);
  while (true) {
    const absl::StatusOr<RequestParser::Progress> progress = parser.Advance(input_);
    if (!progress.ok()) co_return progress.status();
    if (*progress == RequestParser::Progress::kDone) co_return absl::OkStatus();
    if (*progress == RequestParser::Progress::kHeaderDone) {
      if (parser.awaits_continue() && input_.empty()) {
        const bool sent = co_await Write(kContinue);
        if (!sent) co_return PeerIsGone();
      }
      Arm(shared_.options.body_timeout);
    } else {
      absl::Status status = co_await ReadSome();
      if (!status.ok()) co_return status;
    }
  }
}

// Has the handler answer on a worker while this coroutine waits on the timer, which the answer cancels.
asio::awaitable<HttpResponse> HttpConnection::Dispatch(HttpRequest request) {
  Disarm();
  request.peer_address = stream_.peer_address();
  request.deadline = absl::Now() + shared_.options.handler_timeout;
  const std::string request_id = request.request_id;
  const auto job = std::make_shared<Job>(std::move(request));
  const bool submitted = shared_.workers.Submit([self = shared_from_this(), job] {
    if (job->abandoned) return;
    job->response = Answer(self->shared_.handler, job->request);
    asio::post(self->strand(), [self, job] {
      if (job->abandoned) return;
      job->answered = true;
      self->timer_.cancel();
    });
  });
  if (!submitted) co_return ErrorResponse(XrpcError(XrpcErrorName::kNotEnoughResources), request_id);
  timer_.expires_after(absl::ToChronoNanoseconds(shared_.options.handler_timeout));
  if (!job->answered && !aborted_) co_await timer_.async_wait(kAwait);
  if (job->answered) co_return std::move(job->response);
  job->abandoned = true;
  co_return ErrorResponse(XrpcError(XrpcErrorName::kUpstreamTimeout), request_id);
}

// One request and its answer; true if another may follow.
asio::awaitable<bool> HttpConnection::Exchange() {
  const auto begin = Steady::now();
  RequestParser parser(shared_.options.header_limit, shared_.options.body_limit);
  HttpRequest& request = parser.request();
  const absl::Status read = co_await ReadRequest(parser);
  if (absl::IsCancelled(read)) co_return false;
  request.request_id = RequestId(request.headers);
  request.trace = RequestSpan(request.headers);
  HttpResponse response;
  if (!read.ok()) {
    response = ErrorResponse(read, request.request_id);
  } else if (request.method == "OPTIONS") {
    response = PreflightResponse(request);
  } else {
    response = co_await Dispatch(request);
  }
  shared_.options.complete(&response);
  const absl::Duration duration = absl::FromChrono(Steady::now() - begin);
  LogRequest(request, response, duration);
  shared_.options.answered(request, response, duration);
  const bool keep_alive = read.ok() && parser.keep_alive() && !shared_.draining;
  const std::string text =
      ResponseText(response, request.request_id, absl::Now(), {keep_alive, request.method == "HEAD"});
  const bool sent = co_await Write(text);
  if (!sent) co_return false;
  if (!keep_alive) co_await Linger();
  co_return keep_alive;
}

}  // namespace tokens::xrpc
