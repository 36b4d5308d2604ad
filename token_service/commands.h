#ifndef TOKEN_SERVICE_COMMANDS_H_
#define TOKEN_SERVICE_COMMANDS_H_

#include <string>

namespace tokens {

// What `token_service NAME …` does instead of serving.
struct Command {
  const char* name;
  const char* usage;  // For --help.
  // Gets the arguments from NAME on; the exit code.
  int (*run)(int argc, char** argv);
};

// The command that the arguments name; null if they name none, and so ask to serve.
const Command* FindCommand(int argc, char** argv);

// The lines of the usage of each, for the program's own.
std::string CommandUsages();

}  // namespace tokens

#endif  // TOKEN_SERVICE_COMMANDS_H_
