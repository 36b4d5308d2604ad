#include "token_service/identity/https_fetcher.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <chrono>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "token_service/identity/address_guard.h"

namespace tokens {
namespace {

constexpr size_t kIdleHandles = 16;
constexpr char kUserAgent[] = "didpic-xrpc-shim/" TOKENS_VERSION;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using UrlHandle = std::unique_ptr<CURLU, Freer<curl_url_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, Freer<curl_slist_free_all>>;

std::string UrlPart(CURLU* url, CURLUPart part, unsigned int flags) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  const std::unique_ptr<char, Freer<curl_free>> owner(text);
  return text;
}

bool IsNumericAddress(const std::string& host) {
  unsigned char buffer[sizeof(in6_addr)];
  return absl::StartsWith(host, "[") || inet_pton(AF_INET, host.c_str(), buffer) == 1;
}

void Append(CurlList& list, const std::string& text) { list.reset(curl_slist_append(list.release(), text.c_str())); }

// Addresses as CURLOPT_RESOLVE wants them.
std::string JoinAddresses(const std::vector<std::string>& addresses) {
  return absl::StrJoin(addresses, ",", [](std::string* out, const std::string& address) {
    const bool v6 = absl::StrContains(address, ":");
    absl::StrAppend(out, v6 ? "[" : "", address, v6 ? "]" : "");
  });
}

// Sets options and keeps the first error.
class EasyOptions {
 public:
  explicit EasyOptions(CURL* handle) : handle_(handle) {}
  template <typename T>
  void operator()(CURLoption option, T value) {
    if (error_ == CURLE_OK) error_ = (curl_easy_setopt)(handle_, option, value);
  }
  CURLcode error() const { return error_; }

 private:
  CURL* handle_;
  CURLcode error_ = CURLE_OK;
};

// What holds for every fetch.
void SetRules(EasyOptions& set, const HttpsFetcherOptions& options) {
  set(CURLOPT_PROTOCOLS_STR, options.allow_insecure ? "https,http" : "https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, kUserAgent);
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // should libcurl ever look a name up itself, it must not wait for that past the timeout
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(absl::ToInt64Milliseconds(options.connect_timeout)));
  set(CURLOPT_MAXCONNECTS, 1L);
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  set(CURLOPT_SSL_VERIFYPEER, 1L);
  set(CURLOPT_SSL_VERIFYHOST, 2L);
  if (!options.ca_file.empty()) set(CURLOPT_CAINFO, options.ca_file.c_str());
  set(CURLOPT_CAPATH, static_cast<char*>(nullptr));  // one source of trust; with a folder nothing would be cached
}

}  // namespace

// Where one fetch goes.
struct HttpsFetcher::Target {
  std::string url;
  std::string host;
  std::string dialled_host;  // Another one than `host` where connect_to says so.
  std::string dialled_port;
  std::vector<std::string> addresses;  // Of dialled_host; empty if that is an address itself.
};

// What libcurl's callbacks share with the one who started it.
struct HttpsFetcher::Transfer {
  explicit Transfer(const HttpsFetcherOptions& rules) : options(rules) {}

  const HttpsFetcherOptions& options;
  HttpReply reply;
  size_t header_bytes = 0;
  bool too_big = false;
  int addresses_dialled = 0;
  int addresses_refused = 0;

  bool MayDial(const sockaddr& address) const {
    return IsGlobalUnicast(address) || (options.allow_insecure && IsLoopback(address));
  }

  static curl_socket_t OpenSocket(void* self, curlsocktype, curl_sockaddr* address) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (!transfer.MayDial(address->addr)) {
      ++transfer.addresses_refused;
      return CURL_SOCKET_BAD;
    }
    ++transfer.addresses_dialled;
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
  }

  static size_t OnHeader(char*, size_t, size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.header_bytes += size;
    transfer.too_big |= transfer.header_bytes > transfer.options.max_header_bytes;
    return transfer.too_big ? 0 : size;
  }

  static size_t OnBody(char* data, size_t, size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    transfer.too_big |= size > transfer.options.max_body_bytes - transfer.reply.body.size();
    if (transfer.too_big) return 0;
    transfer.reply.body.append(data, size);
    return size;
  }

  absl::Status Failure(CURLcode code, const std::string& host) const {
    if (code == CURLE_OPERATION_TIMEDOUT) return absl::DeadlineExceededError(absl::StrCat(host, " is too slow"));
    if (too_big) return absl::UnavailableError(absl::StrCat("reply of ", host, " is too big"));
    if (addresses_refused > 0 && addresses_dialled == 0) {
      return absl::PermissionDeniedError(absl::StrCat(host, " is not at a public address"));
    }
    return absl::UnavailableError(absl::StrCat("cannot fetch from ", host, ": ", curl_easy_strerror(code)));
  }
};

void HttpsFetcher::CurlCloser::operator()(void* handle) const { curl_easy_cleanup(handle); }

absl::StatusOr<std::unique_ptr<HttpsFetcher>> HttpsFetcher::Create(HttpsFetcherOptions options,
                                                                   AskResolver ask_resolver) {
  if (!options.connect_to.empty() && !options.allow_insecure) {
    return absl::InvalidArgumentError("connect_to is for development: it needs allow_insecure");
  }
  if (options.timeout <= absl::ZeroDuration() || options.connect_timeout <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("a fetch needs some time");
  }
  static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (initialised != CURLE_OK) return absl::InternalError("libcurl does not start");
  return std::unique_ptr<HttpsFetcher>(new HttpsFetcher(std::move(options), std::move(ask_resolver)));
}

HttpsFetcher::HttpsFetcher(HttpsFetcherOptions options, AskResolver ask_resolver)
    : options_(std::move(options)),
      gate_(options_.max_fetches, options_.max_fetches_per_host),
      lookup_(std::move(ask_resolver), options_.max_fetches) {}

HttpsFetcher::~HttpsFetcher() = default;

absl::StatusOr<HttpReply> HttpsFetcher::Get(const std::string& url, const std::string& accept) {
  const auto start = std::chrono::steady_clock::now();
  absl::StatusOr<Target> target = ParseTarget(url);
  if (!target.ok()) return target.status();
  const std::optional<FetchGate::Pass> pass = gate_.Enter(target->host);
  if (!pass.has_value()) {
    return absl::UnavailableError(absl::StrCat("too many fetches under way; one for ", target->host));
  }
  if (!IsNumericAddress(target->dialled_host)) {
    absl::StatusOr<std::vector<std::string>> addresses = lookup_.Find(target->dialled_host, options_.timeout);
    if (!addresses.ok()) return addresses.status();
    target->addresses = *std::move(addresses);
  }
  const absl::Duration spent = absl::FromChrono(std::chrono::steady_clock::now() - start);
  return Perform(*target, accept, options_.timeout - spent);
}

absl::Status HttpsFetcher::CheckUrl(const std::string& url) const { return ParseTarget(url).status(); }

absl::StatusOr<HttpsFetcher::Target> HttpsFetcher::ParseTarget(const std::string& url) const {
  const UrlHandle parsed(curl_url());
  if (parsed == nullptr || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK) {
    return absl::InvalidArgumentError("not an absolute URL");
  }
  const std::string scheme = UrlPart(parsed.get(), CURLUPART_SCHEME, 0);
  if (scheme != "https" && !(scheme == "http" && options_.allow_insecure)) {
    return absl::InvalidArgumentError("URL is not https");
  }
  if (!UrlPart(parsed.get(), CURLUPART_USER, 0).empty() || !UrlPart(parsed.get(), CURLUPART_PASSWORD, 0).empty()) {
    return absl::InvalidArgumentError("URL holds credentials");
  }
  Target target;
  target.url = url;
  target.host = UrlPart(parsed.get(), CURLUPART_HOST, 0);
  target.dialled_host = target.host;
  target.dialled_port = UrlPart(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  const std::string asked = absl::StrCat(target.host, ":", target.dialled_port, ":");
  for (absl::string_view rule : options_.connect_to) {
    if (!absl::ConsumePrefix(&rule, asked)) continue;
    const size_t colon = rule.rfind(':');
    target.dialled_host = std::string(rule.substr(0, colon));
    target.dialled_port = colon == absl::string_view::npos ? "" : std::string(rule.substr(colon + 1));
    break;
  }
  return target;
}

absl::StatusOr<HttpReply> HttpsFetcher::Perform(const Target& target, const std::string& accept,
                                                absl::Duration timeout) {
  const auto timeout_ms = static_cast<long>(absl::ToInt64Milliseconds(timeout));
  if (timeout_ms <= 0) return absl::DeadlineExceededError(absl::StrCat(target.host, " is too slow"));
  CurlHandle handle = TakeHandle();
  if (handle == nullptr) return absl::UnavailableError("libcurl has no handle");
  CurlList resolve, connect_to, headers;
  if (!target.addresses.empty()) {
    // "+": the handle, which is kept, forgets the name after a while.
    Append(resolve,
           absl::StrCat("+", target.dialled_host, ":", target.dialled_port, ":", JoinAddresses(target.addresses)));
  }
  for (const std::string& rule : options_.connect_to) Append(connect_to, rule);
  Append(headers, absl::StrCat("Accept: ", accept));
  Transfer transfer(options_);
  EasyOptions set(handle.get());
  SetRules(set, options_);
  set(CURLOPT_URL, target.url.c_str());
  set(CURLOPT_HTTPHEADER, headers.get());
  set(CURLOPT_RESOLVE, resolve.get());
  set(CURLOPT_CONNECT_TO, connect_to.get());
  set(CURLOPT_TIMEOUT_MS, timeout_ms);
  set(CURLOPT_OPENSOCKETFUNCTION, &Transfer::OpenSocket);
  set(CURLOPT_OPENSOCKETDATA, &transfer);
  set(CURLOPT_HEADERFUNCTION, &Transfer::OnHeader);
  set(CURLOPT_HEADERDATA, &transfer);
  set(CURLOPT_WRITEFUNCTION, &Transfer::OnBody);
  set(CURLOPT_WRITEDATA, &transfer);
  if (set.error() != CURLE_OK) {
    return absl::InternalError(absl::StrCat("libcurl option: ", curl_easy_strerror(set.error())));
  }

  const CURLcode code = curl_easy_perform(handle.get());
  if (code != CURLE_OK) return transfer.Failure(code, target.host);
  long status = 0;
  char* content_type = nullptr;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle.get(), CURLINFO_CONTENT_TYPE, &content_type);
  if (status >= 300 && status < 400) return absl::UnavailableError(absl::StrCat(target.host, " redirects"));
  transfer.reply.http_status = static_cast<int>(status);
  if (content_type != nullptr) transfer.reply.content_type = content_type;
  KeepHandle(std::move(handle));
  return std::move(transfer.reply);
}

HttpsFetcher::CurlHandle HttpsFetcher::TakeHandle() {
  MutexLock lock(mutex_);
  if (idle_.empty()) return CurlHandle(curl_easy_init());
  CurlHandle handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

void HttpsFetcher::KeepHandle(CurlHandle handle) {
  curl_easy_reset(handle.get());  // keeps the connection, forgets the options and the pointers in them
  MutexLock lock(mutex_);
  if (idle_.size() < kIdleHandles) idle_.push_back(std::move(handle));
}

}  // namespace tokens
