#ifndef TESTS_SUPPORT_TEST_DNS_SERVER_H_
#define TESTS_SUPPORT_TEST_DNS_SERVER_H_

#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "token_service/base/mutex.h"

namespace tokens::testing {

// The strings of one TXT record.
using TxtStrings = std::vector<std::string>;

// What a name server says about one name.
struct DnsAnswer {
  int rcode = 0;  // RFC 1035 §4.1.1: 0 no error, 2 server failure, 3 no such name.
  std::vector<TxtStrings> records;
  bool silent = false;  // Says nothing at all.
};

// A name server for TXT records on 127.0.0.1 and a free UDP port. Names it was not told of do not exist. Thread-safe.
class TestDnsServer {
 public:
  TestDnsServer();
  ~TestDnsServer();

  // "127.0.0.1:PORT".
  std::string address() const;
  void Set(const std::string& name, DnsAnswer answer);
  // Questions for `name` so far.
  int Questions(const std::string& name) const;

 private:
  void Serve();
  // The reply to a question; empty for none.
  std::string Reply(absl::string_view question);

  int socket_ = -1;
  int port_ = 0;
  mutable Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::map<std::string, DnsAnswer> answers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int> questions_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_TEST_DNS_SERVER_H_
