#ifndef TOKEN_SERVICE_IDENTITY_ADDRESS_GUARD_H_
#define TOKEN_SERVICE_IDENTITY_ADDRESS_GUARD_H_

#include <sys/socket.h>

namespace tokens {

// True if `address` is a unicast address of the public Internet, so that a stranger may make us connect to it. Source:
// the IANA special-purpose address registries (RFC 6890 and its successors). False for anything that hides an IPv4
// address (mapped, compatible, NAT64, 6to4, Teredo), whichever it is, and for families other than IPv4 and IPv6.
// `address` is the head of a sockaddr_in or sockaddr_in6, as its family says.
bool IsGlobalUnicast(const sockaddr& address);

// True for 127.0.0.0/8 and ::1.
bool IsLoopback(const sockaddr& address);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_ADDRESS_GUARD_H_
