#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tulving::tools {

/// An option or an argument, as a person reads of it.
struct OptionText {
  std::vector<std::string> names;  ///< "--k"; of an argument its one name.
  std::string value;               ///< What stands for its value, "N". Empty: it is a flag.
  std::string description;
};

/// A command, or the program itself, and all below it. Each in the order in which it was declared.
struct CommandText {
  std::string name;
  std::string description;
  std::vector<OptionText> options, arguments;
  std::vector<CommandText> commands;
};

/// What the command line takes: completion and the man page are made of it, so neither can lack
/// what the program has.
[[nodiscard]] CommandText command_tree(const CLI::App& app);

}  // namespace tulving::tools
