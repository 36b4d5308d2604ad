#ifndef STORAGE_STORE_H_
#define STORAGE_STORE_H_

#include "storage/audit_log.h"
#include "storage/session_store.h"
#include "storage/store_stats.h"
#include "storage/token_store.h"

namespace tokens::storage {

// All that a backend keeps. Whoever uses it names the part it needs.
class Store : public TokenStore, public SessionStore, public AuditLog, public StatsSource {};

}  // namespace tokens::storage

#endif  // STORAGE_STORE_H_
