#include "token_service/base/log.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace tokens {
namespace {

const absl::Time kTime = absl::FromUnixMicros(1'900'000'000'000'001);

TEST(LogLineTest, EmptyFieldsAreLeftOut) {
  EXPECT_EQ(FormatLogLine(kTime, LogLevel::kInfo, "started", {}),
            R"({"time":"2030-03-17T17:46:40.000001Z","level":"info","event":"started"})");
}

TEST(LogLineTest, EveryFieldHasItsName) {
  LogFields fields;
  fields.request_id = "r";
  fields.trace_id = "4bf9";
  fields.span_id = "00f0";
  fields.method = "Mint";
  fields.code = "OK";
  fields.error = "e";
  fields.caller = "spiffe://a/b";
  fields.role = "minter";
  fields.did = "did:plc:a";
  fields.token_id = "t";
  fields.detail = "d";
  fields.duration = absl::Microseconds(1500);
  EXPECT_EQ(
      FormatLogLine(kTime, LogLevel::kError, "rpc", fields),
      R"({"time":"2030-03-17T17:46:40.000001Z","level":"error","event":"rpc","request_id":"r",)"
      R"("trace_id":"4bf9","span_id":"00f0","method":"Mint",)"
      R"("code":"OK","error":"e","duration_ms":1.500,"caller":"spiffe://a/b","role":"minter","did":"did:plc:a","token_id":"t","detail":"d"})");
}

TEST(LogLineTest, NoInputBreaksTheLineOrLeavesJson) {
  std::string hostile = "\"\\\n\r\t}{\x7f\xff";
  hostile.push_back('\0');
  for (int byte = 0; byte < 256; ++byte) hostile.push_back(static_cast<char>(byte));
  LogFields fields;
  fields.detail = hostile;
  const std::string line = FormatLogLine(kTime, LogLevel::kWarning, "e", fields);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto parsed = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  ASSERT_TRUE(parsed.is_object()) << line;
  EXPECT_EQ(parsed.size(), 4u);
  EXPECT_EQ(parsed["detail"].get<std::string>().substr(0, 2), "\"\\");
}

TEST(LogTest, LoggingBeforeInitIsSilent) { Log(LogLevel::kError, "nobody_listens"); }

}  // namespace
}  // namespace tokens
