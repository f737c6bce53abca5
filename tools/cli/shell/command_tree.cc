#include "tools/cli/shell/command_tree.h"

#include <algorithm>

namespace tulving::tools {
namespace {

OptionText text_of(const CLI::Option& option) {
  OptionText text;
  for (const std::string& name : option.get_lnames()) text.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) text.names.push_back("-" + name);
  if (text.names.empty()) text.names.push_back(option.get_name(true));
  if (option.get_items_expected_max() != 0) text.value = option.get_type_name();
  if (option.get_items_expected_max() != 0 && text.value.empty()) text.value = "VALUE";
  text.description = option.get_description();
  return text;
}

// An unnamed group of options is its command's.
void add_options(const CLI::App& app, CommandText& command) {
  for (const CLI::Option* option : app.get_options()) {
    const bool is_argument = option->get_lnames().empty() && option->get_snames().empty();
    (is_argument ? command.arguments : command.options).push_back(text_of(*option));
  }
}

}  // namespace

CommandText command_tree(const CLI::App& app) {
  CommandText command{app.get_name(), app.get_description(), {}, {}, {}};
  add_options(app, command);
  for (const CLI::App* part : app.get_subcommands([](const CLI::App*) { return true; })) {
    if (part->get_name().empty()) {
      add_options(*part, command);
    } else {
      command.commands.push_back(command_tree(*part));
    }
  }
  return command;
}

}  // namespace tulving::tools
