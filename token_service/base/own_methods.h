#ifndef TOKEN_SERVICE_BASE_OWN_METHODS_H_
#define TOKEN_SERVICE_BASE_OWN_METHODS_H_

namespace tokens {

// The XRPC methods by which a viewer manages widget tokens (xrpc_shim/lexicons): the one list of them. xrpc_shim serves
// them, no policy may allow them to a widget token, and the permission set app.didpic.authManageWidgetTokens covers
// them.
inline constexpr char kMintWidgetToken[] = "app.didpic.identity.mintWidgetToken";
inline constexpr char kListWidgetTokens[] = "app.didpic.identity.listWidgetTokens";
inline constexpr char kRevokeWidgetToken[] = "app.didpic.identity.revokeWidgetToken";
inline constexpr char kRevokeAllWidgetTokens[] = "app.didpic.identity.revokeAllWidgetTokens";

inline constexpr const char* kOwnMethods[] = {kMintWidgetToken, kListWidgetTokens, kRevokeWidgetToken,
                                              kRevokeAllWidgetTokens};

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_OWN_METHODS_H_
