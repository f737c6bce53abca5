// What is promised: standard streams that are closed do no harm. Whichever of the three the program
// is started without, it does what it does with them, its exit code tells whether the answer could
// be written, and no word that was meant for a person is in a file of the store.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include "tests/cli/cli.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): POSIX wants it declared.

namespace tulving::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr unsigned kStdin = 1, kStdout = 2;

class ClosedStreams : public Cli {
 protected:
  /// Runs the binary without the streams of `closed`, the others going nowhere; the exit code.
  int run_without(unsigned closed, Arguments arguments) const {
    arguments.insert(arguments.begin(), {TULVING_CLI, "--db", db()});
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    for (const int fd : {0, 1, 2}) {
      if ((closed >> static_cast<unsigned>(fd) & 1U) != 0) {
        posix_spawn_file_actions_addclose(&actions, fd);
      } else {
        posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
      }
    }
    pid_t pid = -1;
    EXPECT_EQ(posix_spawn(&pid, TULVING_CLI, &actions, nullptr, argv.data(), environ), 0);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  void expect_no_message_in_the_store() const {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(db())) {
      if (!entry.is_regular_file()) continue;
      const std::string bytes = contents(entry.path());
      EXPECT_THAT(bytes, Not(HasSubstr("not valid JSON"))) << entry.path();
      EXPECT_THAT(bytes, Not(HasSubstr("imported"))) << entry.path();
      EXPECT_THAT(bytes, Not(HasSubstr("cannot write"))) << entry.path();
    }
  }
};

TEST_F(ClosedStreams, DoNoHarm) {
  const std::string line = R"({"kind":"memory","tenant_id":"t","text":"note )";
  for (unsigned closed = 0; closed < 8; ++closed) {
    SCOPED_TRACE(closed);
    const std::string number = std::to_string(closed);
    const std::string good = file("good.jsonl", line + "good " + number + "\"}\n");
    const std::string bad = file("bad.jsonl", line + "beside " + number + "\"}\nno json\n");

    EXPECT_EQ(run_without(closed, {"import", bad}), 2);
    EXPECT_EQ(run_without(closed, {"import", good}), (closed & kStdout) != 0 ? 1 : 0);
    EXPECT_EQ(run_without(closed, {"list", "--tenant", "t"}), (closed & kStdout) != 0 ? 1 : 0);
    EXPECT_NE(run_without(closed | kStdin, {"import", "-"}), 0);
    expect_no_message_in_the_store();

    EXPECT_THAT(exported(), HasSubstr("note good " + number));
    EXPECT_THAT(exported(), HasSubstr("note beside " + number));
    EXPECT_EQ(run({"verify"}).exit_code, 0);
  }
}

}  // namespace
}  // namespace tulving::testing
