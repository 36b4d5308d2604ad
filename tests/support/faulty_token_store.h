#ifndef TESTS_SUPPORT_FAULTY_TOKEN_STORE_H_
#define TESTS_SUPPORT_FAULTY_TOKEN_STORE_H_

#include <map>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "storage/token_store.h"

namespace tokens::testing {

// A TokenStore that fails the calls it is told to fail, before they reach the store behind it, and passes on the
// others. Thread-safe. The store behind it must outlive it.
class FaultyTokenStore : public storage::TokenStore {
 public:
  enum class Call {
    kInsert,
    kFind,
    kFindById,
    kRevoke,
    kRevokeAll,
    kRecordUses,
    kSetAccountStatus,
    kFindAccount,
    kList,
    kSweep
  };

  explicit FaultyTokenStore(storage::TokenStore& store) : store_(store) {}

  // From now on `call` returns `status`; an OK status ends that.
  void Fail(Call call, const absl::Status& status) {
    absl::MutexLock lock(&mutex_);
    faults_[call] = status;
  }
  void FailEverything(const absl::Status& status) {
    for (const Call call :
         {Call::kInsert, Call::kFind, Call::kFindById, Call::kRevoke, Call::kRevokeAll, Call::kRecordUses,
          Call::kSetAccountStatus, Call::kFindAccount, Call::kList, Call::kSweep}) {
      Fail(call, status);
    }
  }

  absl::StatusOr<storage::InsertOutcome> Insert(const storage::NewToken& token) override {
    if (absl::Status fault = Fault(Call::kInsert); !fault.ok()) return fault;
    return store_.Insert(token);
  }
  absl::StatusOr<storage::TokenRecord> Find(const storage::TokenDigest& digest) override {
    if (absl::Status fault = Fault(Call::kFind); !fault.ok()) return fault;
    return store_.Find(digest);
  }
  absl::StatusOr<storage::TokenDigest> FindById(const std::string& token_id_bytes) override {
    if (absl::Status fault = Fault(Call::kFindById); !fault.ok()) return fault;
    return store_.FindById(token_id_bytes);
  }
  absl::StatusOr<bool> Revoke(const storage::TokenDigest& digest, absl::Time at, const storage::Actor& by) override {
    if (absl::Status fault = Fault(Call::kRevoke); !fault.ok()) return fault;
    return store_.Revoke(digest, at, by);
  }
  absl::StatusOr<int> RevokeAll(const std::string& did, absl::Time at, const storage::Actor& by) override {
    if (absl::Status fault = Fault(Call::kRevokeAll); !fault.ok()) return fault;
    return store_.RevokeAll(did, at, by);
  }
  absl::Status RecordUses(const std::vector<storage::TokenUse>& uses) override {
    if (absl::Status fault = Fault(Call::kRecordUses); !fault.ok()) return fault;
    return store_.RecordUses(uses);
  }

  absl::StatusOr<bool> SetAccountStatus(const std::string& did, storage::AccountStatus status, absl::Time at,
                                        const storage::Actor& by) override {
    if (absl::Status fault = Fault(Call::kSetAccountStatus); !fault.ok()) return fault;
    return store_.SetAccountStatus(did, status, at, by);
  }
  absl::StatusOr<storage::Account> FindAccount(const std::string& did) override {
    if (absl::Status fault = Fault(Call::kFindAccount); !fault.ok()) return fault;
    return store_.FindAccount(did);
  }
  absl::StatusOr<storage::ListPage> List(const std::string& did, const std::optional<storage::ListCursor>& after,
                                         int limit) override {
    if (absl::Status fault = Fault(Call::kList); !fault.ok()) return fault;
    return store_.List(did, after, limit);
  }
  absl::Status Sweep(const storage::SweepCutoffs& cutoffs) override {
    if (absl::Status fault = Fault(Call::kSweep); !fault.ok()) return fault;
    return store_.Sweep(cutoffs);
  }

 private:
  absl::Status Fault(Call call) {
    absl::MutexLock lock(&mutex_);
    const auto fault = faults_.find(call);
    return fault == faults_.end() ? absl::OkStatus() : fault->second;
  }

  storage::TokenStore& store_;
  absl::Mutex mutex_;
  std::map<Call, absl::Status> faults_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_FAULTY_TOKEN_STORE_H_
