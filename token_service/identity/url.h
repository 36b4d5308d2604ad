#ifndef TOKEN_SERVICE_IDENTITY_URL_H_
#define TOKEN_SERVICE_IDENTITY_URL_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace tokens {

// The parts of an absolute URI (RFC 3986), for rules about them. A value.
struct Url {
  std::string scheme;          // Lower case.
  bool has_authority = false;  // "//" after the scheme.
  bool has_credentials = false;
  std::string host;       // Lower case; an IPv6 address in brackets and in its shortest form.
  bool has_port = false;  // Also if it is empty: "https://host:/".
  std::string port;
  std::string path;  // As written.
  // False if the path can be written in a plainer way: with "." or ".." segments, or escapes of what needs none.
  bool path_is_canonical = false;
  bool has_query = false;
  bool has_fragment = false;
};

// Nothing if `text` is not an absolute URI by the letter of RFC 3986: no spaces, no backslashes, no bare "%".
std::optional<Url> ParseUrl(absl::string_view text);

// The parameters of a query string (application/x-www-form-urlencoded), decoded, in order; a name may repeat. Nothing
// if `query` has a character that no query may have, or a bad escape.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseUrlQuery(absl::string_view query);

}  // namespace tokens

#endif  // TOKEN_SERVICE_IDENTITY_URL_H_
