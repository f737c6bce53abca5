#include "tools/cli/usage.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "tools/cli/command.h"

namespace tulving::tools {

namespace {

/// Letters put in, left out, changed, or swapped with the next: the restricted Damerau-Levenshtein
/// distance.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::vector<std::size_t>, 3> rows;  // Of a's prefix two letters ago, one ago, and now.
  for (auto& row : rows) row.resize(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) rows[2][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::rotate(rows.begin(), rows.begin() + 1, rows.end());
    rows[2][0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = rows[1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[2][j] = std::min({rows[1][j] + 1, rows[2][j - 1] + 1, changed});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        rows[2][j] = std::min(rows[2][j], rows[0][j - 2] + 1);
      }
    }
  }
  return rows[2][b.size()];
}

/// The command that the arguments chose, a group's command included.
const CLI::App& chosen(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    names.push_back(command->get_name());
  }
  return names;
}

/// "--db" and so on, of the command and of those it belongs to.
std::vector<std::string> options_of(const CLI::App* app) {
  std::vector<std::string> names;
  for (; app != nullptr; app = app->get_parent()) {
    for (const CLI::Option* option : app->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  return names;
}

std::string path_of(const CLI::App& command) {
  const std::string name = command.get_name();
  return command.get_parent() == nullptr ? name : path_of(*command.get_parent()) + " " + name;
}

std::string with_suggestion(std::string sentence, const std::string& meant,
                            const CLI::App& command) {
  return sentence + (meant.empty() ? fmt::format("; see {} --help", path_of(command))
                                   : fmt::format("; did you mean {}?", meant));
}

/// Of what no option or command took. The first of it is the mistake, others may follow from it.
std::string unexpected(const CLI::App& app, const std::vector<std::string>& rest) {
  const CLI::App& command = chosen(app);
  const std::vector<std::string> commands = commands_of(command);
  if (!commands.empty() && !rest.front().starts_with('-')) {
    return with_suggestion(fmt::format("there is no command \"{}\"", rest.front()),
                           nearest(rest.front(), commands), command);
  }
  const auto option =
      std::ranges::find_if(rest, [](const std::string& word) { return word.starts_with('-'); });
  if (option == rest.end()) {
    return with_suggestion(fmt::format("{} takes no \"{}\" there", path_of(command), rest.front()),
                           "", command);
  }
  const std::string name = option->substr(0, option->find('='));
  return with_suggestion(fmt::format("there is no option {} of {}", name, path_of(command)),
                         nearest(name, options_of(&command)), command);
}

const CLI::Option* option_named(const CLI::App* app, const std::string& name) {
  for (; app != nullptr; app = app->get_parent()) {
    if (const CLI::Option* option = app->get_option_no_throw(name)) return option;
  }
  return nullptr;
}

/// Of CLI11's "Could not convert: --k = ten".
std::string not_converted(const CLI::App& app, std::string text) {
  static constexpr std::string_view kHead = "Could not convert: ";
  const std::size_t sign = text.find(" = ");
  if (!text.starts_with(kHead) || sign == std::string::npos) return text;
  const std::string name = text.substr(kHead.size(), sign - kHead.size());
  const CLI::Option* option = option_named(&chosen(app), name);
  const bool is_flag = option != nullptr && option->get_expected_max() == 0;
  return fmt::format("{} is \"{}\"; must be {}", name, text.substr(sign + 3),
                     is_flag ? "true or false" : "a number within its range");
}

void take_tenant(CLI::App& app) {
  CLI::Option* tenant = app.get_option_no_throw("--tenant");
  if (tenant != nullptr && tenant->get_required()) tenant->envname("TULVING_TENANT");
}

}  // namespace

std::string what_is_wrong(const CLI::App& app, const CLI::ParseError& problem) {
  // First: a misspelt option is the cause of what else is missing.
  if (const auto rest = app.remaining(); !rest.empty()) return unexpected(app, rest);
  const CLI::App& command = chosen(app);
  const auto commands = commands_of(command);
  if (!commands.empty() && dynamic_cast<const CLI::RequiredError*>(&problem) != nullptr &&
      std::string_view(problem.what()).find("ubcommand") != std::string_view::npos) {
    return fmt::format("a command is missing behind {}: {}", path_of(command),
                       command.get_parent() == nullptr
                           ? "see tulving --help"
                           : fmt::format("{}", fmt::join(commands, ", ")));
  }
  if (dynamic_cast<const CLI::ConversionError*>(&problem) != nullptr) {
    return not_converted(app, problem.what());
  }
  return problem.what();
}

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  std::string best;
  std::size_t least = word.size() / 3 + 1;
  for (const std::string& name : known) {
    const std::size_t changes = distance(word, name);
    if (changes >= least) continue;
    least = changes;
    best = name;
  }
  return best;
}

void take_tenant_from_environment(CLI::App& app) {
  take_tenant(app);
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) {
    take_tenant_from_environment(*command);
  }
}

}  // namespace tulving::tools
