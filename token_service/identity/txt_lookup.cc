#include "token_service/identity/txt_lookup.h"

#include <ares.h>
#include <arpa/nameser.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tokens {
namespace {

using Clock = std::chrono::steady_clock;
using Records = std::vector<std::string>;

constexpr int kTries = 3;

struct ChannelCloser {
  void operator()(ares_channel channel) const { ares_destroy(channel); }
};
using Channel = std::unique_ptr<ares_channeldata, ChannelCloser>;

struct RecordsFree {
  void operator()(ares_txt_ext* records) const { ares_free_data(records); }
};

absl::StatusOr<Records> ReadRecords(const unsigned char* message, int size) {
  ares_txt_ext* head = nullptr;
  const int code = ares_parse_txt_reply_ext(message, size, &head);
  const std::unique_ptr<ares_txt_ext, RecordsFree> owner(head);
  if (code == ARES_ENODATA) return Records();
  if (code != ARES_SUCCESS) return absl::UnavailableError(absl::StrCat("DNS: ", ares_strerror(code)));
  Records records;
  for (const ares_txt_ext* part = head; part != nullptr; part = part->next) {
    if (part->record_start != 0 || records.empty()) records.emplace_back();
    records.back().append(reinterpret_cast<const char*>(part->txt), part->length);
  }
  return records;
}

// The one question of a channel.
struct Question {
  bool answered = false;
  absl::StatusOr<Records> result = absl::DeadlineExceededError("DNS: no answer in time");

  static void OnAnswer(void* self, int code, int /*timeouts*/, unsigned char* message, int size) {
    auto& question = *static_cast<Question*>(self);
    question.answered = true;
    switch (code) {
      case ARES_SUCCESS: question.result = ReadRecords(message, size); break;
      case ARES_ENODATA:
      case ARES_ENOTFOUND:
      case ARES_EBADNAME: question.result = Records(); break;  // a name that is too long has no records either
      case ARES_ETIMEOUT:
      case ARES_ECANCELLED:
      case ARES_EDESTRUCTION: break;
      default: question.result = absl::UnavailableError(absl::StrCat("DNS: ", ares_strerror(code)));
    }
  }
};

absl::StatusOr<Channel> OpenChannel(const TxtLookupOptions& options) {
  static const int initialised = ares_library_init(ARES_LIB_INIT_ALL);
  if (initialised != ARES_SUCCESS) return absl::InternalError("c-ares does not start");
  ares_options settings = {};
  settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
  settings.tries = kTries;
  settings.timeout = std::max(1, static_cast<int>(absl::ToInt64Milliseconds(options.timeout)) / kTries);
  ares_channel opened = nullptr;
  const int code = ares_init_options(&opened, &settings, ARES_OPT_FLAGS | ARES_OPT_TRIES | ARES_OPT_TIMEOUTMS);
  Channel channel(opened);
  if (code != ARES_SUCCESS) return absl::UnavailableError(absl::StrCat("DNS: ", ares_strerror(code)));
  if (!options.servers.empty() && ares_set_servers_ports_csv(channel.get(), options.servers.c_str()) != ARES_SUCCESS) {
    return absl::InvalidArgumentError(absl::StrCat("no DNS servers: ", options.servers));
  }
  return channel;
}

// Waits for the channel's sockets, `limit` at most, and lets it do what there is to do.
void Step(ares_channel channel, std::chrono::milliseconds limit) {
  ares_socket_t sockets[ARES_GETSOCK_MAXNUM];
  pollfd waited[ARES_GETSOCK_MAXNUM];
  const int bits = ares_getsock(channel, sockets, ARES_GETSOCK_MAXNUM);
  nfds_t count = 0;
  for (int i = 0; i < ARES_GETSOCK_MAXNUM; ++i) {
    const bool reads = ARES_GETSOCK_READABLE(bits, i);
    const bool writes = ARES_GETSOCK_WRITABLE(bits, i);
    if (reads || writes)
      waited[count++] = {sockets[i], static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0)), 0};
  }
  timeval longest = {limit.count() / 1000, (limit.count() % 1000) * 1000};
  timeval chosen = {};
  const timeval* wait = ares_timeout(channel, &longest, &chosen);
  // Rounded up, or the last fraction of a millisecond would be spent in a busy loop.
  poll(waited, count, static_cast<int>(wait->tv_sec * 1000 + wait->tv_usec / 1000 + 1));
  ares_process_fd(channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);  // what has timed out
  for (nfds_t i = 0; i < count; ++i) {
    const bool readable = (waited[i].revents & (POLLIN | POLLERR | POLLHUP)) != 0;
    const bool writable = (waited[i].revents & POLLOUT) != 0;
    ares_process_fd(channel, readable ? waited[i].fd : ARES_SOCKET_BAD, writable ? waited[i].fd : ARES_SOCKET_BAD);
  }
}

}  // namespace

absl::StatusOr<Records> FindTxtRecords(const std::string& name, const TxtLookupOptions& options) {
  const auto deadline = Clock::now() + absl::ToChronoNanoseconds(options.timeout);
  Question question;  // outlives the channel, which may answer while it closes
  const absl::StatusOr<Channel> channel = OpenChannel(options);
  if (!channel.ok()) return channel.status();
  ares_query(channel->get(), name.c_str(), ns_c_in, ns_t_txt, &Question::OnAnswer, &question);
  while (!question.answered) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) break;
    Step(channel->get(), left);
  }
  return question.result;
}

}  // namespace tokens
