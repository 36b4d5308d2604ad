#include "xrpc_shim/request_parser.h"

#include <boost/beast/http.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

namespace beast_http = boost::beast::http;
using boost::system::error_code;

absl::Status ToStatus(const error_code& error) {
  if (error == beast_http::error::header_limit) return XrpcError(XrpcErrorName::kHeadersTooLarge);
  if (error == beast_http::error::body_limit) return XrpcError(XrpcErrorName::kPayloadTooLarge);
  if (error == beast_http::error::bad_version) {
    return XrpcError(XrpcErrorName::kInvalidRequest, "this server speaks HTTP/1.1 and HTTP/1.0 only");
  }
  return XrpcError(XrpcErrorName::kInvalidRequest, "malformed HTTP request");
}

// What is left of a chunked body is at least "0" CRLF CRLF. Beast asserts that it sees so much once it has seen the last
// chunk's size, so a client that sends byte by byte could end a build with assertions.
constexpr size_t kLeastChunked = 5;

bool HasBareLineFeed(const std::string& text) {
  for (size_t at = text.find('\n'); at != std::string::npos; at = text.find('\n', at + 1)) {
    if (at == 0 || text[at - 1] != '\r') return true;
  }
  return false;
}

}  // namespace

struct RequestParser::Beast {
  beast_http::request_parser<beast_http::string_body> parser;
  bool starved = true;  // It can do nothing with what it was given last.
};

RequestParser::RequestParser(size_t header_limit, size_t body_limit)
    : header_limit_(header_limit), beast_(std::make_unique<Beast>()) {
  beast_->parser.header_limit(static_cast<uint32_t>(header_limit));
  beast_->parser.body_limit(body_limit);
}

RequestParser::~RequestParser() = default;

HttpRequest& RequestParser::request() { return request_; }

bool RequestParser::awaits_continue() const {
  return beast_->parser.get().version() == 11 &&
         absl::EqualsIgnoreCase(FindHeader(request_.headers, "Expect").value, "100-continue");
}

bool RequestParser::keep_alive() const { return beast_->parser.keep_alive(); }

absl::StatusOr<RequestParser::Progress> RequestParser::Advance(std::string& input) {
  auto& parser = beast_->parser;
  const size_t least = header_done_ && parser.chunked() ? kLeastChunked : 1;
  beast_->starved = input.size() < least;
  while (!beast_->starved && !parser.is_done() && parser.is_header_done() == header_done_) {
    absl::Status status = Parse(input);
    if (!status.ok()) {
      if (!header_done_) FinishHeader().IgnoreError();
      return status;
    }
  }
  if (!header_done_ && parser.is_header_done()) {
    absl::Status status = FinishHeader();
    if (!status.ok()) return status;
    if (!parser.is_done()) return Progress::kHeaderDone;
  }
  if (!parser.is_done()) return Progress::kNeedsMore;
  request_.body = std::move(parser.get().body());
  return Progress::kDone;
}

// One step. Beast limits only that part of the header which it has not consumed yet, and a client that sends line by
// line never reaches that limit; so what was consumed counts here.
absl::Status RequestParser::Parse(std::string& input) {
  error_code error;
  const size_t taken = beast_->parser.put(boost::asio::buffer(input), error);
  input.erase(0, taken);
  if (!header_done_) header_size_ += taken;
  if (error && error != beast_http::error::need_more) return ToStatus(error);
  beast_->starved = input.empty() || error == beast_http::error::need_more;
  // Beast, once starved, looks for nothing but the CRLF CRLF that a client ending its lines otherwise never sends.
  if (beast_->starved && !header_done_ && HasBareLineFeed(input)) return ToStatus(beast_http::error::bad_line_ending);
  const size_t held = beast_->starved ? input.size() : 0;
  const size_t header = header_done_ ? held : header_size_ + held;
  return header > header_limit_ ? XrpcError(XrpcErrorName::kHeadersTooLarge) : absl::OkStatus();
}

// Copies what Beast has of the header, all of it or not, and judges it. Comes before the body because Beast adds the
// fields of a trailer to those of the header.
absl::Status RequestParser::FinishHeader() {
  header_done_ = true;
  const auto& message = beast_->parser.get();
  beast_->parser.eager(true);
  request_.method = std::string(message.method_string());
  for (const auto& field : message) {
    request_.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  }
  const auto target = message.target();
  std::optional<RequestTarget> parsed = ParseTarget(absl::string_view(target.data(), target.size()));
  if (!parsed.has_value()) return XrpcError(XrpcErrorName::kInvalidRequest, "invalid request target");
  request_.path = std::move(parsed->path);
  request_.query = std::move(parsed->query);
  return CheckFraming(request_.headers, message.version() == 11);
}

}  // namespace tokens::xrpc
