#include "token_service/identity/client_directory.h"

#include <chrono>
#include <utility>

#include "token_service/identity/client_id.h"
#include "token_service/identity/client_rule.h"
#include "token_service/identity/loopback_client.h"

namespace tokens {
namespace {

absl::StatusOr<ClientSummary> SummaryOf(absl::StatusOr<ClientMetadata> client) {
  if (!client.ok()) return client.status();
  return ClientSummary{client->type, std::move(client->name)};
}

}  // namespace

ClientDirectory::ClientDirectory(GetJson get, Clock& clock, const ClientDirectoryOptions& options)
    : get_(std::move(get)),
      clock_(clock),
      options_(options),
      known_(options.max_clients),
      failures_(options.max_failures) {}

absl::StatusOr<ClientSummary> ClientDirectory::Find(const std::string& client_id) {
  // What needs no fetch takes no room, either.
  if (IsLoopbackClientId(client_id)) return SummaryOf(DescribeLoopbackClient(client_id));
  if (absl::Status status = CheckDiscoverableClientId(client_id); !status.ok()) return status;
  std::shared_ptr<Flight> flight;
  {
    MutexLock lock(mutex_);
    if (std::optional<Answer> answer = AnswerCached(client_id); answer.has_value()) return *std::move(answer);
    std::shared_ptr<Flight>& under_way = flights_[client_id];
    if (under_way != nullptr) return WaitFor(std::shared_ptr<Flight>(under_way));
    under_way = std::make_shared<Flight>();
    flight = under_way;
  }
  return Fly(client_id, flight);
}

absl::StatusOr<ClientType> ClientDirectory::TypeOf(const std::string& client_id) {
  const absl::StatusOr<ClientSummary> client = Find(client_id);
  if (!client.ok()) return client.status();
  return client->type;
}

std::optional<ClientDirectory::Answer> ClientDirectory::AnswerCached(const std::string& client_id) {
  const absl::Time now = clock_.Now();
  if (const Known* known = known_.Find(client_id); known != nullptr) {
    if (absl::AbsDuration(now - known->at) < options_.fresh_for) return known->summary;
  }
  if (const Failure* failure = failures_.Find(client_id); failure != nullptr) {
    const bool rejected = !RejectingRule(failure->status).empty();
    const absl::Duration believed = rejected ? options_.rejected_for : options_.outage_for;
    if (absl::AbsDuration(now - failure->at) < believed) return failure->status;
  }
  return std::nullopt;
}

absl::StatusOr<ClientSummary> ClientDirectory::WaitFor(const std::shared_ptr<Flight>& flight) {
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(options_.longest_wait);
  while (!flight->answer.has_value()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError("another caller's look at this client takes too long");
    }
    flight->landed.WaitUntil(mutex_, deadline);
  }
  return *flight->answer;
}

absl::StatusOr<ClientSummary> ClientDirectory::Fly(const std::string& client_id,
                                                   const std::shared_ptr<Flight>& flight) {
  Answer answer = SummaryOf(ExamineClient(client_id, get_).client);
  MutexLock lock(mutex_);
  if (answer.ok()) {
    failures_.Erase(client_id);
    known_.Put(client_id, {*answer, clock_.Now()});
  } else {
    known_.Erase(client_id);
    failures_.Put(client_id, {answer.status(), clock_.Now()});
  }
  flights_.erase(client_id);
  flight->answer = answer;
  flight->landed.NotifyAll();
  return answer;
}

}  // namespace tokens
