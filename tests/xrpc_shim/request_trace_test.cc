#include "xrpc_shim/request_trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace tokens::xrpc {
namespace {

TEST(RequestId, TakesTheClientsIfItIsThereOnceAndWellFormed) {
  EXPECT_EQ(RequestId({{"x-request-id", "AZaz09-_."}}), "AZaz09-_.");
  for (const HttpHeaders& headers :
       {HttpHeaders{}, HttpHeaders{{"X-Request-Id", "a b"}}, HttpHeaders{{"X-Request-Id", ""}},
        HttpHeaders{{"X-Request-Id", "a"}, {"X-Request-Id", "b"}}}) {
    EXPECT_THAT(RequestId(headers), ::testing::MatchesRegex("[0-9a-f]{32}"));
  }
}

TEST(RequestSpan, IsInTheTraceOfTheOneTraceparent) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  const std::string parent = "00-" + trace + "-00f067aa0ba902b7-01";
  const TraceContext span =
      RequestSpan({{"TraceParent", parent}, {"tracestate", "a=1"}, {"X-Other", "c=3"}, {"Tracestate", "b=2"}});
  EXPECT_EQ(span.trace_id, trace);
  EXPECT_NE(span.span_id, "00f067aa0ba902b7");
  EXPECT_EQ(span.flags, 1);
  EXPECT_EQ(span.state, "a=1,b=2");
  for (const HttpHeaders& headers :
       {HttpHeaders{}, HttpHeaders{{"traceparent", parent}, {"Traceparent", parent}},
        HttpHeaders{{"traceparent", parent + "-"}}, HttpHeaders{{"X-Traceparent", parent}}}) {
    EXPECT_THAT(RequestSpan(headers).trace_id, ::testing::MatchesRegex("[0-9a-f]{32}"));
    EXPECT_NE(RequestSpan(headers).trace_id, trace);
  }
}

TEST(RequestSpan, WhatGrpcCannotCarryIsNotPassedOn) {
  const std::string parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  for (const char* state : {"a=1\t,b=2", "a=\xc3\xa9", "a=1\x7f", "\ta=1"}) {
    EXPECT_EQ(RequestSpan({{"traceparent", parent}, {"tracestate", state}}).state, "");
  }
}

TEST(PathForLog, NamesMethodsAndPlainPathsAndHidesTheRest) {
  const struct {
    std::string path;
    std::string logged;
  } cases[] = {
      {"/xrpc/app.didpic.identity.mintWidgetToken", "app.didpic.identity.mintWidgetToken"},
      {"/xrpc/app.didpic.identity.mintWidgetToken/", "app.didpic.identity.mintWidgetToken"},
      {"/xrpc/_health", "/xrpc/_health"},
      {"/", "/"},
      {"/.well-known/did.json", "/.well-known/did.json"},
      {"", ""},
      {"/xrpc/dpwt_" + std::string(49, 'a'), "other"},
      {"/dpwt_" + std::string(49, '0'), "other"},
      {"/Upper", "other"},
      {"/a%20b", "other"},
      {"/" + std::string(40, 'a'), "other"},
      {"/xrpc/a.b." + std::string(200, 'c'), "other"},
      {"/xrpc/eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJkaWQifQ." + std::string(86, 's'), "other"},
  };
  for (const auto& row : cases) EXPECT_EQ(std::string(PathForLog(row.path)), row.logged) << row.path;
}

}  // namespace
}  // namespace tokens::xrpc
