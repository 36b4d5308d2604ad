#include "xrpc_shim/client_address.h"

#include <gtest/gtest.h>

#include <string>

namespace tokens::xrpc {
namespace {

struct AddressCase {
  const char* name;
  const char* trusted_header;
  HttpHeaders headers;
  const char* expected;
};

class ClientAddressTest : public ::testing::TestWithParam<AddressCase> {};

TEST_P(ClientAddressTest, IsTheOneToCountTo) {
  HttpRequest request;
  request.peer_address = "192.0.2.1";
  request.headers = GetParam().headers;
  EXPECT_EQ(ClientAddress(request, GetParam().trusted_header), GetParam().expected);
}

constexpr char kXff[] = "X-Forwarded-For";

INSTANTIATE_TEST_SUITE_P(
    Table, ClientAddressTest,
    ::testing::Values(
        AddressCase{"Peer", "", {}, "192.0.2.1"},
        AddressCase{"FieldThatIsNotTrusted", "", {{kXff, "198.51.100.7"}}, "192.0.2.1"},
        AddressCase{"TrustedField", kXff, {{"x-forwarded-for", "198.51.100.7"}}, "198.51.100.7"},
        AddressCase{"TheProxysOwnEntryIsTheLast", kXff, {{kXff, "203.0.113.9, 198.51.100.7"}}, "198.51.100.7"},
        AddressCase{"TheLastOfSeveralFields", kXff, {{kXff, "203.0.113.9"}, {kXff, "198.51.100.7"}}, "198.51.100.7"},
        AddressCase{"MissingField", kXff, {}, "192.0.2.1"},
        AddressCase{"NoAddress", kXff, {{kXff, "unknown"}}, "192.0.2.1"},
        AddressCase{"NoAddressAtTheEnd", kXff, {{kXff, "203.0.113.9, "}}, "192.0.2.1"},
        AddressCase{"V6StandsForItsNetwork", kXff, {{kXff, "2001:db8:0:1:ffff::2"}}, "20010db800000001::/64"},
        AddressCase{"V6InBrackets", kXff, {{kXff, "[2001:DB8:0:1::3]:4711"}}, "20010db800000001::/64"},
        AddressCase{"V4InV6", kXff, {{kXff, "::ffff:198.51.100.7"}}, "198.51.100.7"}),
    [](const auto& param_info) { return param_info.param.name; });

}  // namespace
}  // namespace tokens::xrpc
