#ifndef TOKEN_SERVICE_TOKEN_LISTER_H_
#define TOKEN_SERVICE_TOKEN_LISTER_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/token_store.h"
#include "token_service/base/clock.h"

namespace tokens {

// Which part of an account's tokens to list; rules as of ListTokensRequest in token_service.proto.
struct ListOrder {
  std::string did;
  int page_size = 0;
  std::string page_token;
  enum class Show { kActiveOnly, kAll } show = Show::kActiveOnly;
};

struct TokenList {
  std::vector<storage::TokenRecord> records;  // Newest first.
  std::string next_page_token;                // Empty at the end.
  storage::AccountStatus account_status = storage::AccountStatus::kActive;
};

// The rules of ListTokens. Thread-safe; reads the store.
class TokenLister {
 public:
  // Both must outlive this.
  TokenLister(storage::TokenStore& store, Clock& clock) : store_(store), clock_(clock) {}

  // Looks at a bounded number of records, so a page may be short while there are more. INVALID_ARGUMENT naming the
  // field.
  absl::StatusOr<TokenList> List(const ListOrder& order);

 private:
  storage::TokenStore& store_;
  Clock& clock_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_TOKEN_LISTER_H_
