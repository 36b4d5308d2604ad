#include "token_service/base/textproto.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tokens {
namespace {

class FaultCollector final : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    faults_.push_back(absl::StrCat("line ", line + 1, ", column ", column + 1, ": ", message));
  }
  const std::vector<std::string>& faults() const { return faults_; }

 private:
  std::vector<std::string> faults_;
};

}  // namespace

absl::Status ParseTextproto(const std::string& text, google::protobuf::Message* message) {
  FaultCollector collector;
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&collector);
  if (parser.ParseFromString(text, message)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrJoin(collector.faults(), "\n"));
}

bool IsWholeSeconds(const google::protobuf::Duration& duration, int64_t low, int64_t high) {
  return duration.nanos() == 0 && duration.seconds() >= low && duration.seconds() <= high;
}

}  // namespace tokens
