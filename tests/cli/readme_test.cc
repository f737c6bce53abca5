// README's command lines, run one after another in an empty folder on the demo's data: each works
// on what those before it left.
//
// Lines that need a server are left out. A line that fails, or has to say on stderr that something
// is not there, fails the test.

#include <sys/wait.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/cli/cli.h"

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

/// The indented lines below the heading "On the command line".
std::vector<std::string> command_lines() {
  std::istringstream readme(contents(TULVING_SOURCE_DIR "/README.md"));
  std::vector<std::string> lines;
  bool is_inside = false;
  for (std::string line; std::getline(readme, line);) {
    if (line.starts_with("## ")) is_inside = line == "## On the command line";
    if (is_inside && line.starts_with("    ")) lines.push_back(line.substr(4));
  }
  return lines;
}

class Readme : public Cli {
 protected:
  Readme() {
    std::filesystem::create_directories(path("bin"));
    std::filesystem::create_directories(path("folder"));
    std::filesystem::create_symlink(std::filesystem::absolute(TULVING_CLI), path("bin/tulving"));
  }
  /// Runs the line in a shell, in the folder.
  Outcome shell(std::string line) {
    static const std::string kPlace = "/path/to/tulving";
    if (const auto at = line.find(kPlace); at != std::string::npos) {
      line.replace(at, kPlace.size(), TULVING_SOURCE_DIR);
    }
    const std::string script = "cd '" + path("folder") + "' && PATH='" + path("bin") +
                               "':\"$PATH\" && export PATH && { " + line + "\n}";
    const std::string command =
        "sh -c \"$SCRIPT\" </dev/null >'" + path("out") + "' 2>'" + path("err") + "'";
    setenv("SCRIPT", script.c_str(), 1);
    const int status = std::system(command.c_str());
    unsetenv("SCRIPT");
    return {WEXITSTATUS(status), contents(path("out")), contents(path("err"))};
  }
};

TEST_F(Readme, WorksLineByLine) {
  const std::vector<std::string> lines = command_lines();
  ASSERT_THAT(lines, SizeIs(::testing::Gt(15U)));
  int run = 0;
  for (const std::string& line : lines) {
    if (line.find("postgresql://") != std::string::npos) continue;
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.exit_code, 0) << line << '\n' << outcome.err;
    EXPECT_THAT(outcome.err, Not(HasSubstr("tulving:"))) << line;
    if (!line.starts_with("tulving")) continue;
    ++run;
    EXPECT_THAT(outcome.out, Not(IsEmpty())) << line;
    if (line.find("lineage") != std::string::npos) {
      EXPECT_THAT(outcome.out, HasSubstr("BECAME"));
    }
    if (line.find("dry-run --vault") != std::string::npos) {
      EXPECT_THAT(outcome.out, HasSubstr("becomes"));
      EXPECT_FALSE(std::filesystem::exists(path("folder/NOTES"))) << line;
    }
  }
  EXPECT_GE(run, 15);
}

}  // namespace
}  // namespace tulving::testing
