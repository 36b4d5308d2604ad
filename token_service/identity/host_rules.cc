#include "token_service/identity/host_rules.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "token_service/base/did.h"

namespace tokens {
namespace {

constexpr absl::string_view kReservedDomains[] = {"alt",     "arpa",  "example",   "internal",
                                                  "invalid", "local", "localhost", "onion"};
constexpr size_t kMaxHostBytes = 253;

bool IsHostChar(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-' || c == '.'; }

bool IsHost(absl::string_view host) {
  return !host.empty() && host.size() <= kMaxHostBytes && host.front() != '.' && host.back() != '.' &&
         std::all_of(host.begin(), host.end(), IsHostChar);
}

// Decimal, 1 to 65535, without a leading zero.
bool IsPort(absl::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return false;
  int32_t port = 0;
  return std::all_of(text.begin(), text.end(), absl::ascii_isdigit) && absl::SimpleAtoi(text, &port) && port <= 65535;
}

}  // namespace

bool IsTakenBy(WebHosts hosts, absl::string_view host) {
  // Also keeps IP addresses out: a handle does not end in a number.
  if (!IsValidHandle(host)) return false;
  const std::string domain = absl::AsciiStrToLower(host.substr(host.rfind('.') + 1));
  if (domain == "test") return hosts == WebHosts::kDevelopment;
  return std::find(std::begin(kReservedDomains), std::end(kReservedDomains), domain) == std::end(kReservedDomains);
}

bool IsOrigin(WebHosts hosts, absl::string_view url) {
  absl::string_view default_port = "443";
  if (!absl::ConsumePrefix(&url, "https://")) {
    if (hosts != WebHosts::kDevelopment || !absl::ConsumePrefix(&url, "http://")) return false;
    default_port = "80";
  }
  const size_t colon = url.find(':');
  if (colon == absl::string_view::npos) return IsHost(url);
  const absl::string_view port = url.substr(colon + 1);
  return IsHost(url.substr(0, colon)) && IsPort(port) && port != default_port;
}

}  // namespace tokens
