#include "token_service/identity/url.h"

#include <boost/url/parse.hpp>
#include <boost/url/parse_query.hpp>
#include <boost/url/src.hpp>  // the library itself; in this file only
#include <boost/url/url.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

namespace urls = ::boost::urls;

std::string Text(urls::string_view view) { return std::string(view.data(), view.size()); }

std::string HostOf(const urls::url_view& url) {
  if (url.host_type() == urls::host_type::ipv6) return absl::StrCat("[", url.host_ipv6_address().to_string(), "]");
  return absl::AsciiStrToLower(Text(url.encoded_host()));
}

bool HasDotSegment(const urls::url_view& url) {
  for (const std::string segment : url.segments()) {
    if (segment == "." || segment == "..") return true;
  }
  return false;
}

bool HasCanonicalPath(const urls::url_view& url) {
  if (HasDotSegment(url)) return false;
  urls::url normal(url);
  normal.normalize_path();
  return normal.encoded_path() == url.encoded_path();
}

}  // namespace

std::optional<Url> ParseUrl(absl::string_view text) {
  const auto parsed = urls::parse_uri({text.data(), text.size()});
  if (!parsed.has_value()) return std::nullopt;
  const urls::url_view& url = *parsed;
  // Boost 1.81 lets "https://host:80path" and "https://host:port/" pass; RFC 3986 §3.3 does not.
  if (url.has_authority() && !url.encoded_path().empty() && url.encoded_path().front() != '/') return std::nullopt;
  Url parts;
  parts.scheme = absl::AsciiStrToLower(Text(url.scheme()));
  parts.has_authority = url.has_authority();
  parts.has_credentials = url.has_userinfo();
  parts.host = HostOf(url);
  parts.has_port = url.has_port();
  parts.port = Text(url.port());
  parts.path = Text(url.encoded_path());
  parts.path_is_canonical = HasCanonicalPath(url);
  parts.has_query = url.has_query();
  parts.has_fragment = url.has_fragment();
  return parts;
}

std::optional<std::vector<std::pair<std::string, std::string>>> ParseUrlQuery(absl::string_view query) {
  const auto parsed = urls::parse_query({query.data(), query.size()});
  if (!parsed.has_value()) return std::nullopt;
  urls::encoding_opts form;
  form.space_as_plus = true;
  std::vector<std::pair<std::string, std::string>> params;
  for (const auto param : *parsed) params.emplace_back(param.key.decode(form), param.value.decode(form));
  return params;
}

}  // namespace tokens
