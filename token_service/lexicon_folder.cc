#include "token_service/lexicon_folder.h"

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "token_service/base/read_file.h"

namespace tokens {
namespace {

constexpr size_t kMaxLexiconBytes = 1 << 20;

}  // namespace

absl::Status LexiconFolder::CheckIsQuery(absl::string_view nsid) const {
  const std::string path = absl::StrCat(root_, "/", absl::StrReplaceAll(nsid, {{".", "/"}}), ".json");
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxLexiconBytes);
  if (!text.ok()) return absl::NotFoundError(absl::StrCat(nsid, ": no lexicon: ", text.status().message()));
  const auto lexicon = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!lexicon.is_object()) return absl::InvalidArgumentError(absl::StrCat(path, ": is not a JSON object"));
  const auto is = [](const nlohmann::json& value, const auto& wanted) { return value == nlohmann::json(wanted); };
  if (!is(lexicon.value("lexicon", nlohmann::json()), 1) ||
      !is(lexicon.value("id", nlohmann::json()), std::string(nsid))) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is not the lexicon (version 1) of ", nsid));
  }
  const auto type = nlohmann::json::json_pointer("/defs/main/type");
  if (!lexicon.contains(type) || !is(lexicon[type], "query")) {
    return absl::InvalidArgumentError(
        absl::StrCat(nsid, ": its lexicon's main definition is not a query, so it may do more than read"));
  }
  return absl::OkStatus();
}

}  // namespace tokens
