#include "storage/metered_store.h"

#include <type_traits>

namespace tokens::storage {

void MeteredStore::Tell(const absl::Status& status) const {
  if (status.ok() || absl::IsNotFound(status) || absl::IsInvalidArgument(status)) return;
  failed_(status.code());
}

template <typename Result>
Result MeteredStore::Told(Result result) const {
  if constexpr (std::is_same_v<Result, absl::Status>) {
    Tell(result);
  } else {
    Tell(result.status());
  }
  return result;
}

absl::StatusOr<InsertOutcome> MeteredStore::Insert(const NewToken& token) { return Told(store_->Insert(token)); }

absl::StatusOr<bool> MeteredStore::SpendSingleUseId(const std::string& did, const OneTimeKey& id, absl::Time now) {
  return Told(store_->SpendSingleUseId(did, id, now));
}

absl::StatusOr<TokenRecord> MeteredStore::Find(const TokenDigest& digest) { return Told(store_->Find(digest)); }

absl::StatusOr<TokenDigest> MeteredStore::FindById(const std::string& token_id_bytes) {
  return Told(store_->FindById(token_id_bytes));
}

absl::StatusOr<bool> MeteredStore::Revoke(const TokenDigest& digest, absl::Time at, const Actor& by) {
  return Told(store_->Revoke(digest, at, by));
}

absl::StatusOr<int> MeteredStore::RevokeAll(const std::string& did, absl::Time at, const Actor& by) {
  return Told(store_->RevokeAll(did, at, by));
}

absl::Status MeteredStore::RecordUses(const std::vector<TokenUse>& uses) { return Told(store_->RecordUses(uses)); }

absl::StatusOr<bool> MeteredStore::SetAccountStatus(const std::string& did, AccountStatus status, absl::Time at,
                                                    const Actor& by) {
  return Told(store_->SetAccountStatus(did, status, at, by));
}

absl::StatusOr<Account> MeteredStore::FindAccount(const std::string& did) { return Told(store_->FindAccount(did)); }

absl::StatusOr<ListPage> MeteredStore::List(const std::string& did, const std::optional<ListCursor>& after, int limit) {
  return Told(store_->List(did, after, limit));
}

absl::Status MeteredStore::Sweep(const SweepCutoffs& cutoffs) { return Told(store_->Sweep(cutoffs)); }

absl::StatusOr<BeginOutcome> MeteredStore::Begin(const NewSession& session) { return Told(store_->Begin(session)); }

absl::StatusOr<RotateOutcome> MeteredStore::Rotate(const Rotation& rotation) { return Told(store_->Rotate(rotation)); }

absl::StatusOr<SessionRecord> MeteredStore::FindSession(const SessionId& id) { return Told(store_->FindSession(id)); }

absl::StatusOr<bool> MeteredStore::EndSession(const SessionId& id, absl::Time at, const Actor& by) {
  return Told(store_->EndSession(id, at, by));
}

absl::Status MeteredStore::AppendAudit(const AuditEntry& entry) { return Told(store_->AppendAudit(entry)); }

absl::StatusOr<std::vector<AuditRecord>> MeteredStore::ReadAudit(uint64_t after, int limit) {
  return Told(store_->ReadAudit(after, limit));
}

absl::StatusOr<AuditHead> MeteredStore::ReadAuditHeadAt(uint64_t sequence) {
  return Told(store_->ReadAuditHeadAt(sequence));
}

absl::Status MeteredStore::WriteCheckpoint(const AuditCheckpoint& checkpoint) {
  return Told(store_->WriteCheckpoint(checkpoint));
}

absl::StatusOr<std::vector<AuditCheckpoint>> MeteredStore::ReadCheckpoints(uint64_t after, int limit) {
  return Told(store_->ReadCheckpoints(after, limit));
}

absl::StatusOr<std::unique_ptr<BackupFolder>> MeteredStore::OpenBackups(const BackupOptions& options) {
  return Told(store_->OpenBackups(options));
}

}  // namespace tokens::storage
