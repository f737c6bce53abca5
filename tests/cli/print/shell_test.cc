// What shells complete by and man(1) shows is all that the program takes.

#include <cstdlib>
#include <sstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class CliShell : public Cli {
 protected:
  std::string printed(const Arguments& arguments) {
    const Outcome outcome = run_bare(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.out;
  }
  static bool has(const char* program) {
    return std::system((std::string("command -v ") + program + " >/dev/null 2>&1").c_str()) == 0;
  }
  /// What `script` of this shell prints.
  std::string output_of(const std::string& shell, const std::string& script) {
    const std::string to = path("output");
    const std::string command = shell + " " + file("script", script) + " >" + to + " 2>&1";
    EXPECT_EQ(std::system(command.c_str()), 0) << contents(to);
    return contents(to);
  }
  /// Every command, "plans show", as the man page has it.
  std::vector<std::string> commands() {
    std::vector<std::string> found;
    std::istringstream lines(printed({"man"}));
    for (std::string line; std::getline(lines, line);) {
      if (!line.starts_with(".SS \"")) continue;
      std::string path = line.substr(5, line.find_first_of("[\"", 5) - 5);
      for (std::size_t at; (at = path.find('\\')) != std::string::npos;) path.erase(at, 1);
      while (path.ends_with(' ')) path.pop_back();
      found.push_back(path);
    }
    return found;
  }
};

TEST_F(CliShell, BashCompletesEveryCommand) {
  const std::vector<std::string> all = commands();
  ASSERT_GT(all.size(), 50U);
  std::string script = "source " + file("completion", printed({"completion", "bash"})) + "\n";
  for (const std::string& path : all) {
    // All but the last letter is typed.
    script += "COMP_WORDS=(tulving " + path.substr(0, path.size() - 1) +
              "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _tulving; echo \"" + path +
              ": ${COMPREPLY[*]}\"\n";
  }
  std::istringstream lines(output_of("bash", script));
  for (const std::string& path : all) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_THAT(" " + line.substr(line.find(':') + 1) + " ",
                HasSubstr(" " + path.substr(path.rfind(' ') + 1) + " "))
        << line;
  }
}

TEST_F(CliShell, BashCompletesOptionsOfTheCommandAndOfTheProgram) {
  const std::string script =
      "source " + file("completion", printed({"completion", "bash"})) + "\ncd " + path(".") +
      "; touch some-file\n"
      "complete_at() { COMP_WORDS=(tulving \"$@\"); COMP_CWORD=$#; _tulving; echo "
      "\"${COMPREPLY[*]}\"; }\n"
      "complete_at search --expl\ncomplete_at search --emb\ncomplete_at --db search --expl\n"
      "complete_at --db some-f\ncomplete_at --db D search --tenant t --expl\n";
  std::istringstream lines(output_of("bash", script));
  std::vector<std::string> found;
  for (std::string line; std::getline(lines, line);) found.push_back(line);
  EXPECT_EQ(found,
            (std::vector<std::string>{"--explain", "--embedder", "", "some-file", "--explain"}))
      << "a value is no command, and is completed by files";
}

TEST_F(CliShell, ZshAndFishReadTheirs) {
  if (!has("zsh") && !has("fish")) GTEST_SKIP() << "neither zsh nor fish is installed";
  if (has("zsh")) {
    EXPECT_THAT(output_of("zsh -n", printed({"completion", "zsh"})), IsEmpty());
  }
  if (has("fish")) {
    EXPECT_THAT(output_of("fish -n", printed({"completion", "fish"})), IsEmpty());
  }
}

TEST_F(CliShell, TheManPageIsSoundAndHasEveryOption) {
  const std::string page = printed({"man"});
  EXPECT_THAT(commands(), Contains("plans show"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-embedder\\fR"));
  EXPECT_THAT(page, HasSubstr("\\fB\\-\\-explain\\fR"));
  if (!has("groff")) GTEST_SKIP() << "groff is not installed";
  EXPECT_THAT(output_of("groff -man -Tutf8 -ww -z", page), IsEmpty());
}

TEST_F(CliShell, AnotherShellIsRefused) {
  EXPECT_EQ(run_bare({"completion", "csh"}).exit_code, 2);
  EXPECT_EQ(run_bare({"completion"}).exit_code, 2);
}

}  // namespace
}  // namespace tulving::testing
