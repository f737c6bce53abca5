#pragma once

#include <string>

#include "tools/cli/shell/command_tree.h"

namespace tulving::tools {

// Scripts that complete commands and options. Where a value is wanted, or nothing else fits, files
// are completed.

/// To be sourced, or put where bash-completion looks: "tulving".
[[nodiscard]] std::string bash_completion(const CommandText& program);
/// To be put into a folder of fpath: "_tulving".
[[nodiscard]] std::string zsh_completion(const CommandText& program);
/// To be put into ~/.config/fish/completions: "tulving.fish".
[[nodiscard]] std::string fish_completion(const CommandText& program);

}  // namespace tulving::tools
