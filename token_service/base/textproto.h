#ifndef TOKEN_SERVICE_BASE_TEXTPROTO_H_
#define TOKEN_SERVICE_BASE_TEXTPROTO_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/message.h>

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace tokens {

// Reads `text` as a textproto of the type of `message`, strictly: a field that the type does not have is a fault.
// INVALID_ARGUMENT with one line per fault, "line 3, column 1: …"; `message` is then not to be used.
absl::Status ParseTextproto(const std::string& text, google::protobuf::Message* message);

// True for a whole number of seconds from `low` to `high`.
bool IsWholeSeconds(const google::protobuf::Duration& duration, int64_t low, int64_t high);

}  // namespace tokens

#endif  // TOKEN_SERVICE_BASE_TEXTPROTO_H_
