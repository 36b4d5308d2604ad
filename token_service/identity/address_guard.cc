#include "token_service/identity/address_guard.h"

#include <netinet/in.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace tokens {
namespace {

// The first `length` of 32 bits. Every IPv6 prefix that matters here is that short, too.
struct Prefix {
  uint32_t bits;
  int length;
};

constexpr Prefix kSpecialV4[] = {
    {0x00000000, 8},   // 0.0.0.0/8: this network
    {0x0A000000, 8},   // 10.0.0.0/8: private
    {0x64400000, 10},  // 100.64.0.0/10: carrier-grade NAT; some clouds keep their metadata service there
    {0x7F000000, 8},   // 127.0.0.0/8: loopback
    {0xA9FE0000, 16},  // 169.254.0.0/16: link-local; most clouds keep their metadata service there
    {0xAC100000, 12},  // 172.16.0.0/12: private
    {0xC0000000, 24},  // 192.0.0.0/24: protocol assignments
    {0xC0000200, 24},  // 192.0.2.0/24: documentation
    {0xC0586300, 24},  // 192.88.99.0/24: 6to4 relays
    {0xC0A80000, 16},  // 192.168.0.0/16: private
    {0xC6120000, 15},  // 198.18.0.0/15: benchmarking
    {0xC6336400, 24},  // 198.51.100.0/24: documentation
    {0xCB007100, 24},  // 203.0.113.0/24: documentation
    {0xE0000000, 4},   // 224.0.0.0/4: multicast
    {0xF0000000, 4},   // 240.0.0.0/4: reserved, and broadcast
};

// Inside 2000::/3, outside of which nothing is global unicast.
constexpr Prefix kSpecialV6[] = {
    {0x20010000, 23},  // 2001::/23: protocol assignments: Teredo, benchmarking, ORCHID
    {0x20010DB8, 32},  // 2001:db8::/32: documentation
    {0x20020000, 16},  // 2002::/16: 6to4
    {0x3FFF0000, 20},  // 3fff::/20: documentation
};

bool Contains(const Prefix& prefix, uint32_t address) { return ((address ^ prefix.bits) >> (32 - prefix.length)) == 0; }

template <size_t kCount>
bool InAny(const Prefix (&prefixes)[kCount], uint32_t address) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [address](const Prefix& prefix) { return Contains(prefix, address); });
}

uint32_t AddressV4(const sockaddr& address) {
  sockaddr_in v4;
  std::memcpy(&v4, &address, sizeof v4);
  return ntohl(v4.sin_addr.s_addr);
}

in6_addr AddressV6(const sockaddr& address) {
  sockaddr_in6 v6;
  std::memcpy(&v6, &address, sizeof v6);
  return v6.sin6_addr;
}

uint32_t FirstWord(const in6_addr& address) {
  uint32_t word;
  std::memcpy(&word, address.s6_addr, sizeof word);
  return ntohl(word);
}

}  // namespace

bool IsGlobalUnicast(const sockaddr& address) {
  switch (address.sa_family) {
    case AF_INET: return !InAny(kSpecialV4, AddressV4(address));
    case AF_INET6: {
      const uint32_t first_word = FirstWord(AddressV6(address));
      return Contains({0x20000000, 3}, first_word) && !InAny(kSpecialV6, first_word);
    }
    default: return false;
  }
}

bool IsLoopback(const sockaddr& address) {
  switch (address.sa_family) {
    case AF_INET: return AddressV4(address) >> 24 == 127;
    case AF_INET6: {
      const in6_addr v6 = AddressV6(address);
      return IN6_IS_ADDR_LOOPBACK(&v6);
    }
    default: return false;
  }
}

}  // namespace tokens
