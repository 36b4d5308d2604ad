#ifndef TESTS_SUPPORT_PROTO_METHODS_H_
#define TESTS_SUPPORT_PROTO_METHODS_H_

#include <google/protobuf/descriptor.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace tokens::testing {

// An RPC of the contract.
struct ProtoMethod {
  std::string service;  // Full name.
  std::string method;
  std::string path() const { return "/" + service + "/" + method; }
};

// Every RPC of every service in the .proto files of package didpic.token.v1 below `root`, by its descriptor. Aborts if
// a file with a service is not linked into the test.
inline std::vector<ProtoMethod> ProtoMethods(const std::string& root) {
  std::vector<ProtoMethod> methods;
  const std::string package = "didpic/token/v1/";
  for (const auto& entry : std::filesystem::directory_iterator(root + "/" + package)) {
    std::ifstream in(entry.path());
    const std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.find("\nservice ") == std::string::npos) continue;
    const std::string name = package + entry.path().filename().string();
    const auto* file = google::protobuf::DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr) {
      std::fprintf(stderr, "%s is not linked into this test\n", name.c_str());
      std::abort();
    }
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        methods.push_back({file->service(s)->full_name(), file->service(s)->method(m)->name()});
      }
    }
  }
  return methods;
}

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_PROTO_METHODS_H_
