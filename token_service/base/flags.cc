#include "token_service/base/flags.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <map>

#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/flags/usage_config.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace tokens {
namespace {

// One argument as the command line has it: "--name=value", "--name value" or, for a bool, "--name" and "--noname".
struct Argument {
  std::string name;
  std::string value;
};

// Checks one flag by setting it. Abseil's own parser would end the program at the first fault, with exit code 1.
void CheckFlag(const Argument& argument, std::vector<std::string>* faults) {
  absl::CommandLineFlag* flag = absl::FindCommandLineFlag(argument.name);
  std::string error;
  if (flag == nullptr) {
    faults->push_back(absl::StrCat("--", argument.name, ": unknown flag"));
  } else if (!flag->ParseFrom(argument.value, &error)) {
    faults->push_back(absl::StrCat("--", argument.name, ": ", error.empty() ? "not a value of its type" : error));
  }
}

bool IsBool(const std::string& name) {
  const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
  return flag != nullptr && flag->IsOfType<bool>();
}

// Abseil prints and ends the program at these; they are no flags that FindCommandLineFlag knows.
bool AsksForUsage(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    for (const absl::string_view name : {"--help", "--helpfull", "--helpshort", "--version"}) {
      if (name == argv[i] || name.substr(1) == argv[i]) return true;
    }
  }
  return false;
}

// Splits the command line into flags; what is no flag becomes a fault.
std::vector<Argument> Split(int argc, char** argv, std::vector<std::string>* faults) {
  std::vector<Argument> arguments;
  for (int i = 1; i < argc; ++i) {
    absl::string_view text = argv[i];
    if (!absl::ConsumePrefix(&text, "--") && !(text.size() > 1 && absl::ConsumePrefix(&text, "-"))) {
      faults->push_back(absl::StrCat("\"", text, "\": is not a flag"));
      continue;
    }
    const std::pair<std::string, std::string> parts = absl::StrSplit(text, absl::MaxSplits('=', 1));
    if (absl::StrContains(text, "=")) {
      arguments.push_back({parts.first, parts.second});
    } else if (IsBool(parts.first)) {
      arguments.push_back({parts.first, "true"});
    } else if (absl::StartsWith(parts.first, "no") && IsBool(parts.first.substr(2))) {
      arguments.push_back({parts.first.substr(2), "false"});
    } else if (i + 1 < argc && absl::FindCommandLineFlag(parts.first) != nullptr) {
      arguments.push_back({parts.first, argv[++i]});
    } else {
      arguments.push_back({parts.first, ""});
    }
  }
  return arguments;
}

}  // namespace

std::vector<std::string> ParseFlags(int argc, char** argv, const std::vector<std::string>& repeatable) {
  absl::FlagsUsageConfig config;
  config.version_string = [] { return std::string(TOKENS_VERSION "\n"); };
  config.contains_help_flags = [](absl::string_view file) { return file == "config.cc"; };  // normalized
  config.normalize_filename = [](absl::string_view file) { return std::string(file.substr(file.rfind('/') + 1)); };
  absl::SetFlagsUsageConfig(config);

  if (AsksForUsage(argc, argv)) absl::ParseCommandLine(argc, argv);

  std::vector<std::string> faults;
  std::vector<Argument> arguments;
  std::map<std::string, size_t> seen;
  for (Argument& argument : Split(argc, argv, &faults)) {
    const auto [it, is_new] = seen.emplace(argument.name, arguments.size());
    if (is_new) {
      arguments.push_back(std::move(argument));
    } else if (std::find(repeatable.begin(), repeatable.end(), argument.name) != repeatable.end()) {
      absl::StrAppend(&arguments[it->second].value, ",", argument.value);
    } else {
      faults.push_back(absl::StrCat("--", argument.name, ": given twice"));
    }
  }
  for (const Argument& argument : arguments) CheckFlag(argument, &faults);
  if (!faults.empty()) return faults;

  // Once more by Abseil, for --help, --version, --fromenv and --tryfromenv.
  std::vector<std::string> texts = {argv[0]};
  texts.reserve(1 + arguments.size());
  for (const Argument& argument : arguments) texts.push_back(absl::StrCat("--", argument.name, "=", argument.value));
  std::vector<char*> pointers;
  pointers.reserve(texts.size());
  for (std::string& text : texts) pointers.push_back(text.data());
  absl::ParseCommandLine(static_cast<int>(pointers.size()), pointers.data());
  return faults;
}

int Refuse(absl::string_view program, const std::vector<std::string>& faults) {
  for (const std::string& fault : faults) {
    std::fprintf(stderr, "%s: %s\n", std::string(program).c_str(), fault.c_str());
  }
  return kExitRefused;
}

int RefuseLines(absl::string_view program, absl::string_view flag, const absl::Status& status) {
  std::vector<std::string> faults;
  for (const absl::string_view line : absl::StrSplit(status.message(), '\n')) {
    faults.push_back(absl::StrCat(flag, ": ", line));
  }
  return Refuse(program, faults);
}

void CheckRange(absl::string_view flag, int value, int low, int high, std::vector<std::string>* faults) {
  if (value < low || value > high) faults->push_back(absl::StrCat(flag, ": must be ", low, " to ", high));
}

void CheckRange(absl::string_view flag, absl::Duration value, absl::Duration low, absl::Duration high,
                std::vector<std::string>* faults) {
  if (value < low || value > high) {
    faults->push_back(absl::StrCat(flag, ": must be ", absl::FormatDuration(low), " to ", absl::FormatDuration(high)));
  }
}

bool IsLocalAddress(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return true;
  const size_t colon = address.rfind(':');
  std::string host(address.substr(0, colon));
  if (host == "localhost" || host == "[::1]") return true;
  in_addr ipv4;
  return inet_pton(AF_INET, host.c_str(), &ipv4) == 1 && (ntohl(ipv4.s_addr) >> 24) == 127;
}

}  // namespace tokens
