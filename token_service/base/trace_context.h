#ifndef TOKEN_SERVICE_BASE_TRACE_CONTEXT_H_
#define TOKEN_SERVICE_BASE_TRACE_CONTEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace tokens {

// Names of the gRPC metadata and of the HTTP headers that carry a trace (W3C Trace Context, levels 1 and 2).
inline constexpr char kTraceparentHeader[] = "traceparent";
inline constexpr char kTracestateHeader[] = "tracestate";

// Where a piece of work stands in a distributed trace. A value; as made by default, in none.
struct TraceContext {
  std::string trace_id;  // 32 lower-case hex digits, not all 0.
  std::string span_id;   // 16 of them: this work's own name, by which what it calls knows its parent.
  uint8_t flags = 0;     // Bit 0: the caller records the trace; bit 1: the trace id is random. No others.
  std::string state;     // The vendors' tracestate, to be passed on as it is; empty for none.
};

// What a traceparent says: the span of whoever sent it, without tracestate. Strict for version 00, and for later
// versions what the specification asks of a reader of this one. nullopt for everything else, ids of zeros and
// upper-case digits included.
std::optional<TraceContext> ParseTraceparent(absl::string_view text);

// The traceparent, of version 00, for calls that `trace` makes.
std::string FormatTraceparent(const TraceContext& trace);

// True for a tracestate that is passed on: well-formed, printable ASCII, at most 512 bytes, no vendor twice.
bool IsTracestate(absl::string_view text);

// A new span: in the trace of the one traceparent, if that is well-formed, otherwise the first of a new trace, which
// nobody records. `traceparents` and `tracestates` are what a request has under these names, in order. Several
// tracestates are one list; with anything wrong in it, or in the traceparent, all of it is dropped. Thread-safe.
TraceContext BeginSpan(const std::vector<absl::string_view>& traceparents,
                       const std::vector<absl::string_view>& tracestates);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_TRACE_CONTEXT_H_
