#ifndef TESTS_SUPPORT_SCRIPTED_SESSION_SERVICE_H_
#define TESTS_SUPPORT_SCRIPTED_SESSION_SERVICE_H_

#include <grpcpp/server_builder.h>

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "didpic/token/v1/session_service.grpc.pb.h"
#include "token_service/base/grpc_status.h"
#include "token_service/base/mutex.h"
#include "token_service/base/request_id.h"
#include "token_service/base/trace_context.h"
#include "token_service/client/token_client.h"

namespace tokens::testing {

// A SessionService on a loopback port that answers as it is told, and keeps what it was asked last. Thread-safe.
class ScriptedSessionService final : public didpic::token::v1::SessionService::CallbackService {
 public:
  // The answers: an error for every method, or a reply for one of them.
  struct Script {
    absl::Status status;
    didpic::token::v1::RefreshSessionResponse refresh;
    didpic::token::v1::GetSessionResponse get;
    didpic::token::v1::DeleteSessionResponse remove;
    didpic::token::v1::ListSigningKeysResponse keys;
  };
  // The last call; a refresh JWT or an access JWT.
  struct Seen {
    int calls = 0;
    std::string jwt;
    std::string dpop_jkt;
    std::string request_id;
    std::string traceparent;
    std::string tracestate;
  };

  ScriptedSessionService() {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
    address_ = "127.0.0.1:" + std::to_string(port);
  }

  std::unique_ptr<TokenClient> Connect() const { return *TokenClient::Create(address_, {}); }
  void Stop() {
    server_->Shutdown();
    server_->Wait();
  }
  void Answer(const Script& script) {
    MutexLock lock(mutex_);
    script_ = script;
  }
  Seen seen() {
    MutexLock lock(mutex_);
    return seen_;
  }

  grpc::ServerUnaryReactor* RefreshSession(grpc::CallbackServerContext* context,
                                           const didpic::token::v1::RefreshSessionRequest* request,
                                           didpic::token::v1::RefreshSessionResponse* response) override {
    return Reply(context, request->refresh_jwt(), request->dpop_jkt(), &Script::refresh, response);
  }
  grpc::ServerUnaryReactor* GetSession(grpc::CallbackServerContext* context,
                                       const didpic::token::v1::GetSessionRequest* request,
                                       didpic::token::v1::GetSessionResponse* response) override {
    return Reply(context, request->access_jwt(), request->dpop_jkt(), &Script::get, response);
  }
  grpc::ServerUnaryReactor* DeleteSession(grpc::CallbackServerContext* context,
                                          const didpic::token::v1::DeleteSessionRequest* request,
                                          didpic::token::v1::DeleteSessionResponse* response) override {
    return Reply(context, request->refresh_jwt(), request->dpop_jkt(), &Script::remove, response);
  }
  grpc::ServerUnaryReactor* ListSigningKeys(grpc::CallbackServerContext* context,
                                            const didpic::token::v1::ListSigningKeysRequest*,
                                            didpic::token::v1::ListSigningKeysResponse* response) override {
    return Reply(context, "", "", &Script::keys, response);
  }

 private:
  template <typename Response>
  grpc::ServerUnaryReactor* Reply(grpc::CallbackServerContext* context, const std::string& jwt,
                                  const std::string& dpop_jkt, Response Script::*answer, Response* response) {
    MutexLock lock(mutex_);
    const auto sent = [context](const char* name) {
      const auto found = context->client_metadata().find(name);
      if (found == context->client_metadata().end()) return std::string();
      return std::string(found->second.data(), found->second.size());
    };
    seen_ = {seen_.calls + 1, jwt, dpop_jkt, sent(kRequestIdHeader), sent(kTraceparentHeader), sent(kTracestateHeader)};
    *response = script_.*answer;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(ToGrpcStatus(script_.status));
    return reactor;
  }

  std::unique_ptr<grpc::Server> server_;
  std::string address_;
  Mutex mutex_;
  Script script_ ABSL_GUARDED_BY(mutex_);
  Seen seen_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tokens::testing

#endif  // TESTS_SUPPORT_SCRIPTED_SESSION_SERVICE_H_
