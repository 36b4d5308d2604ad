#include "token_service/identity/did_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/support/test_authority.h"
#include "tests/support/test_web_server.h"
#include "token_service/identity/did_folder.h"

namespace tokens {
namespace {

using ::testing::StartsWith;
using testing::TestAuthority;
using testing::TestConnection;
using testing::TestHandler;
using testing::TestResponse;
using testing::TestWebServer;

constexpr char kPlcDid[] = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
constexpr char kWebDid[] = "did:web:pds.example.com";

std::string NewFolder() {
  std::string path = absl::StrCat(::testing::TempDir(), "/did_source_XXXXXX");
  EXPECT_NE(mkdtemp(path.data()), nullptr);
  return path;
}

void WriteFile(const std::string& path, const std::string& content) { std::ofstream(path) << content; }

ResolverAnswer LocalhostOnly(const std::string& host) {
  return host == "localhost" ? ResolverAnswer{0, {"127.0.0.1"}} : ResolverAnswer{EAI_NONAME, {}};
}

std::unique_ptr<DidSource> NewSource(const DidSourceOptions& options, AskResolver ask = &LocalhostOnly) {
  auto source = DidSource::Create(options, std::move(ask));
  EXPECT_TRUE(source.ok()) << source.status();
  return *std::move(source);
}

TestHandler Always(std::string response) {
  return
      [response = std::move(response)](const std::string&, TestConnection& connection) { connection.Write(response); };
}

// What a status of the directory or the host means. OK is a document.
struct StatusRow {
  int status;
  absl::StatusCode code;
};

constexpr StatusRow kStatusRows[] = {
    {200, absl::StatusCode::kOk},          {203, absl::StatusCode::kOk},          {301, absl::StatusCode::kUnavailable},
    {302, absl::StatusCode::kUnavailable}, {400, absl::StatusCode::kUnavailable}, {401, absl::StatusCode::kUnavailable},
    {403, absl::StatusCode::kUnavailable}, {404, absl::StatusCode::kNotFound},    {410, absl::StatusCode::kNotFound},
    {429, absl::StatusCode::kUnavailable}, {500, absl::StatusCode::kUnavailable}, {502, absl::StatusCode::kUnavailable},
    {503, absl::StatusCode::kUnavailable},
};

DidSourceOptions WithDirectory(const TestWebServer& server) {
  DidSourceOptions options;
  options.allow_insecure = true;
  options.plc_url = absl::StrCat("http://127.0.0.1:", server.port());
  return options;
}

TEST(PlcSource, MapsEveryStatus) {
  for (const StatusRow& row : kStatusRows) {
    const TestWebServer server(Always(TestResponse(row.status, "{}")));
    const auto document = NewSource(WithDirectory(server))->Fetch(kPlcDid);
    EXPECT_EQ(document.status().code(), row.code) << row.status;
    if (document.ok()) {
      EXPECT_EQ(*document, "{}");
    }
  }
}

TEST(PlcSource, AsksForTheDidAsItIs) {
  std::string request;
  {
    const TestWebServer server([&request](const std::string& seen, TestConnection& connection) {
      request = seen;
      connection.Write(TestResponse(200, "{}"));
    });
    DidSourceOptions options = WithDirectory(server);
    options.plc_url += "/";
    ASSERT_TRUE(NewSource(options)->Fetch(kPlcDid).ok());
  }
  EXPECT_THAT(request, StartsWith(absl::StrCat("GET /", kPlcDid, " HTTP/1.1\r\n")));
  EXPECT_THAT(request, ::testing::HasSubstr("Accept: application/did+ld+json, application/json\r\n"));
}

TEST(PlcSource, TakesAnyContentType) {
  const TestWebServer server(Always("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}"));
  EXPECT_TRUE(NewSource(WithDirectory(server))->Fetch(kPlcDid).ok());
}

TEST(PlcSource, ADirectoryThatIsNotThereIsAnOutage) {
  const struct {
    const char* what;
    const char* url;
    ResolverAnswer answer;
  } kRows[] = {
      {"no such host", "https://plc.example.com", {EAI_NONAME, {}}},
      {"name server fails", "https://plc.example.com", {EAI_AGAIN, {}}},
      {"private address", "https://plc.example.com", {0, {"10.0.0.1"}}},
      {"nobody listens", "http://127.0.0.1:1", {}},
  };
  for (const auto& row : kRows) {
    DidSourceOptions options;
    options.allow_insecure = true;
    options.plc_url = row.url;
    const auto source = NewSource(options, [&row](const std::string&) { return row.answer; });
    EXPECT_TRUE(absl::IsUnavailable(source->Fetch(kPlcDid).status())) << row.what;
  }
}

TEST(PlcSource, WithoutADirectoryNoDidIsFound) {
  EXPECT_TRUE(absl::IsNotFound(NewSource({})->Fetch(kPlcDid).status()));
}

TEST(PlcSource, ADirectoryMustBeAnAllowedUrl) {
  for (const char* url :
       {"http://plc.directory", "plc.directory", "ftp://plc.directory", "https://a:b@plc.directory"}) {
    DidSourceOptions options;
    options.plc_url = url;
    EXPECT_TRUE(absl::IsInvalidArgument(DidSource::Create(options, &LocalhostOnly).status())) << url;
  }
}

class WebSourceTest : public ::testing::Test {
 protected:
  DidSourceOptions Reaching(const TestWebServer& server, const std::string& host) {
    DidSourceOptions options;
    options.ca_file = absl::StrCat(NewFolder(), "/ca.pem");
    WriteFile(options.ca_file, authority_.CertificatePem());
    options.allow_insecure = true;
    options.connect_to = {absl::StrCat(host, ":443:127.0.0.1:", server.port())};
    return options;
  }
  testing::TlsIdentity Issue(const std::string& host) { return authority_.Issue(host, absl::Now() + absl::Hours(24)); }

  TestAuthority authority_;
};

TEST_F(WebSourceTest, MapsEveryStatus) {
  for (const StatusRow& row : kStatusRows) {
    const TestWebServer server(Issue("pds.example.com"), Always(TestResponse(row.status, "{}")));
    const auto document = NewSource(Reaching(server, "pds.example.com"))->Fetch(kWebDid);
    EXPECT_EQ(document.status().code(), row.code) << row.status;
  }
}

TEST_F(WebSourceTest, AsksForTheWellKnownPath) {
  std::string request;
  {
    const TestWebServer server(Issue("pds.test"), [&request](const std::string& seen, TestConnection& connection) {
      request = seen;
      connection.Write(TestResponse(200, "{}"));
    });
    ASSERT_TRUE(NewSource(Reaching(server, "pds.test"))->Fetch("did:web:pds.test").ok());
  }
  EXPECT_THAT(request, StartsWith("GET /.well-known/did.json HTTP/1.1\r\nHost: pds.test\r\n"));
}

TEST_F(WebSourceTest, ACertificateForAnotherHostIsAnOutage) {
  const TestWebServer server(Issue("other.example.com"), Always(TestResponse(200, "{}")));
  const auto document = NewSource(Reaching(server, "pds.example.com"))->Fetch(kWebDid);
  EXPECT_TRUE(absl::IsUnavailable(document.status()));
}

TEST_F(WebSourceTest, LocalhostIsAskedByHttpInDevelopmentOnly) {
  const TestWebServer server(Always(TestResponse(200, "{}")));
  const std::string did = absl::StrCat("did:web:localhost%3A", server.port());
  DidSourceOptions options;
  EXPECT_TRUE(absl::IsNotFound(NewSource(options)->Fetch(did).status()));
  EXPECT_EQ(server.connections(), 0);
  options.allow_insecure = true;
  EXPECT_TRUE(NewSource(options)->Fetch(did).ok());
}

TEST(WebSource, AHostThatIsMissingOrForbiddenIsNotFoundAndAnOutageIsNot) {
  const struct {
    const char* what;
    ResolverAnswer answer;
    absl::StatusCode code;
  } kRows[] = {
      {"no such host", {EAI_NONAME, {}}, absl::StatusCode::kNotFound},
      {"no address", {0, {}}, absl::StatusCode::kNotFound},
      {"private address", {0, {"192.168.0.1"}}, absl::StatusCode::kNotFound},
      {"loopback address", {0, {"127.0.0.1"}}, absl::StatusCode::kNotFound},
      {"name server fails", {EAI_AGAIN, {}}, absl::StatusCode::kUnavailable},
  };
  for (const auto& row : kRows) {
    const auto source = NewSource({}, [&row](const std::string&) { return row.answer; });
    EXPECT_EQ(source->Fetch(kWebDid).status().code(), row.code) << row.what;
  }
}

TEST(WebDocumentUrl, NamesHttpsAndTheHost) {
  EXPECT_EQ(*WebDocumentUrl(kWebDid, WebHosts::kPublic), "https://pds.example.com/.well-known/did.json");
  EXPECT_EQ(*WebDocumentUrl("did:web:pds.test", WebHosts::kDevelopment), "https://pds.test/.well-known/did.json");
  EXPECT_EQ(*WebDocumentUrl("did:web:localhost%3A8080", WebHosts::kDevelopment),
            "http://localhost:8080/.well-known/did.json");
  EXPECT_EQ(*WebDocumentUrl("did:web:localhost", WebHosts::kDevelopment), "http://localhost/.well-known/did.json");
}

TEST(WebDocumentUrl, RefusesHostsThatArePublicNowhere) {
  for (const char* host :
       {"a.local",      "a.arpa",     "a.invalid",    "a.internal", "a.example", "a.onion",       "a.alt",
        "a.localhost",  "a.LOCAL",    "a.Internal",   "127.0.0.1",  "10.0.0.1",  "%5B%3A%3A1%5D", "com",
        "a.com%3A8443", "a.com:path", "a.com%2Fpath", "a..com",     "-a.com",    "a.com.",        "user%40a.com"}) {
    for (const WebHosts hosts : {WebHosts::kPublic, WebHosts::kDevelopment}) {
      EXPECT_TRUE(absl::IsNotFound(WebDocumentUrl(absl::StrCat("did:web:", host), hosts).status())) << host;
    }
  }
  for (const char* host : {"a.test", "a.TEST", "localhost", "localhost%3A8080"}) {
    EXPECT_TRUE(absl::IsNotFound(WebDocumentUrl(absl::StrCat("did:web:", host), WebHosts::kPublic).status())) << host;
  }
}

TEST(DidFolder, GivesTheFileNamedByTheDid) {
  const std::string folder = NewFolder();
  EXPECT_TRUE(absl::IsNotFound(ReadDidFolder(folder, kPlcDid).status()));
  WriteFile(absl::StrCat(folder, "/", kPlcDid, ".json"), "one");
  EXPECT_EQ(*ReadDidFolder(folder, kPlcDid), "one");
  WriteFile(absl::StrCat(folder, "/", kPlcDid, ".json"), "two");
  EXPECT_EQ(*ReadDidFolder(folder, kPlcDid), "two");
  WriteFile(absl::StrCat(folder, "/did:web:localhost%3A8080.json"), "web");
  EXPECT_EQ(*ReadDidFolder(folder, "did:web:localhost%3A8080"), "web");
}

TEST(DidFolder, TakesExactlyTheLimitAndNoMore) {
  const std::string folder = NewFolder();
  const std::string path = absl::StrCat(folder, "/", kPlcDid, ".json");
  WriteFile(path, std::string(64 * 1024, 'x'));
  EXPECT_EQ(ReadDidFolder(folder, kPlcDid)->size(), 64u * 1024);
  WriteFile(path, std::string(64 * 1024 + 1, 'x'));
  EXPECT_TRUE(absl::IsUnavailable(ReadDidFolder(folder, kPlcDid).status()));
}

TEST(DidFolder, WhatIsNoFileIsAnOutageAndHoldsNobodyUp) {
  const std::string folder = NewFolder();
  const std::string path = absl::StrCat(folder, "/", kPlcDid, ".json");
  ASSERT_EQ(mkdir(path.c_str(), 0700), 0);
  EXPECT_TRUE(absl::IsUnavailable(ReadDidFolder(folder, kPlcDid).status()));
  ASSERT_EQ(rmdir(path.c_str()), 0);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_TRUE(absl::IsUnavailable(ReadDidFolder(folder, kPlcDid).status()));
}

TEST(DidFolder, ADidLongerThanAFileNameIsNotFound) {
  EXPECT_TRUE(absl::IsNotFound(ReadDidFolder(NewFolder(), absl::StrCat("did:web:", std::string(300, 'a'))).status()));
}

TEST(DidSourceOrder, TheFolderComesBeforeTheDirectory) {
  const TestWebServer server(Always(TestResponse(200, "network")));
  DidSourceOptions options = WithDirectory(server);
  options.folder = NewFolder();
  const auto source = NewSource(options);
  EXPECT_EQ(*source->Fetch(kPlcDid), "network");
  WriteFile(absl::StrCat(options.folder, "/", kPlcDid, ".json"), "folder");
  EXPECT_EQ(*source->Fetch(kPlcDid), "folder");
}

TEST(DidSourceOrder, WhatIsNoAccountsDidTouchesNeitherFolderNorNetwork) {
  const TestWebServer server(Always(TestResponse(200, "network")));
  DidSourceOptions options = WithDirectory(server);
  options.folder = absl::StrCat(NewFolder(), "/inner");
  WriteFile(absl::StrCat(options.folder, "/../secret.json"), "secret");
  const auto source = NewSource(options);
  for (const char* did :
       {"", "../secret", "did:plc:../../secret", "did:key:zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9p",
        "did:plc:tooshort", "did:plc:EWVI7NXZYOUN6ZHXRHS64OIZ", "did:plc:ewvi7nxzyoun6zhxrhs64oiz#a",
        "did:plc:ewvi7nxzyoun6zhxrhs64oiz\n", "did:web:a.com:path"}) {
    EXPECT_TRUE(absl::IsNotFound(source->Fetch(did).status())) << did;
  }
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace
}  // namespace tokens
