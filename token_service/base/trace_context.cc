#include "token_service/base/trace_context.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace tokens {
namespace {

constexpr size_t kTraceIdSize = 32;
constexpr size_t kSpanIdSize = 16;
constexpr size_t kTraceparentSize = 55;  // Of version 00: 2 + 32 + 16 + 2 digits and 3 dashes.
constexpr uint8_t kRandomFlag = 2;
constexpr uint8_t kKnownFlags = 3;

constexpr size_t kMaxStateSize = 512;
constexpr size_t kMaxStateMembers = 32;
constexpr size_t kMaxStateText = 256;  // Of a key, and of a value.

bool IsLowerHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

bool IsZeros(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c == '0'; });
}

bool IsId(absl::string_view text) { return IsLowerHex(text) && !IsZeros(text); }

// 16 random hex digits, not all 0.
std::string MakeDigits() {
  thread_local absl::BitGen generator;
  return absl::StrCat(
      absl::Hex(absl::Uniform<uint64_t>(absl::IntervalClosed, generator, 1, UINT64_MAX), absl::kZeroPad16));
}

bool IsStateKey(absl::string_view key) {
  if (key.empty() || key.size() > kMaxStateText) return false;
  if (!absl::ascii_islower(key[0]) && !absl::ascii_isdigit(key[0])) return false;
  return std::all_of(key.begin(), key.end(), [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || absl::string_view("_-*/@").find(c) != std::string::npos;
  });
}

bool IsStateValue(absl::string_view value) {
  return !value.empty() && value.size() <= kMaxStateText &&
         std::all_of(value.begin(), value.end(), [](char c) { return absl::ascii_isprint(c) && c != '='; });
}

absl::string_view StripSpaces(absl::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(absl::string_view text) {
  if (text.size() < kTraceparentSize) return std::nullopt;
  const absl::string_view version = text.substr(0, 2);
  const absl::string_view trace_id = text.substr(3, kTraceIdSize);
  const absl::string_view span_id = text.substr(36, kSpanIdSize);
  const absl::string_view flags = text.substr(53, 2);
  if (text[2] != '-' || text[35] != '-' || text[52] != '-') return std::nullopt;
  if (!IsLowerHex(version) || version == "ff" || !IsId(trace_id) || !IsId(span_id) || !IsLowerHex(flags)) {
    return std::nullopt;
  }
  const bool has_more = text.size() > kTraceparentSize;  // as a later version may
  if (has_more && (version == "00" || text[kTraceparentSize] != '-')) return std::nullopt;
  TraceContext parent;
  parent.trace_id = std::string(trace_id);
  parent.span_id = std::string(span_id);
  parent.flags = static_cast<uint8_t>(absl::HexStringToBytes(flags)[0]) & kKnownFlags;
  return parent;
}

std::string FormatTraceparent(const TraceContext& trace) {
  return absl::StrCat("00-", trace.trace_id, "-", trace.span_id, "-", absl::Hex(trace.flags, absl::kZeroPad2));
}

bool IsTracestate(absl::string_view text) {
  if (text.size() > kMaxStateSize) return false;
  std::set<absl::string_view> keys;
  for (const absl::string_view member : absl::StrSplit(text, ',')) {
    const absl::string_view entry = StripSpaces(member);
    if (entry.empty()) continue;
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(entry, absl::MaxSplits('=', 1));
    if (!IsStateKey(parts.first) || !IsStateValue(parts.second) || !keys.insert(parts.first).second) return false;
  }
  return !keys.empty() && keys.size() <= kMaxStateMembers;
}

TraceContext BeginSpan(const std::vector<absl::string_view>& traceparents,
                       const std::vector<absl::string_view>& tracestates) {
  TraceContext span;
  const std::optional<TraceContext> parent =
      traceparents.size() == 1 ? ParseTraceparent(traceparents.front()) : std::nullopt;
  if (parent.has_value()) {
    span = *parent;
    std::string state = absl::StrJoin(tracestates, ",");
    if (IsTracestate(state)) span.state = std::move(state);
  } else {
    span.trace_id = MakeDigits() + MakeDigits();
    span.flags = kRandomFlag;
  }
  span.span_id = MakeDigits();
  return span;
}

}  // namespace tokens
