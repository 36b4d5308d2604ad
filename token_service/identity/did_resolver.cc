#include "token_service/identity/did_resolver.h"

#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "token_service/base/did.h"
#include "token_service/base/log.h"

namespace tokens {
namespace {

absl::Status NoSuchDid(const std::string& did) { return absl::NotFoundError(absl::StrCat("no such DID: ", did)); }

absl::Duration Age(absl::Time since, absl::Time now) { return absl::AbsDuration(now - since); }

}  // namespace

DidResolver::DidResolver(FetchDid fetch, Clock& clock, const DidResolverOptions& options)
    : fetch_(std::move(fetch)),
      clock_(clock),
      options_(options),
      known_(options.max_documents),
      absent_(options.max_absent),
      forced_(options.forced_per_second, options.forced_burst) {}

absl::StatusOr<DidDocument> DidResolver::Resolve(const std::string& did, Freshness freshness) {
  DidOutcome outcome = DidOutcome::kFetched;
  Answer answer = Find(did, freshness, &outcome);
  if (!answer.ok()) outcome = absl::IsNotFound(answer.status()) ? DidOutcome::kAbsent : DidOutcome::kFailed;
  options_.resolved(outcome);
  return answer;
}

absl::StatusOr<DidDocument> DidResolver::Find(const std::string& did, Freshness freshness, DidOutcome* outcome) {
  if (!IsAtprotoDid(did)) return absl::NotFoundError("not the DID of an atproto account");
  std::shared_ptr<Flight> flight;
  {
    MutexLock lock(mutex_);
    const absl::Time now = clock_.Now();
    std::optional<Answer> answer = freshness == Freshness::kForced ? AnswerForced(did, now) : AnswerCached(did, now);
    if (answer.has_value()) {
      *outcome = IsStale(did, now) ? DidOutcome::kStale : DidOutcome::kFresh;
      return *std::move(answer);
    }
    std::shared_ptr<Flight>& under_way = flights_[did];
    if (under_way != nullptr) return WaitFor(std::shared_ptr<Flight>(under_way));
    under_way = std::make_shared<Flight>();
    flight = under_way;
  }
  return Fly(did, flight);
}

std::optional<DidResolver::Answer> DidResolver::AnswerCached(const std::string& did, absl::Time now) {
  if (const absl::Time* absent_at = absent_.Find(did); absent_at != nullptr) {
    if (Age(*absent_at, now) < options_.absent_for) return NoSuchDid(did);
    return std::nullopt;
  }
  Known* known = known_.Find(did);
  if (known == nullptr || Age(known->fetched_at, now) >= options_.usable_for) return std::nullopt;
  if (Age(known->fetched_at, now) >= options_.fresh_for) QueueRefresh(did, *known, now);
  return known->document;
}

bool DidResolver::IsStale(const std::string& did, absl::Time now) {
  const Known* known = known_.Find(did);
  return known != nullptr && Age(known->fetched_at, now) >= options_.fresh_for;
}

std::optional<DidResolver::Answer> DidResolver::AnswerForced(const std::string& did, absl::Time now) {
  if (flights_.contains(did)) return std::nullopt;
  if (const absl::Time* absent_at = absent_.Find(did); absent_at != nullptr) {
    if (Age(*absent_at, now) < options_.refetch_interval) return NoSuchDid(did);
  }
  const Known* known = known_.Find(did);
  if (known != nullptr && Age(known->tried_at, now) < options_.refetch_interval) {
    if (!known->last_try.ok()) return known->last_try;
    return known->document;
  }
  // The old document cannot answer here: the caller has seen that it does not fit, and "no" would be a guess.
  if (!forced_.Take(now)) return absl::UnavailableError("too many forced DID look-ups");
  return std::nullopt;
}

void DidResolver::QueueRefresh(const std::string& did, Known& known, absl::Time now) {
  if (known.queued || Age(known.tried_at, now) < options_.refetch_interval) return;
  if (flights_.contains(did) || queue_.size() >= options_.max_queued) return;
  known.queued = true;
  queue_.push_back(did);
  queue_changed_.NotifyOne();
}

absl::StatusOr<DidDocument> DidResolver::WaitFor(const std::shared_ptr<Flight>& flight) {
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.longest_wait);
  while (!flight->result.has_value()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError("the DID look-up of another caller takes too long");
    }
    flight->landed.WaitUntil(mutex_, deadline);
  }
  return *flight->result;
}

absl::StatusOr<DidDocument> DidResolver::Fly(const std::string& did, const std::shared_ptr<Flight>& flight) {
  Answer answer = FetchAndParse(did);
  MutexLock lock(mutex_);
  Remember(did, answer, clock_.Now());
  flights_.erase(did);
  flight->result = answer;
  flight->landed.NotifyAll();
  return answer;
}

absl::StatusOr<DidDocument> DidResolver::FetchAndParse(const std::string& did) const {
  const absl::StatusOr<std::string> json = fetch_(did);
  if (absl::IsNotFound(json.status()) || absl::IsDeadlineExceeded(json.status())) return json.status();
  if (!json.ok()) return absl::UnavailableError(json.status().message());
  Answer document = ParseDidDocument(did, *json);
  if (!document.ok()) {
    return absl::NotFoundError(absl::StrCat("useless document for ", did, ": ", document.status().message()));
  }
  return document;
}

void DidResolver::Remember(const std::string& did, const Answer& answer, absl::Time now) {
  if (answer.ok()) {
    absent_.Erase(did);
    known_.Put(did, Known{*answer, now, now, absl::OkStatus()});
  } else if (absl::IsNotFound(answer.status())) {
    known_.Erase(did);
    absent_.Put(did, now);
  } else if (Known* known = known_.Find(did); known != nullptr) {
    known->tried_at = now;
    known->last_try = answer.status();
  }
}

std::optional<std::string> DidResolver::NextQueued() {
  if (queue_.empty()) return std::nullopt;
  std::string did = std::move(queue_.front());
  queue_.pop_front();
  return did;
}

bool DidResolver::Refresh(const std::string& did) {
  const auto flight = std::make_shared<Flight>();
  {
    MutexLock lock(mutex_);
    if (Known* known = known_.Find(did); known != nullptr) known->queued = false;
    if (!flights_.emplace(did, flight).second) return false;  // somebody who could not wait is fetching it already
  }
  const Answer answer = Fly(did, flight);
  if (!answer.ok()) {
    LogFields fields;
    fields.did = did;
    fields.detail = answer.status().message();
    Log(LogLevel::kWarning, "did_refresh_failed", fields);
  }
  return true;
}

int DidResolver::RefreshQueued() {
  int fetches = 0;
  while (true) {
    std::optional<std::string> did;
    {
      MutexLock lock(mutex_);
      did = NextQueued();
    }
    if (!did.has_value()) return fetches;
    if (Refresh(*did)) ++fetches;
  }
}

void DidResolver::RefreshUntilStopped() {
  while (true) {
    std::optional<std::string> did;
    {
      MutexLock lock(mutex_);
      while (!stopped_ && queue_.empty()) queue_changed_.Wait(mutex_);
      if (stopped_) return;
      did = NextQueued();
    }
    Refresh(*did);
  }
}

void DidResolver::Stop() {
  MutexLock lock(mutex_);
  stopped_ = true;
  queue_changed_.NotifyAll();
}

}  // namespace tokens
