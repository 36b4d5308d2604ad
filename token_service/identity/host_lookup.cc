#include "token_service/identity/host_lookup.h"

#include <netdb.h>
#include <sys/socket.h>

#include <chrono>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "token_service/base/mutex.h"

namespace tokens {
namespace {

// One question and, in time or not, its answer.
struct Question {
  Mutex mutex;
  CondVar answered;
  std::optional<ResolverAnswer> answer ABSL_GUARDED_BY(mutex);
};

absl::StatusOr<std::vector<std::string>> Judge(const std::string& host, ResolverAnswer answer) {
  switch (answer.error) {
    case 0: break;
    case EAI_NONAME:
    case EAI_NODATA: return absl::NotFoundError(absl::StrCat("no such host: ", host));
    default: return absl::UnavailableError(absl::StrCat("cannot look up ", host, ": ", gai_strerror(answer.error)));
  }
  if (answer.addresses.empty()) return absl::NotFoundError(absl::StrCat("no address: ", host));
  return std::move(answer.addresses);
}

}  // namespace

ResolverAnswer AskSystemResolver(const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  ResolverAnswer answer;
  answer.error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (answer.error != 0) return answer;
  for (const addrinfo* item = list; item != nullptr; item = item->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(item->ai_addr, item->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) {
      answer.addresses.emplace_back(text);
    }
  }
  freeaddrinfo(list);
  return answer;
}

struct HostLookup::Questions {
  Mutex mutex;
  int count ABSL_GUARDED_BY(mutex) = 0;
};

HostLookup::HostLookup(AskResolver ask, int limit)
    : ask_(std::move(ask)), limit_(limit), open_(std::make_shared<Questions>()) {}

absl::StatusOr<std::vector<std::string>> HostLookup::Find(const std::string& host, absl::Duration timeout) {
  const auto deadline = std::chrono::steady_clock::now() + absl::ToChronoNanoseconds(timeout);
  {
    MutexLock lock(open_->mutex);
    if (open_->count >= limit_) return absl::UnavailableError("too many host names are being looked up");
    ++open_->count;
  }
  const auto question = std::make_shared<Question>();
  const auto put = [question, open = open_, ask = ask_, host] {
    ResolverAnswer answer = ask(host);
    {
      MutexLock lock(open->mutex);
      --open->count;
    }
    MutexLock lock(question->mutex);
    question->answer = std::move(answer);
    question->answered.NotifyOne();
  };
  try {
    std::thread(put).detach();
  } catch (const std::system_error&) {
    MutexLock lock(open_->mutex);
    --open_->count;
    return absl::UnavailableError("no thread for a host name look-up");
  }
  MutexLock lock(question->mutex);
  while (!question->answer.has_value()) {
    if (std::chrono::steady_clock::now() >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat("name look-up of ", host, " took too long"));
    }
    question->answered.WaitUntil(question->mutex, deadline);
  }
  return Judge(host, *std::move(question->answer));
}

}  // namespace tokens
