#include "token_service/identity/did_document.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/support/interop_vectors.h"
#include "tests/support/test_signer.h"

namespace tokens::testing {
namespace {

using nlohmann::json;

constexpr char kDid[] = "did:plc:7iza6de2dwap2sbkpav7c6c6";

class DidDocumentTest : public ::testing::Test {
 protected:
  const TestSigner signer_ = TestSigner::Generate(KeyCurve::kK256);
  const TestSigner other_ = TestSigner::Generate(KeyCurve::kP256);

  json Document() const { return MakeDidDocument(kDid, signer_); }
  json Method(const TestSigner& signer) const { return MakeDidDocument(kDid, signer)["verificationMethod"][0]; }
  // The key found in `document`, as did:key; empty if it is refused.
  static std::string KeyIn(const json& document) {
    const absl::StatusOr<DidDocument> parsed = ParseDidDocument(kDid, document.dump());
    if (parsed.ok()) return parsed->signing_key.ToDidKey();
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument);
    return "";
  }
};

TEST_F(DidDocumentTest, KeyIsFoundInEveryFormOnBothCurves) {
  for (const TestSigner& signer : {signer_, other_}) {
    for (const KeyForm form : {KeyForm::kMultikey, KeyForm::kLegacyCompressed, KeyForm::kLegacyUncompressed}) {
      const auto document = ParseDidDocument(kDid, MakeDidDocument(kDid, signer, form).dump());
      ASSERT_TRUE(document.ok()) << document.status();
      EXPECT_EQ(document->did, kDid);
      EXPECT_EQ(document->signing_key.ToDidKey(), signer.DidKey());
    }
  }
}

TEST_F(DidDocumentTest, WhatWeDoNotReadMayBeAnything) {
  const struct {
    const char* why;
    std::function<void(json&)> change;
  } cases[] = {
      {"relative id", [](json& d) { d["verificationMethod"][0]["id"] = "#atproto"; }},
      {"authentication is null", [](json& d) { d["authentication"] = nullptr; }},
      {"no context", [](json& d) { d.erase("@context"); }},
      {"services are null", [](json& d) { d["service"] = nullptr; }},
      {"handles are a number", [](json& d) { d["alsoKnownAs"] = 7; }},
      {"an unknown member",
       [](json& d) {
         d["x"] = {{"y", {1, 2, 3}}};
       }},
      {"a method that is no object comes first",
       [](json& d) {
         d["verificationMethod"].insert(d["verificationMethod"].begin(), {nullptr, 1, "x", {1}});
       }},
  };
  for (const auto& [why, change] : cases) {
    json document = Document();
    change(document);
    EXPECT_EQ(KeyIn(document), signer_.DidKey()) << why;
  }
}

TEST_F(DidDocumentTest, FirstUsableAtprotoMethodIsTheKey) {
  const struct {
    const char* why;
    std::function<void(json&)> change;  // Of the other account's method, which comes first.
    bool first_is_taken;
  } cases[] = {
      {"usable", [](json&) {}, true},
      {"another name", [](json& m) { m["id"] = std::string(kDid) + "#atproto_label"; }, false},
      {"another name, relative", [](json& m) { m["id"] = "#atproto_label"; }, false},
      {"name in another case", [](json& m) { m["id"] = "#Atproto"; }, false},
      {"name without a fragment sign", [](json& m) { m["id"] = "atproto"; }, false},
      {"of another DID", [](json& m) { m["id"] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa#atproto"; }, false},
      {"name is not a string", [](json& m) { m["id"] = 1; }, false},
      {"controlled by another DID", [](json& m) { m["controller"] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"; }, false},
      {"controlled by nobody", [](json& m) { m.erase("controller"); }, false},
      {"controllers in an array", [](json& m) { m["controller"] = json::array({kDid}); }, false},
      {"unknown type", [](json& m) { m["type"] = "JsonWebKey2020"; }, false},
      {"no type", [](json& m) { m.erase("type"); }, false},
      {"legacy type of the other curve", [](json& m) { m["type"] = "EcdsaSecp256k1VerificationKey2019"; }, false},
      {"no key", [](json& m) { m.erase("publicKeyMultibase"); }, false},
      {"key is null", [](json& m) { m["publicKeyMultibase"] = nullptr; }, false},
      {"key is nonsense", [](json& m) { m["publicKeyMultibase"] = "zzzz"; }, false},
  };
  for (const auto& [why, change, first_is_taken] : cases) {
    json document = Document();
    json first = Method(other_);
    change(first);
    document["verificationMethod"] = {first, Method(signer_)};
    EXPECT_EQ(KeyIn(document), first_is_taken ? other_.DidKey() : signer_.DidKey()) << why;
    document["verificationMethod"] = json::array({first});
    EXPECT_EQ(KeyIn(document), first_is_taken ? other_.DidKey() : "") << why;
  }
}

TEST_F(DidDocumentTest, ServerIsTheFirstPdsEntry) {
  const json entry = {
      {"id", "#atproto_pds"}, {"type", "AtprotoPersonalDataServer"}, {"serviceEndpoint", "https://a.example.com"}};
  const struct {
    const char* why;
    std::function<void(json&)> change;  // Of an entry that comes before the document's own.
    const char* pds;
  } cases[] = {
      {"usable", [](json&) {}, "https://a.example.com"},
      {"full id", [](json& e) { e["id"] = std::string(kDid) + "#atproto_pds"; }, "https://a.example.com"},
      {"not judged here", [](json& e) { e["serviceEndpoint"] = "ftp://x/"; }, "ftp://x/"},
      {"id of another service", [](json& e) { e["id"] = "#atproto_labeler"; }, "https://pds.example.com"},
      {"id of another DID", [](json& e) { e["id"] = "did:plc:x#atproto_pds"; }, "https://pds.example.com"},
      {"no id", [](json& e) { e.erase("id"); }, "https://pds.example.com"},
      {"another type", [](json& e) { e["type"] = "AtprotoLabeler"; }, "https://pds.example.com"},
      {"no type", [](json& e) { e.erase("type"); }, "https://pds.example.com"},
      {"no object", [](json& e) { e = 7; }, "https://pds.example.com"},
      {"no endpoint", [](json& e) { e.erase("serviceEndpoint"); }, ""},
      {"endpoint in an object", [](json& e) { e["serviceEndpoint"] = json::object(); }, ""},
      {"endpoint of any length", [](json& e) { e["serviceEndpoint"] = std::string(kMaxPdsBytes + 1, 'x'); }, ""},
  };
  for (const auto& [why, change, pds] : cases) {
    json document = Document();
    json first = entry;
    change(first);
    document["service"].insert(document["service"].begin(), first);
    const auto parsed = ParseDidDocument(kDid, document.dump());
    ASSERT_TRUE(parsed.ok()) << why;
    EXPECT_EQ(parsed->pds, pds) << why;
  }
}

TEST_F(DidDocumentTest, HandlesAreReadInOrderAndInLowerCase) {
  json document = Document();
  document["alsoKnownAs"] = {"https://alice.example.com", "at://Alice.Example.com", 7,
                             "at://not a handle",         "at://b.example.com",     "at://did:plc:x",
                             "at://c.example.com",        "at://d.example.com",     "at://e.example.com"};
  const auto parsed = ParseDidDocument(kDid, document.dump());
  ASSERT_TRUE(parsed.ok());
  const std::vector<std::string> first = {"alice.example.com", "b.example.com", "c.example.com", "d.example.com"};
  EXPECT_EQ(parsed->handles, first);
  for (const json& none : {json(nullptr), json(7), json::array()}) {
    document["alsoKnownAs"] = none;
    EXPECT_TRUE(ParseDidDocument(kDid, document.dump())->handles.empty()) << none;
  }
}

TEST_F(DidDocumentTest, DocumentWithoutAUsableKeyIsRefused) {
  const struct {
    const char* why;
    std::function<void(json&)> change;
  } cases[] = {
      {"about another DID", [](json& d) { d["id"] = "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"; }},
      {"about the DID with a fragment", [](json& d) { d["id"] = std::string(kDid) + "#atproto"; }},
      {"about nobody", [](json& d) { d.erase("id"); }},
      {"id is not a string", [](json& d) { d["id"] = json::array({kDid}); }},
      {"no methods", [](json& d) { d.erase("verificationMethod"); }},
      {"methods are null", [](json& d) { d["verificationMethod"] = nullptr; }},
      {"no method in the array", [](json& d) { d["verificationMethod"] = json::array(); }},
      {"methods in an object",
       [](json& d) {
         d["verificationMethod"] = json{{"#atproto", json(d["verificationMethod"][0])}};
       }},
      {"method only under authentication",
       [](json& d) {
         d["authentication"] = json(d["verificationMethod"]);
         d.erase("verificationMethod");
       }},
  };
  for (const auto& [why, change] : cases) {
    json document = Document();
    change(document);
    EXPECT_EQ(KeyIn(document), "") << why;
  }
  for (const char* text : {"", "null", "[]", "\"x\"", "not json", "{}"}) {
    EXPECT_EQ(ParseDidDocument(kDid, text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST_F(DidDocumentTest, HostileDocumentsAreBounded) {
  const std::string honest = Document().dump();
  const std::string head = honest.substr(0, honest.size() - 1);
  EXPECT_FALSE(ParseDidDocument(kDid, head + R"(,"id":")" + kDid + "\"}").ok());  // A name twice.
  EXPECT_FALSE(ParseDidDocument(kDid, head + R"(,"x":)" + std::string(100, '[') + std::string(100, ']') + "}").ok());
  EXPECT_TRUE(ParseDidDocument(kDid, honest + std::string(kMaxDidDocumentBytes - honest.size(), ' ')).ok());
  EXPECT_FALSE(ParseDidDocument(kDid, honest + std::string(kMaxDidDocumentBytes + 1 - honest.size(), ' ')).ok());
}

TEST_F(DidDocumentTest, NotEveryOneOfManyBadKeysIsTried) {
  json bad = Method(other_);
  bad["publicKeyMultibase"] = "zzzz";
  json document = Document();
  document["verificationMethod"] = json::array();
  for (int i = 0; i < 7; ++i) document["verificationMethod"].push_back(bad);
  document["verificationMethod"].push_back(Method(signer_));
  EXPECT_EQ(KeyIn(document), signer_.DidKey());
  document["verificationMethod"].insert(document["verificationMethod"].begin(), bad);
  EXPECT_EQ(KeyIn(document), "");
}

TEST_F(DidDocumentTest, ErrorsDoNotQuoteTheDocument) {
  json document = Document();
  document["id"] = "did:example:hunter2";
  document["verificationMethod"][0]["publicKeyMultibase"] = "zhunter2";
  for (const std::string& text : {document.dump(), std::string("hunter2")}) {
    EXPECT_EQ(ParseDidDocument(kDid, text).status().message().find("hunter2"), absl::string_view::npos);
  }
}

TEST(DidDocumentInteropTest, PublicDocumentsAreRead) {
  SKIP_WITHOUT_INTEROP_VECTORS();
  if (!HaveInteropFile("extra-indigo/identity/did_plc_doc.json")) GTEST_SKIP() << "no documents of indigo's there";
  const std::string did = "did:plc:ewvi7nxzyoun6zhxrhs64oiz";
  const auto now = ParseDidDocument(did, InteropFile("extra-indigo/identity/did_plc_doc.json"));
  const auto legacy = ParseDidDocument(did, InteropFile("extra-indigo/identity/did_plc_doc_legacy.json"));
  ASSERT_TRUE(now.ok()) << now.status();
  ASSERT_TRUE(legacy.ok()) << legacy.status();
  EXPECT_EQ(now->signing_key.ToDidKey(), "did:key:zQ3shXjHeiBuRCKmM36cuYnm7YEMzhGnCmCyW92sRJ9pribSF");
  EXPECT_EQ(legacy->signing_key, now->signing_key);
  // A feed generator's: authentication is null, and there is no key.
  const auto web =
      ParseDidDocument("did:web:discover.bsky.social", InteropFile("extra-indigo/identity/did_web_doc.json"));
  EXPECT_EQ(web.status().message(), "DID document: no usable #atproto key");
}

}  // namespace
}  // namespace tokens::testing
