// completion and man: what the command line takes, for shells and for man(1). No store is opened.

#include <fmt/core.h>

#include "tools/cli/command.h"
#include "tools/cli/print/output.h"
#include "tools/cli/shell/completion.h"
#include "tools/cli/shell/man_page.h"

namespace tulving::tools {
namespace {

struct ShellOptions {
  const CLI::App* app = nullptr;
  std::string shell;
};

Result<int> run_completion(const GlobalOptions&, const ShellOptions& options) {
  const CommandText program = command_tree(*options.app);
  const std::string script = options.shell == "bash"  ? bash_completion(program)
                             : options.shell == "zsh" ? zsh_completion(program)
                                                      : fish_completion(program);
  fmt::print("{}", script);
  return kDone;
}

Result<int> run_man(const GlobalOptions&, const ShellOptions& options) {
  fmt::print("{}", man_page(command_tree(*options.app), TULVING_VERSION));
  return kDone;
}

}  // namespace

void add_shell_commands(const CommandLine& line) {
  auto options = std::make_shared<ShellOptions>();
  options->app = &line.app;
  CLI::App* completion =
      add_command(line.app, line, "completion",
                  "Prints a script that completes commands and options", options, run_completion);
  completion->add_option("SHELL", options->shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->type_name("");
  add_command(line.app, line, "man", "Prints the man page: tulving man | man -l -", options,
              run_man);
}

}  // namespace tulving::tools
