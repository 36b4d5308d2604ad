#ifndef TESTS_SUPPORT_TEST_LISTENER_CERTIFICATE_H_
#define TESTS_SUPPORT_TEST_LISTENER_CERTIFICATE_H_

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "tests/support/temp_directory.h"
#include "tests/support/test_authority.h"
#include "xrpc_shim/listener_certificate.h"

namespace tokens::testing {

// A certificate for an HTTPS listener called "localhost", its key, and the files they are in.
class TestListenerCertificate {
 public:
  TestListenerCertificate() {
    Replace();
    auto opened =
        xrpc::ListenerCertificate::Open(chain_path(), key_path(),
                                        {[this](const std::string& which, absl::Time end) { in_use_[which] = end; },
                                         [this](const absl::Status& outcome) { outcomes_.push_back(outcome.code()); }});
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", opened.status().ToString().c_str());
      std::abort();
    }
    opened_ = *std::move(opened);
  }

  xrpc::ListenerCertificate& operator*() const { return *opened_; }
  xrpc::ListenerCertificate* operator->() const { return opened_.get(); }

  std::string chain_path() const { return directory_ / "chain.pem"; }
  std::string key_path() const { return directory_ / "key.pem"; }

  // Writes another pair into the files, and returns its certificate.
  TlsCertificate Replace(absl::Time expires = absl::Now() + absl::Hours(12)) const {
    TlsIdentity next = authority_.Issue("localhost", expires);
    directory_.Write("key.pem", PemOf(*next.key));
    directory_.Write("chain.pem", PemOf(*next.certificate) + authority_.CertificatePem());
    return std::move(next.certificate);
  }
  void WriteChain(const std::string& text) const { directory_.Write("chain.pem", text); }
  void WriteKey(const std::string& text) const { directory_.Write("key.pem", text); }

  const TestAuthority& authority() const { return authority_; }

  // What the observer was told: when the certificate in use ends, by its name,
  const std::map<std::string, absl::Time>& in_use() const { return in_use_; }
  // and what came of reading the files again, in order.
  const std::vector<absl::StatusCode>& outcomes() const { return outcomes_; }

 private:
  const TempDirectory directory_;
  const TestAuthority authority_;
  std::map<std::string, absl::Time> in_use_;
  std::vector<absl::StatusCode> outcomes_;
  std::unique_ptr<xrpc::ListenerCertificate> opened_;
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_TEST_LISTENER_CERTIFICATE_H_
