#ifndef XRPC_SHIM_REQUEST_PARSER_H_
#define XRPC_SHIM_REQUEST_PARSER_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "xrpc_shim/http_message.h"

namespace tokens::xrpc {

// Reads one HTTP/1.1 or HTTP/1.0 request out of a stream of bytes, in whatever pieces they come. Strict: lines end in
// CRLF, and CheckFraming() holds. A trailer of a chunked body is read and dropped; its fields never become headers.
// Not thread-safe. One object per request.
class RequestParser {
 public:
  enum class Progress {
    kNeedsMore,   // All of the input that could be used is used; append to it and call again.
    kHeaderDone,  // Once per request that has a body: the header is complete and acceptable.
    kDone,        // What is left of the input belongs to the next request.
  };

  // `header_limit`: bytes of the request line and fields together. `body_limit`: bytes of the body without its chunked
  // coding. What surrounds the chunks, extensions and trailer, may be `header_limit` at one place.
  RequestParser(size_t header_limit, size_t body_limit);
  ~RequestParser();

  // Takes what it can use from the front of `input`. XrpcError kInvalidRequest for what is not HTTP, kHeadersTooLarge,
  // kPayloadTooLarge; the object is of no use for reading then, or after kDone.
  absl::StatusOr<Progress> Advance(std::string& input);

  // Method, path, query and headers from kHeaderDone on (after an error: as far as they were understood); body after
  // kDone.
  HttpRequest& request();

  // After kHeaderDone: whether the client holds the body back until it reads "100 Continue" (RFC 9110 §10.1.1).
  bool awaits_continue() const;
  // After kDone: whether the client means to send another request.
  bool keep_alive() const;

 private:
  struct Beast;

  absl::Status FinishHeader();
  absl::Status Parse(std::string& input);

  const size_t header_limit_;
  HttpRequest request_;
  std::unique_ptr<Beast> beast_;
  size_t header_size_ = 0;
  bool header_done_ = false;
};

}  // namespace tokens::xrpc

#endif  // XRPC_SHIM_REQUEST_PARSER_H_
