#include "token_service/identity/did_source.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/did.h"
#include "token_service/identity/did_folder.h"
#include "token_service/identity/did_plc.h"

namespace tokens {

absl::StatusOr<std::unique_ptr<DidSource>> DidSource::Create(const DidSourceOptions& options,
                                                             AskResolver ask_resolver) {
  DidSourceOptions checked = options;
  while (absl::EndsWith(checked.plc_url, "/")) checked.plc_url.pop_back();
  HttpsFetcherOptions fetcher_options;
  fetcher_options.ca_file = options.ca_file;
  fetcher_options.allow_insecure = options.allow_insecure;
  fetcher_options.connect_to = options.connect_to;
  auto web_fetcher = HttpsFetcher::Create(fetcher_options, ask_resolver);
  if (!web_fetcher.ok()) return web_fetcher.status();
  fetcher_options.max_fetches_per_host = fetcher_options.max_fetches;  // there is one host only
  auto plc_fetcher = HttpsFetcher::Create(fetcher_options, std::move(ask_resolver));
  if (!plc_fetcher.ok()) return plc_fetcher.status();
  if (!checked.plc_url.empty()) {
    const absl::Status usable = (*plc_fetcher)->CheckUrl(checked.plc_url);
    if (!usable.ok()) return absl::InvalidArgumentError(absl::StrCat("PLC directory: ", usable.message()));
  }
  return std::unique_ptr<DidSource>(
      new DidSource(std::move(checked), *std::move(plc_fetcher), *std::move(web_fetcher)));
}

DidSource::DidSource(DidSourceOptions options, std::unique_ptr<HttpsFetcher> plc_fetcher,
                     std::unique_ptr<HttpsFetcher> web_fetcher)
    : options_(std::move(options)), plc_fetcher_(std::move(plc_fetcher)), web_fetcher_(std::move(web_fetcher)) {}

absl::StatusOr<std::string> DidSource::Fetch(const std::string& did) {
  if (!IsAtprotoDid(did)) return absl::NotFoundError("not the DID of an atproto account");
  if (!options_.folder.empty()) {
    absl::StatusOr<std::string> document = ReadDidFolder(options_.folder, did);
    if (!absl::IsNotFound(document.status())) return document;
  }
  if (absl::StartsWith(did, "did:web:")) {
    return FetchWebDocument(*web_fetcher_, did, options_.allow_insecure ? WebHosts::kDevelopment : WebHosts::kPublic);
  }
  if (options_.plc_url.empty()) return absl::NotFoundError(absl::StrCat("no document for ", did));
  return FetchPlcDocument(*plc_fetcher_, options_.plc_url, did);
}

}  // namespace tokens
