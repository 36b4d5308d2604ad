#ifndef TOKEN_SERVICE_CALLER_ROLE_H_
#define TOKEN_SERVICE_CALLER_ROLE_H_

#include <initializer_list>

#include "absl/strings/string_view.h"

namespace tokens {

// What a caller may be (policy.proto, Caller.Role).
enum class CallerRole { kValidator, kMinter, kSessionIssuer, kRevoker, kAuditor, kAdmin };

inline constexpr CallerRole kCallerRoles[] = {CallerRole::kValidator, CallerRole::kMinter,  CallerRole::kSessionIssuer,
                                              CallerRole::kRevoker,   CallerRole::kAuditor, CallerRole::kAdmin};

// Lower-case name, for log and metrics: "session_issuer".
constexpr absl::string_view CallerRoleName(CallerRole role) {
  switch (role) {
    case CallerRole::kValidator: return "validator";
    case CallerRole::kMinter: return "minter";
    case CallerRole::kSessionIssuer: return "session_issuer";
    case CallerRole::kRevoker: return "revoker";
    case CallerRole::kAuditor: return "auditor";
    case CallerRole::kAdmin: return "admin";
  }
  return "";
}

// A set of roles. A value.
class CallerRoles {
 public:
  constexpr CallerRoles() = default;
  constexpr CallerRoles(std::initializer_list<CallerRole> roles) {
    for (const CallerRole role : roles) Add(role);
  }

  constexpr void Add(CallerRole role) { bits_ |= Bit(role); }
  constexpr bool Has(CallerRole role) const { return (bits_ & Bit(role)) != 0; }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  static constexpr unsigned Bit(CallerRole role) { return 1U << static_cast<unsigned>(role); }
  unsigned bits_ = 0;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_CALLER_ROLE_H_
