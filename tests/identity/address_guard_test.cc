#include "token_service/identity/address_guard.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <string>

namespace tokens {
namespace {

sockaddr_storage Address(const std::string& text) {
  sockaddr_storage storage = {};
  if (text.find(':') == std::string::npos) {
    auto& v4 = reinterpret_cast<sockaddr_in&>(storage);
    v4.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text.c_str(), &v4.sin_addr), 1) << text;
  } else {
    auto& v6 = reinterpret_cast<sockaddr_in6&>(storage);
    v6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr), 1) << text;
  }
  return storage;
}

bool IsGlobal(const std::string& text) {
  const sockaddr_storage storage = Address(text);
  return IsGlobalUnicast(reinterpret_cast<const sockaddr&>(storage));
}

// The first and the last address of every range that is refused.
struct Range {
  const char* what;
  const char* first;
  const char* last;
};

TEST(AddressGuard, RefusesBothEndsOfEverySpecialRange) {
  constexpr Range kRanges[] = {
      {"this network", "0.0.0.0", "0.255.255.255"},
      {"private 10/8", "10.0.0.0", "10.255.255.255"},
      {"carrier-grade NAT", "100.64.0.0", "100.127.255.255"},
      {"loopback", "127.0.0.0", "127.255.255.255"},
      {"link-local", "169.254.0.0", "169.254.255.255"},
      {"private 172.16/12", "172.16.0.0", "172.31.255.255"},
      {"protocol assignments", "192.0.0.0", "192.0.0.255"},
      {"documentation 1", "192.0.2.0", "192.0.2.255"},
      {"6to4 relays", "192.88.99.0", "192.88.99.255"},
      {"private 192.168/16", "192.168.0.0", "192.168.255.255"},
      {"benchmarking", "198.18.0.0", "198.19.255.255"},
      {"documentation 2", "198.51.100.0", "198.51.100.255"},
      {"documentation 3", "203.0.113.0", "203.0.113.255"},
      {"multicast", "224.0.0.0", "239.255.255.255"},
      {"reserved and broadcast", "240.0.0.0", "255.255.255.255"},
      {"v6 unspecified, loopback, compatible", "::", "::ffff:ffff"},
      {"v6 mapped", "::ffff:0.0.0.0", "::ffff:255.255.255.255"},
      {"v6 NAT64", "64:ff9b::", "64:ff9b::ffff:ffff"},
      {"v6 local NAT64", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff"},
      {"v6 discard", "100::", "100::ffff:ffff:ffff:ffff"},
      {"v6 below global unicast", "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 protocol assignments", "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 Teredo", "2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 benchmarking", "2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff"},
      {"v6 documentation 1", "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 6to4", "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 documentation 2", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 above global unicast", "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 segment routing", "5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 unique local", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 link-local", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 site-local", "fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
      {"v6 multicast", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
  };
  for (const Range& range : kRanges) {
    EXPECT_FALSE(IsGlobal(range.first)) << range.what;
    EXPECT_FALSE(IsGlobal(range.last)) << range.what;
  }
}

TEST(AddressGuard, TakesTheNeighboursOfSpecialRanges) {
  for (const char* address :
       {"1.0.0.0",         "9.255.255.255",   "11.0.0.0",      "100.63.255.255", "100.128.0.0",      "126.255.255.255",
        "128.0.0.0",       "169.253.255.255", "169.255.0.0",   "172.15.255.255", "172.32.0.0",       "191.255.255.255",
        "192.0.1.0",       "192.0.3.0",       "192.88.98.255", "192.88.100.0",   "192.167.255.255",  "192.169.0.0",
        "198.17.255.255",  "198.20.0.0",      "198.51.99.255", "198.51.101.0",   "203.0.112.255",    "203.0.114.0",
        "223.255.255.255", "8.8.8.8",         "2000::",        "2001:200::",     "2001:db7:ffff::1", "2001:db9::",
        "2001:ffff::",     "2003::",          "3ffe:ffff::1",  "3fff:1000::",    "2606:4700::1111",  "2a00:1450::1"}) {
    EXPECT_TRUE(IsGlobal(address)) << address;
  }
}

TEST(AddressGuard, RefusesPrivateAddressesInsideOthers) {
  for (const char* address : {"::127.0.0.1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::10.0.0.1",
                              "64:ff9b::169.254.169.254", "2002:7f00:1::", "2002:c0a8:101::1", "2001:0:7f00:1::1"}) {
    EXPECT_FALSE(IsGlobal(address)) << address;
  }
}

TEST(AddressGuard, RefusesCloudMetadataServices) {
  for (const char* address : {"169.254.169.254", "100.100.100.200", "fd00:ec2::254", "192.0.0.192"}) {
    EXPECT_FALSE(IsGlobal(address)) << address;
  }
}

TEST(AddressGuard, RefusesOtherFamilies) {
  sockaddr_storage storage = {};
  for (const int family : {AF_UNSPEC, AF_UNIX, AF_NETLINK}) {
    storage.ss_family = static_cast<sa_family_t>(family);
    EXPECT_FALSE(IsGlobalUnicast(reinterpret_cast<const sockaddr&>(storage))) << family;
    EXPECT_FALSE(IsLoopback(reinterpret_cast<const sockaddr&>(storage))) << family;
  }
}

TEST(AddressGuard, KnowsLoopback) {
  for (const char* address : {"127.0.0.1", "127.255.255.255", "::1"}) {
    const sockaddr_storage storage = Address(address);
    EXPECT_TRUE(IsLoopback(reinterpret_cast<const sockaddr&>(storage))) << address;
  }
  for (const char* address : {"126.255.255.255", "128.0.0.0", "0.0.0.0", "10.0.0.1", "::", "::2", "::ffff:127.0.0.1"}) {
    const sockaddr_storage storage = Address(address);
    EXPECT_FALSE(IsLoopback(reinterpret_cast<const sockaddr&>(storage))) << address;
  }
}

}  // namespace
}  // namespace tokens
