#ifndef STORAGE_TOKEN_AUDIT_H_
#define STORAGE_TOKEN_AUDIT_H_

#include <string>

#include "storage/audit_entry.h"
#include "storage/session_store.h"
#include "storage/token_store.h"

namespace tokens::storage {

// What the writes to a store leave in the audit, so that all backends leave the same. Pure functions.
AuditEntry MintEntry(const NewToken& token);
AuditEntry RevokeEntry(const TokenRecord& record, absl::Time at, const Actor& by);
AuditEntry RevokeAllEntry(const std::string& did, int ended, absl::Time at, const Actor& by);
AuditEntry SessionCreateEntry(const NewSession& session);
AuditEntry SessionDeleteEntry(const SessionRecord& session, absl::Time at, const Actor& by);
AuditEntry StatusEntry(const std::string& did, AccountStatus status, absl::Time at, const Actor& by);

}  // namespace tokens::storage

#endif  // STORAGE_TOKEN_AUDIT_H_
