#include "xrpc_shim/client_address.h"

#include <arpa/inet.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tokens::xrpc {
namespace {

// One text for each host however its address is written; nothing if `text` is no address.
std::optional<std::string> Normalize(absl::string_view text) {
  if (absl::ConsumePrefix(&text, "[")) text = text.substr(0, text.find(']'));
  const std::string address(text);
  in_addr v4{};
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) return address;
  std::array<char, sizeof(in6_addr)> v6{};
  if (inet_pton(AF_INET6, address.c_str(), v6.data()) != 1) return std::nullopt;
  constexpr char kMapped[] = "\0\0\0\0\0\0\0\0\0\0\xff\xff";
  if (std::memcmp(v6.data(), kMapped, 12) == 0) {
    std::array<char, INET_ADDRSTRLEN> mapped{};
    return std::string(inet_ntop(AF_INET, v6.data() + 12, mapped.data(), mapped.size()));
  }
  return absl::StrCat(absl::BytesToHexString(absl::string_view(v6.data(), 8)), "::/64");
}

}  // namespace

std::string ClientAddress(const HttpRequest& request, absl::string_view trusted_header) {
  std::optional<std::string> client;
  for (const auto& [field, value] : request.headers) {
    if (trusted_header.empty() || !absl::EqualsIgnoreCase(field, trusted_header)) continue;
    const absl::string_view list = value;
    const size_t comma = list.rfind(',');
    client = Normalize(absl::StripAsciiWhitespace(comma == absl::string_view::npos ? list : list.substr(comma + 1)));
  }
  return client.value_or(Normalize(request.peer_address).value_or(request.peer_address));
}

}  // namespace tokens::xrpc
