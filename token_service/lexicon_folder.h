#ifndef TOKEN_SERVICE_LEXICON_FOLDER_H_
#define TOKEN_SERVICE_LEXICON_FOLDER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tokens {

// A folder of lexicons in the usual layout: app/didpic/feed/getTimeline.json below the root. Reads the disk at each
// call; thread-safe.
class LexiconFolder {
 public:
  explicit LexiconFolder(std::string root) : root_(std::move(root)) {}

  // OK if `nsid` (checked syntax) has a lexicon here whose `main` is a query, that is, reads only
  // (https://atproto.com/specs/lexicon). NOT_FOUND without one; INVALID_ARGUMENT if it is not a lexicon, not that of
  // `nsid`, or not a query.
  absl::Status CheckIsQuery(absl::string_view nsid) const;

 private:
  std::string root_;
};

}  // namespace tokens

#endif  // TOKEN_SERVICE_LEXICON_FOLDER_H_
