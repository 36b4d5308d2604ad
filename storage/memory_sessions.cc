#include <algorithm>

#include "storage/memory_token_store.h"
#include "storage/session_rules.h"
#include "storage/token_audit.h"
#include "storage/token_rules.h"

namespace tokens::storage {

absl::StatusOr<BeginOutcome> MemoryTokenStore::Begin(const NewSession& session) {
  if (absl::Status bad = CheckNewSession(session); !bad.ok()) return bad;
  const SessionRecord& record = session.record;
  absl::MutexLock lock(&mutex_);
  const AccountStatus status = AccountOf(record.did).status;
  if (!MayHaveSessions(status)) return BeginOutcome{BeginOutcome::Kind::kAccountInactive, status};
  const auto live = std::count_if(sessions_.begin(), sessions_.end(), [&](const auto& id_and_session) {
    const SessionRecord& other = id_and_session.second.record;
    mutex_.AssertReaderHeld();
    return other.did == record.did && !other.ended && other.expire_time > record.create_time &&
           !Swept(id_and_session.second);
  });
  if (live >= session.max_live) return BeginOutcome{BeginOutcome::Kind::kLiveLimitReached, status};
  if (FindHeld(record.id) != nullptr) return BeginOutcome{BeginOutcome::Kind::kIdExists, status};
  sessions_[record.id] = Session{record, std::nullopt, {{session.first, Refresh{record.expire_time, std::nullopt}}}};
  Audit(SessionCreateEntry(session));
  return BeginOutcome{BeginOutcome::Kind::kBegun, status};
}

absl::StatusOr<RotateOutcome> MemoryTokenStore::Rotate(const Rotation& rotation) {
  if (absl::Status status = CheckRotation(rotation); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  RotateOutcome outcome;
  outcome.account_status = AccountOf(rotation.did).status;
  if (!MayHaveSessions(outcome.account_status)) {
    outcome.kind = RotateOutcome::Kind::kAccountInactive;
    return outcome;
  }
  Session* session = FindHeld(rotation.session);
  if (session == nullptr || session->record.ended || session->record.did != rotation.did) return outcome;
  const auto held = [&](const RefreshId& id) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) -> Refresh* {
    const auto found = session->refreshes.find(id);
    if (found == session->refreshes.end() || found->second.expire_time <= rotation.now) return nullptr;
    return found->second.expire_time < cutoffs_.tokens_ended ? nullptr : &found->second;
  };
  Refresh* current = held(rotation.current);
  if (current == nullptr) return outcome;
  if (!current->next) {
    if (session->refreshes.contains(rotation.successor)) {
      return absl::InvalidArgumentError("successor is in use in this session");
    }
    current->next = rotation.successor;
    current->expire_time = std::min(current->expire_time, rotation.now + rotation.grace);
    session->refreshes[rotation.successor] = Refresh{rotation.successor_expire_time, std::nullopt};
    session->record.expire_time = std::max(session->record.expire_time, rotation.successor_expire_time);
  }
  const Refresh* successor = held(*current->next);
  if (successor == nullptr) return outcome;
  outcome.kind = RotateOutcome::Kind::kRotated;
  outcome.successor = *current->next;
  outcome.successor_expire_time = successor->expire_time;
  return outcome;
}

absl::StatusOr<SessionRecord> MemoryTokenStore::FindSession(const SessionId& id) {
  absl::MutexLock lock(&mutex_);
  const Session* session = FindHeld(id);
  if (session == nullptr) return absl::NotFoundError("no such session");
  SessionRecord record = session->record;
  record.account_status = AccountOf(record.did).status;
  return record;
}

absl::StatusOr<bool> MemoryTokenStore::EndSession(const SessionId& id, absl::Time at, const Actor& by) {
  if (absl::Status status = CheckInstant("at", at); !status.ok()) return status;
  if (absl::Status status = CheckActor(by); !status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  Session* session = FindHeld(id);
  if (session == nullptr || session->record.ended) return false;
  session->record.ended = true;
  session->end_time = at;
  Audit(SessionDeleteEntry(session->record, at, by));
  return true;
}

MemoryTokenStore::Session* MemoryTokenStore::FindHeld(const SessionId& id) {
  const auto found = sessions_.find(id);
  return found == sessions_.end() || Swept(found->second) ? nullptr : &found->second;
}

bool MemoryTokenStore::EndSessionsOf(const std::string& did) {
  bool any = false;
  for (auto& [id, session] : sessions_) {
    if (session.record.did != did || session.record.ended || Swept(session)) continue;
    session.record.ended = true;
    any = true;
  }
  return any;
}

void MemoryTokenStore::SweepSessions() {
  for (auto session = sessions_.begin(); session != sessions_.end();) {
    session = Swept(session->second) ? sessions_.erase(session) : std::next(session);
  }
}

bool MemoryTokenStore::Swept(const Session& session) const {
  return EndOf(session.record.expire_time, session.end_time) < cutoffs_.tokens_ended;
}

}  // namespace tokens::storage
