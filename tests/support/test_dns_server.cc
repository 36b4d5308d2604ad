#include "tests/support/test_dns_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tokens::testing {
namespace {

constexpr size_t kHeaderBytes = 12;
constexpr size_t kTypeAndClassBytes = 4;

void Must(bool done, const char* what) {
  if (done) return;
  std::perror(what);
  std::abort();
}

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

std::string Int16(size_t value) { return {static_cast<char>(value >> 8), static_cast<char>(value & 0xff)}; }

// The name in a question, "a.b.c"; moves `offset` behind it.
std::string ReadName(absl::string_view message, size_t* offset) {
  std::string name;
  while (*offset < message.size()) {
    const size_t length = static_cast<unsigned char>(message[(*offset)++]);
    if (length == 0) break;
    absl::StrAppend(&name, name.empty() ? "" : ".", message.substr(*offset, length));
    *offset += length;
  }
  return name;
}

std::string TxtRecord(const TxtStrings& strings) {
  std::string data;
  for (const std::string& one : strings) {
    data.push_back(static_cast<char>(one.size()));
    data += one;
  }
  // The question's name by reference, TXT, IN, 60 s.
  return absl::StrCat("\xc0\x0c", Int16(16), Int16(1), Int16(0), Int16(60), Int16(data.size()), data);
}

}  // namespace

TestDnsServer::TestDnsServer() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof address;
  Must(bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0, "bind");
  Must(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0, "getsockname");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

TestDnsServer::~TestDnsServer() {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  const sockaddr_in self = Loopback(port_);
  sendto(socket_, "", 0, 0, reinterpret_cast<const sockaddr*>(&self), sizeof self);  // wakes it
  thread_.join();
  close(socket_);
}

std::string TestDnsServer::address() const { return absl::StrCat("127.0.0.1:", port_); }

void TestDnsServer::Set(const std::string& name, DnsAnswer answer) {
  const MutexLock lock(mutex_);
  answers_[name] = std::move(answer);
}

int TestDnsServer::Questions(const std::string& name) const {
  const MutexLock lock(mutex_);
  const auto found = questions_.find(name);
  return found == questions_.end() ? 0 : found->second;
}

void TestDnsServer::Serve() {
  while (true) {
    char buffer[4096];
    sockaddr_in client = {};
    socklen_t size = sizeof client;
    const ssize_t got = recvfrom(socket_, buffer, sizeof buffer, 0, reinterpret_cast<sockaddr*>(&client), &size);
    {
      const MutexLock lock(mutex_);
      if (stopped_) return;
    }
    if (got < static_cast<ssize_t>(kHeaderBytes)) continue;
    const std::string reply = Reply({buffer, static_cast<size_t>(got)});
    if (!reply.empty()) sendto(socket_, reply.data(), reply.size(), 0, reinterpret_cast<sockaddr*>(&client), size);
  }
}

std::string TestDnsServer::Reply(absl::string_view question) {
  size_t end = kHeaderBytes;
  const std::string name = ReadName(question, &end);
  end += kTypeAndClassBytes;
  const MutexLock lock(mutex_);
  ++questions_[name];
  const auto found = answers_.find(name);
  const DnsAnswer answer = found == answers_.end() ? DnsAnswer{.rcode = 3, .records = {}} : found->second;
  if (answer.silent) return "";
  std::string reply =
      absl::StrCat(question.substr(0, 2), Int16(0x8180 | static_cast<size_t>(answer.rcode)), Int16(1),
                   Int16(answer.records.size()), Int16(0), Int16(0), question.substr(kHeaderBytes, end - kHeaderBytes));
  for (const TxtStrings& strings : answer.records) reply += TxtRecord(strings);
  return reply;
}

}  // namespace tokens::testing
