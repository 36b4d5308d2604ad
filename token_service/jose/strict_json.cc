#include "token_service/jose/strict_json.h"

#include <cstdint>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"

namespace tokens {
namespace {

using nlohmann::json;

// Builds the value from the parser's events; returning false stops the parser. Members have the names that nlohmann's
// SAX interface asks for.
class StrictJsonBuilder {
 public:
  explicit StrictJsonBuilder(size_t max_depth) : max_depth_(max_depth) {}

  bool null() { return Add(nullptr) != nullptr; }
  bool boolean(bool value) { return Add(value) != nullptr; }
  bool number_integer(int64_t value) { return Add(value) != nullptr; }
  bool number_unsigned(uint64_t value) { return Add(value) != nullptr; }
  bool number_float(double value, const std::string& /*text*/) { return Add(value) != nullptr; }
  bool string(std::string& value) { return Add(std::move(value)) != nullptr; }
  bool binary(json::binary_t& /*value*/) { return false; }  // JSON text has none.

  bool start_object(size_t /*size*/) { return Open(json::value_t::object); }
  bool start_array(size_t /*size*/) { return Open(json::value_t::array); }
  bool end_object() { return Close(); }
  bool end_array() { return Close(); }

  bool key(std::string& name) {
    if (open_.back()->contains(name)) return Fail("JSON with a name that occurs twice");
    name_ = std::move(name);
    return true;
  }

  bool parse_error(size_t /*position*/, const std::string& /*token*/, const json::exception& /*error*/) {
    return Fail("not JSON");
  }

  json TakeValue() { return std::move(root_); }
  const char* problem() const { return problem_; }

 private:
  // Puts `value` where the parser is. The pointer holds until the container around it gets another element.
  json* Add(json value) {
    if (open_.empty()) return &(root_ = std::move(value));
    json& parent = *open_.back();
    if (parent.is_array()) return &parent.emplace_back(std::move(value));
    return &(parent[name_] = std::move(value));
  }

  bool Open(json::value_t type) {
    if (open_.size() == max_depth_) return Fail("JSON nested too deeply");
    open_.push_back(Add(json(type)));
    return true;
  }

  bool Close() {
    open_.pop_back();
    return true;
  }

  bool Fail(const char* problem) {
    problem_ = problem;
    return false;
  }

  const size_t max_depth_;
  const char* problem_ = "not JSON";
  json root_;
  std::vector<json*> open_;  // The containers around the place where the parser is, outermost first.
  std::string name_;         // Of the member whose value comes next.
};

}  // namespace

absl::StatusOr<json> ParseStrictJson(absl::string_view text, JsonLimits limits) {
  if (text.size() > limits.max_bytes) return absl::InvalidArgumentError("JSON too long");
  // nlohmann takes a NUL for the end of the text and skips a byte order mark.
  if (text.find('\0') != absl::string_view::npos || absl::StartsWith(text, "\xef\xbb\xbf")) {
    return absl::InvalidArgumentError("not JSON");
  }
  StrictJsonBuilder builder(limits.max_depth);
  if (!json::sax_parse(text.begin(), text.end(), &builder)) return absl::InvalidArgumentError(builder.problem());
  return builder.TakeValue();
}

const std::string* FindString(const json& value, const char* name) {
  if (!value.is_object()) return nullptr;
  const auto member = value.find(name);
  return member == value.end() ? nullptr : member->get_ptr<const std::string*>();
}

}  // namespace tokens
