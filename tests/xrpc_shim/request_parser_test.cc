#include "xrpc_shim/request_parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "xrpc_shim/xrpc_error.h"

namespace tokens::xrpc {
namespace {

using Progress = RequestParser::Progress;
using ::testing::HasSubstr;

constexpr size_t kHeaderLimit = 256;
constexpr size_t kBodyLimit = 32;

// Gives the parser `bytes` in pieces of `step`; the status of the answer it would get, 0 for done, -1 for more needed.
int Outcome(absl::string_view bytes, size_t step, RequestParser* parser) {
  std::string input;
  for (size_t i = 0; i < bytes.size(); i += step) {
    absl::StrAppend(&input, bytes.substr(i, step));
    auto progress = parser->Advance(input);
    if (progress.ok() && *progress == Progress::kHeaderDone) progress = parser->Advance(input);
    if (!progress.ok()) return ErrorResponse(progress.status(), "r").status;
    if (*progress == Progress::kDone) return 0;
  }
  return -1;
}

struct Case {
  std::string name;
  std::string bytes;
  int outcome;
};

class RequestParserTest : public ::testing::TestWithParam<Case> {};

TEST_P(RequestParserTest, JudgesTheSameInOnePieceAndInMany) {
  for (const size_t step : {size_t{100000}, size_t{1}, size_t{3}, size_t{7}}) {
    RequestParser parser(kHeaderLimit, kBodyLimit);
    EXPECT_EQ(Outcome(GetParam().bytes, step, &parser), GetParam().outcome) << "in pieces of " << step;
  }
}

std::string Get(absl::string_view fields) { return absl::StrCat("GET / HTTP/1.1\r\n", fields, "\r\n"); }
std::string Post(absl::string_view fields, absl::string_view body) {
  return absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\n", fields, "\r\n", body);
}
std::string Chunked(absl::string_view body) { return Post("Transfer-Encoding: chunked\r\n", body); }

std::vector<Case> Cases() {
  using std::string_literals::operator""s;
  return {
      {"Plain", Get("Host: h\r\n"), 0},
      {"EmptyHost", Get("Host:\r\n"), 0},
      {"Http10WithoutHost", "GET / HTTP/1.0\r\n\r\n", 0},
      {"AbsoluteForm", "GET http://h:80/x?y HTTP/1.1\r\nHost: h\r\n\r\n", 0},
      {"Incomplete", "GET / HTTP/1.1\r\nHost: h\r\n", -1},
      {"NoHost", Get(""), 400},
      {"TwoHosts", Get("Host: h\r\nHost: h\r\n"), 400},
      {"TwoHostsInHttp10", "GET / HTTP/1.0\r\nHost: h\r\nhost: i\r\n\r\n", 400},
      {"BadHost", Get("Host: h/../i\r\n"), 400},
      {"Http11Only", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"Http12", "GET / HTTP/1.2\r\nHost: h\r\n\r\n", 400},
      {"NoVersion", "GET /\r\n\r\n", 400},
      {"LowerCaseVersion", "GET / http/1.1\r\nHost: h\r\n\r\n", 400},
      {"LeadingBlankLine", "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"TwoSpaces", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"RelativeTarget", "GET xrpc HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"FragmentInTarget", "GET /#a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"HighByteInTarget", "GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"Tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s + std::string(40, 'a'), 400},
      {"BareLineFeed", "GET / HTTP/1.1\nHost: h\n\n", 400},
      {"BareLineFeedInFields", "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"BareCarriageReturn", "GET / HTTP/1.1\r\nHost: h\rX: y\r\n\r\n", 400},
      {"SpaceBeforeColon", Get("Host : h\r\n"), 400},
      {"FieldWithoutColon", Get("Host: h\r\nX\r\n"), 400},
      {"NulInValue", Get("Host: h\r\nX: a\0b\r\n"s), 400},
      {"NulInName", Get("Host: h\r\nX\0: a\r\n"s), 400},
      {"NulInTarget", "GET /\0 HTTP/1.1\r\nHost: h\r\n\r\n"s, 400},
      {"HeaderLimit", Get(absl::StrCat("Host: h\r\nX: ", std::string(kHeaderLimit, 'a'), "\r\n")), 431},
      {"TargetOverHeaderLimit", absl::StrCat("GET /", std::string(kHeaderLimit, 'a'), " HTTP/1.1\r\n\r\n"), 431},
      {"EndlessHeader", absl::StrCat("GET / HTTP/1.1\r\nX: ", std::string(kHeaderLimit, 'a')), 431},
      {"Body", Post("Content-Length: 3\r\n", "abc"), 0},
      {"BodyAtLimit", Post("Content-Length: 32\r\n", std::string(32, 'a')), 0},
      {"BodyOverLimit", Post("Content-Length: 33\r\n", "a"), 413},
      {"NoBody", Post("", ""), 0},
      {"HugeLength", Post("Content-Length: 9223372036854775808\r\n", "a"), 413},
      {"OverflowingLength", Post("Content-Length: 99999999999999999999\r\n", "a"), 400},
      {"NegativeLength", Post("Content-Length: -1\r\n", ""), 400},
      {"SignedLength", Post("Content-Length: +1\r\n", "a"), 400},
      {"HexLength", Post("Content-Length: 0x1\r\n", "a"), 400},
      {"EmptyLength", Post("Content-Length:\r\n", ""), 400},
      {"EqualLengths", Post("Content-Length: 1\r\nContent-Length: 1\r\n", "a"), 400},
      {"LengthList", Post("Content-Length: 1, 1\r\n", "a"), 400},
      {"DifferentLengths", Post("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"), 400},
      {"ZeroLengths", Post("Content-Length: 0\r\nContent-Length: 0\r\n", ""), 400},
      {"LengthAndChunked", Post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"ChunkedAndLength", Post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "0\r\n\r\n"), 400},
      {"ZeroLengthAndChunked", Post("Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"LengthAndUnknownCoding", Post("Transfer-Encoding: gzip\r\nContent-Length: 1\r\n", "a"), 400},
      {"UnknownCoding", Post("Transfer-Encoding: gzip\r\n", ""), 400},
      {"IdentityCoding", Post("Transfer-Encoding: identity\r\n", ""), 400},
      {"TwoCodings", Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
      {"ChunkedNotLast", Post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), 400},
      {"ChunkedTwice", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"ChunkedUnderGzip", Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n", "0\r\n\r\n"), 400},
      {"ChunkedInHttp10", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"ChunkedAnyCase", Post("transfer-encoding: Chunked\r\n", "0\r\n\r\n"), 0},
      {"EmptyChunked", Chunked("0\r\n\r\n"), 0},
      {"Chunks", Chunked("3\r\nabc\r\n1;x=y\r\nd\r\n0\r\n\r\n"), 0},
      {"ChunksAtLimit",
       Chunked(absl::StrCat("10\r\n", std::string(16, 'a'), "\r\n10\r\n", std::string(16, 'a'), "\r\n0\r\n\r\n")), 0},
      {"ChunksOverLimit", Chunked(absl::StrCat("10\r\n", std::string(16, 'a'), "\r\n11\r\n")), 413},
      {"ChunkOverLimit", Chunked("21\r\na"), 413},
      {"HugeChunk", Chunked("ffffffffffffffff\r\n"), 413},
      {"OverflowingChunk", Chunked("fffffffffffffffff\r\n"), 400},
      {"ChunkSizeIsNoNumber", Chunked("xyz\r\n"), 400},
      {"ChunkLongerThanItsSize", Chunked("1\r\nab\r\n0\r\n\r\n"), 400},
      {"EndlessChunkExtension", Chunked(absl::StrCat("1;", std::string(9000, 'a'))), 431},
      {"EndlessTrailer", Chunked(absl::StrCat("0\r\nX: ", std::string(9000, 'a'))), 431},
      {"Trailer", Chunked("0\r\nX: y\r\n\r\n"), 0},
  };
}

INSTANTIATE_TEST_SUITE_P(Requests, RequestParserTest, ::testing::ValuesIn(Cases()),
                         [](const auto& row) { return row.param.name; });

TEST(RequestParser, ReportsWhatTheRequestSays) {
  RequestParser parser(kHeaderLimit, kBodyLimit);
  std::string input =
      "POST /xrpc/a.b.c?d=%65&f HTTP/1.1\r\nHost: h\r\nX-A:  one \r\nx-a: two\r\nContent-Length: 2\r\n\r\nhi+";
  ASSERT_EQ(*parser.Advance(input), Progress::kHeaderDone);
  ASSERT_EQ(*parser.Advance(input), Progress::kDone);
  const HttpRequest& request = parser.request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/xrpc/a.b.c");
  EXPECT_EQ(request.query, "d=%65&f");
  EXPECT_EQ(request.body, "hi");
  EXPECT_EQ(FindHeader(request.headers, "X-a").count, 2);
  EXPECT_EQ(FindHeader(request.headers, "X-a").value, "one");
  EXPECT_TRUE(parser.keep_alive());
  EXPECT_EQ(input, "+") << "the next request's first byte is left";
}

TEST(RequestParser, TrailerFieldsNeverBecomeHeaders) {
  RequestParser parser(kHeaderLimit, kBodyLimit);
  ASSERT_EQ(Outcome(Chunked("1\r\na\r\n0\r\nAuthorization: Bearer x\r\n\r\n"), 1000, &parser), 0);
  EXPECT_EQ(FindHeader(parser.request().headers, "Authorization").count, 0);
  EXPECT_EQ(parser.request().body, "a");
}

// Beast by itself never reaches its limit on a header that comes line by line.
TEST(RequestParser, HeaderLimitCountsLinesThatWereConsumed) {
  RequestParser parser(kHeaderLimit, kBodyLimit);
  std::string input = "GET / HTTP/1.1\r\n";
  absl::StatusOr<Progress> progress = parser.Advance(input);
  for (int i = 0; i < 1000 && progress.ok(); ++i) {
    input += "X: y\r\n";
    progress = parser.Advance(input);
  }
  EXPECT_EQ(ErrorResponse(progress.status(), "r").status, 431);
}

TEST(RequestParser, HeaderOfExactlyTheLimitPasses) {
  const std::string frame = Get("Host: h\r\nX: \r\n");
  for (const size_t extra : {size_t{0}, size_t{1}}) {
    RequestParser parser(kHeaderLimit, kBodyLimit);
    const std::string filler(kHeaderLimit - frame.size() + extra, 'a');
    EXPECT_EQ(Outcome(Get(absl::StrCat("Host: h\r\nX: ", filler, "\r\n")), 100000, &parser), extra == 0 ? 0 : 431);
  }
}

// Beast's assertions, where the build has them, are part of what this tests.
TEST(RequestParser, SurvivesGarbageInAnyPieces) {
  const uint64_t seed = std::random_device()();
  SCOPED_TRACE(absl::StrCat("seed ", seed));
  std::mt19937_64 random(seed);
  constexpr char kAlphabet[] = "\r\n\r\n\r\n0123af;=\"\\: ,GETPOS/HTTP.\0\xff";
  const std::string starts[] = {"", "GET / HTTP/1.1\r\nHost: h\r\n", Chunked(""), Post("Content-Length: 9\r\n", "")};
  for (int i = 0; i < 20000; ++i) {
    std::string bytes = starts[random() % std::size(starts)];
    for (size_t k = random() % 60; k > 0; --k) bytes.push_back(kAlphabet[random() % (sizeof(kAlphabet) - 1)]);
    RequestParser parser(kHeaderLimit, kBodyLimit);
    const int outcome = Outcome(bytes, 1 + random() % 4, &parser);
    ASSERT_THAT(outcome, ::testing::AnyOf(-1, 0, 400, 413, 431));
  }
}

TEST(RequestParser, KeepsWhatItUnderstoodOfARefusedRequest) {
  RequestParser parser(kHeaderLimit, kBodyLimit);
  ASSERT_EQ(Outcome("POST /p HTTP/1.1\r\nHost: h\r\nX-Request-Id: r1\r\nContent-Length: 99\r\n\r\n", 1000, &parser),
            413);
  EXPECT_EQ(parser.request().path, "/p");
  EXPECT_EQ(FindHeader(parser.request().headers, "X-Request-Id").value, "r1");
}

TEST(RequestParser, SaysWhoWaitsForContinueAndWhoStays) {
  const struct {
    std::string bytes;
    bool awaits_continue;
    bool keep_alive;
  } cases[] = {
      {"POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\na", true, true},
      {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", false, false},
      {"POST / HTTP/1.1\r\nHost: h\r\nConnection: close\r\nContent-Length: 1\r\n\r\na", false, false},
      {"POST / HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\na", false, true},
  };
  for (const auto& row : cases) {
    RequestParser parser(kHeaderLimit, kBodyLimit);
    ASSERT_EQ(Outcome(row.bytes, 1000, &parser), 0) << row.bytes;
    EXPECT_EQ(parser.awaits_continue(), row.awaits_continue) << row.bytes;
    EXPECT_EQ(parser.keep_alive(), row.keep_alive) << row.bytes;
  }
}

}  // namespace
}  // namespace tokens::xrpc
