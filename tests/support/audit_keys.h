#ifndef TESTS_SUPPORT_AUDIT_KEYS_H_
#define TESTS_SUPPORT_AUDIT_KEYS_H_

namespace tokens::testing {

// Published keys, of no worth: that of RFC 8032's first test, its id and its public half.
inline constexpr char kAuditKeyPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr char kAuditKeyId[] = "06e3fd8fda29bb60";
inline constexpr char kAuditPublicKeyPem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
    "-----END PUBLIC KEY-----\n";

// Another pair: that of its second test.
inline constexpr char kOtherAuditKeyPem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
inline constexpr char kOtherAuditPublicKeyPem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
    "-----END PUBLIC KEY-----\n";

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_AUDIT_KEYS_H_
