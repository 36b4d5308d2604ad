#include "token_service/base/log.h"

#include <grpc/support/log.h>
#include <spdlog/async.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdio>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"

namespace tokens {
namespace {

constexpr size_t kQueuedLines = 65536;
constexpr size_t kBundleBytes = 64 * 1024;
constexpr std::chrono::milliseconds kGatheringTime(2);

// Writes to stderr all that has gathered, then lets more gather: waking the pool's thread for each line costs its
// caller a fifth of a Validate.
class GatheringSink final : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit GatheringSink(spdlog::details::thread_pool& pool) : pool_(pool) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    lines_.append(message.payload.data(), message.payload.size()).push_back('\n');
    if (pool_.queue_size() != 0 && lines_.size() < kBundleBytes) return;
    flush_();
    std::this_thread::sleep_for(kGatheringTime);
  }
  void flush_() override {
    std::fwrite(lines_.data(), 1, lines_.size(), stderr);
    lines_.clear();
  }

  spdlog::details::thread_pool& pool_;  // Of one thread, the only one that comes here.
  std::string lines_;
};

// Never destroyed: a thread may still log while the process exits.
std::shared_ptr<spdlog::logger>& Logger() {
  static auto* logger = new std::shared_ptr<spdlog::logger>();
  return *logger;
}

absl::string_view LevelName(LogLevel level) {
  switch (level) {
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "error";
}

// Appends `,"name":"value"` with everything outside printable ASCII escaped as a byte, so that no input can break the
// line or leave JSON.
void AppendField(absl::string_view name, absl::string_view value, std::string* line) {
  if (value.empty()) return;
  absl::StrAppend(line, ",\"", name, "\":\"");
  for (const char c : value) {
    if (c == '"' || c == '\\') {
      line->push_back('\\');
      line->push_back(c);
    } else if (c >= 0x20 && c < 0x7f) {
      line->push_back(c);
    } else {
      absl::StrAppendFormat(line, "\\u%04x", static_cast<unsigned char>(c));
    }
  }
  line->push_back('"');
}

// gRPC's messages name addresses and causes, never payloads.
void LogGrpcMessage(gpr_log_func_args* message) {
  LogFields fields;
  fields.detail = message->message;
  Log(message->severity == GPR_LOG_SEVERITY_ERROR ? LogLevel::kWarning : LogLevel::kInfo, "grpc", fields);
}

}  // namespace

std::string FormatLogLine(absl::Time time, LogLevel level, absl::string_view event, const LogFields& fields) {
  std::string line = absl::StrCat("{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone()),
                                  "\",\"level\":\"", LevelName(level), "\"");
  AppendField("event", event, &line);
  AppendField("request_id", fields.request_id, &line);
  AppendField("trace_id", fields.trace_id, &line);
  AppendField("span_id", fields.span_id, &line);
  AppendField("method", fields.method, &line);
  AppendField("code", fields.code, &line);
  AppendField("error", fields.error, &line);
  if (fields.duration.has_value()) {
    absl::StrAppendFormat(&line, ",\"duration_ms\":%.3f", absl::ToDoubleMilliseconds(*fields.duration));
  }
  AppendField("caller", fields.caller, &line);
  AppendField("role", fields.role, &line);
  AppendField("did", fields.did, &line);
  AppendField("token_id", fields.token_id, &line);
  AppendField("detail", fields.detail, &line);
  line.push_back('}');
  return line;
}

void InitLog() {
  gpr_set_log_function(LogGrpcMessage);
  spdlog::init_thread_pool(kQueuedLines, 1);
  auto sink = std::make_shared<GatheringSink>(*spdlog::thread_pool());
  Logger() = std::make_shared<spdlog::async_logger>("log", std::move(sink), spdlog::thread_pool(),
                                                    spdlog::async_overflow_policy::overrun_oldest);
}

void FlushLog() {
  if (Logger() != nullptr) Logger()->flush();
  Logger().reset();
  spdlog::shutdown();  // joins the writing thread, which empties the queue first
}

void Log(LogLevel level, absl::string_view event, const LogFields& fields) {
  const std::shared_ptr<spdlog::logger>& logger = Logger();
  if (logger == nullptr) return;
  const std::string line = FormatLogLine(absl::Now(), level, event, fields);
  logger->log(level == LogLevel::kInfo ? spdlog::level::info : spdlog::level::warn, "{}", line);
}

}  // namespace tokens
