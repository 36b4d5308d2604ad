#include "token_service/base/nsid.h"

#include "token_service/base/dns_label.h"

namespace tokens {
namespace {

// For the whole. No limit of 253 on the domain alone: the interop vectors hold a valid NSID with a longer one.
constexpr size_t kMaxNsidBytes = 317;

}  // namespace

// A domain name written backwards, then a name: com.example.fooBar.
bool IsValidNsid(absl::string_view text) {
  if (text.size() > kMaxNsidBytes) return false;
  const size_t last_dot = text.rfind('.');
  if (last_dot == absl::string_view::npos) return false;
  const absl::string_view name = text.substr(last_dot + 1);
  if (!IsAlphaDnsLabel(name) || name.find('-') != absl::string_view::npos) return false;

  absl::string_view authority = text.substr(0, last_dot);
  size_t dot = authority.find('.');
  if (dot == absl::string_view::npos || !IsAlphaDnsLabel(authority.substr(0, dot))) return false;
  while (dot != absl::string_view::npos) {
    authority.remove_prefix(dot + 1);
    dot = authority.find('.');
    if (!IsDnsLabel(authority.substr(0, dot))) return false;
  }
  return true;
}

}  // namespace tokens
