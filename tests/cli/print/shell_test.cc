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

// By fish's own engine.
TEST_F(CliShell, FishCompletesEveryCommandAndOptions) {
  if (!has("fish")) GTEST_SKIP() << "fish is not installed";
  const std::string completion = file("completion", printed({"completion", "fish"}));
  EXPECT_THAT(output_of("fish --no-config -n", contents(completion)), IsEmpty());
  std::string script = "source " + completion + "\ncd " + path(".") +
                       "; touch some-file\nfunction at; echo (complete -C \"tulving $argv\" | "
                       "string replace -r '\\t.*' '' | string join ' '); end\n";
  const std::vector<std::string> all = commands();
  for (const std::string& path : all) {
    script += "at " + path.substr(0, path.size() - 1) + "\n";  // All but the last letter is typed.
  }
  script +=
      "at search --expl\nat search --emb\nat --db search --expl\nat --db some-f\n"
      "at --db D search --tenant t --expl\n";
  std::istringstream lines(output_of("fish --no-config", script));
  std::string line;
  for (const std::string& path : all) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_THAT(" " + line + " ", HasSubstr(" " + path.substr(path.rfind(' ') + 1) + " ")) << path;
  }
  for (const char* found : {"--explain", "--embedder", "", "some-file", "--explain"}) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line, found);
  }
}

// What it has zsh describe; zsh itself is asked below.
TEST_F(CliShell, ZshCompletesEveryCommandAndOptions) {
  if (!has("zsh")) GTEST_SKIP() << "zsh is not installed";
  const std::string completion = file("completion", printed({"completion", "zsh"}));
  EXPECT_THAT(output_of("zsh -f -n", contents(completion)), IsEmpty());
  std::string script =
      "compdef() { }\n_files() { print files }\n"
      "_describe() { local one; for one in ${(P)2}; do [[ $one == ${words[CURRENT]}* ]] && "
      "print -rn -- \"${one%%:*} \"; done; print }\n"
      "at() { words=(tulving \"$@\"); CURRENT=$#words; _tulving }\nsource " +
      completion + "\n";
  const std::vector<std::string> all = commands();
  for (const std::string& path : all) script += "at " + path.substr(0, path.size() - 1) + "\n";
  script +=
      "at search --expl\nat search --emb\nat --db search --expl\nat --db some-f\n"
      "at --db D search --tenant t --expl\n";
  std::istringstream lines(output_of("zsh -f", script));
  std::string line;
  for (const std::string& path : all) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_THAT(" " + line, HasSubstr(" " + path.substr(path.rfind(' ') + 1) + " ")) << path;
  }
  for (const char* found : {"--explain ", "--embedder ", "", "files", "--explain "}) {
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(line, found);
  }
}

// A zsh on a terminal, in which somebody types and presses the tab key.
TEST_F(CliShell, ZshCompletesWhatIsTyped) {
  if (!has("zsh")) GTEST_SKIP() << "zsh is not installed";
  const std::string completion = file("completion", printed({"completion", "zsh"}));
  const std::string script =
      "zmodload zsh/zpty && zpty z zsh -f -i || exit 1\n"
      "zpty -w z 'PS1=; PROMPT_EOL_MARK=; autoload -Uz compinit; compinit -D -u; source " +
      completion + "; tulving() { print -r -- \"<$*>\" >>" + path("called") +
      " }; print rea\"\"dy'\nzpty -r z seen '*ready*'\n"
      "zpty -w -n z $'tulving plans sho\\tlast\\n'\n"
      "zpty -w -n z $'tulving --db D sear\\t--expl\\t\\n'\n"
      "zpty -w z 'print do\"\"ne'\nzpty -r z seen '*done*'\nzpty -d z\n";
  EXPECT_THAT(output_of("zsh -f", script), IsEmpty());
  EXPECT_EQ(contents(path("called")), "<plans show last>\n<--db D search --explain>\n");
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
