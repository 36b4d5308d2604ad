#include "token_service/token_lister.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "token_service/base/did.h"
#include "token_service/base/status_details.h"

namespace tokens {
namespace {

constexpr int kDefaultPageSize = 50;
constexpr int kMaxPageSize = 100;
constexpr int kMaxRecordsRead = 500;  // per call, however many are inactive

// Opaque to callers: "<issue time in microseconds>.<digest>", web-safe base64.
std::string WritePageToken(const storage::ListCursor& cursor) {
  return absl::WebSafeBase64Escape(absl::StrCat(absl::ToUnixMicros(cursor.issue_time), ".", cursor.digest.bytes()));
}

std::optional<storage::ListCursor> ReadPageToken(absl::string_view text) {
  std::string bytes;
  int64_t micros = 0;
  if (text.size() > 128 || !absl::WebSafeBase64Unescape(text, &bytes)) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(bytes, absl::MaxSplits('.', 1));
  const auto digest = storage::TokenDigest::FromBytes(parts.second);
  if (!digest.has_value() || !absl::SimpleAtoi(parts.first, &micros)) return std::nullopt;
  return storage::ListCursor{absl::FromUnixMicros(micros), *digest};
}

}  // namespace

absl::StatusOr<TokenList> TokenLister::List(const ListOrder& order) {
  if (!IsAtprotoDid(order.did)) return InvalidField("did", "must be a did:plc or did:web");
  if (order.page_size < 0) return InvalidField("page_size", "must not be negative");
  std::optional<storage::ListCursor> after;
  if (!order.page_token.empty()) {
    after = ReadPageToken(order.page_token);
    if (!after.has_value()) return InvalidField("page_token", "is not one of ours");
  }
  const size_t size = order.page_size == 0 ? kDefaultPageSize : std::min(order.page_size, kMaxPageSize);
  const absl::Time now = clock_.Now();
  const absl::StatusOr<storage::Account> account = store_.FindAccount(order.did);
  if (!account.ok()) return account.status();
  TokenList list;
  list.account_status = account->status;
  for (int read = 0; read < kMaxRecordsRead && list.records.size() < size;) {
    const int wanted = static_cast<int>(size - list.records.size());
    absl::StatusOr<storage::ListPage> page = store_.List(order.did, after, wanted);
    if (!page.ok()) return page.status();
    for (storage::TokenRecord& record : page->records) {
      const bool active = !record.revoke_time.has_value() && now < record.expire_time;
      if (active || order.show == ListOrder::Show::kAll) list.records.push_back(std::move(record));
    }
    after = page->next;
    if (!after.has_value()) return list;
    read += wanted;
  }
  list.next_page_token = WritePageToken(*after);
  return list;
}

}  // namespace tokens
