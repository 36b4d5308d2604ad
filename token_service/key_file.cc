#include "token_service/key_file.h"

#include <sys/stat.h>

#include "absl/strings/str_cat.h"
#include "token_service/base/log.h"

namespace tokens {

void WarnIfOthersCanRead(const std::string& path, absl::string_view event) {
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0 || (status.st_mode & (S_IRGRP | S_IROTH)) == 0) return;
  const std::string detail = absl::StrCat(path, ": others than its owner can read this private key");
  LogFields fields;
  fields.detail = detail;
  Log(LogLevel::kWarning, event, fields);
}

}  // namespace tokens
