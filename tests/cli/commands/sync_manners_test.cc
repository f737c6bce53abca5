// What sync promises to whoever shares the machine: a password comes by every way that libpq knows
// and by a file of ours, and is seen nowhere: not by ps, in no message, in no answer. And however a
// sync ends, by a signal or by a kill, nothing of the store stays in the temporary directory.

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tests/cli/cli.h"
#include "tests/cli/commands/postgres_double.h"

namespace tulving::testing {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

const std::string kPassword = "Xyzzy!Plugh";

/// A variable of the environment, while this lives.
class Variable {
 public:
  Variable(std::string name, const std::string& value) : name_(std::move(name)) {
    const char* const before = getenv(name_.c_str());
    had_ = before != nullptr;
    if (had_) before_ = before;
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~Variable() { had_ ? setenv(name_.c_str(), before_.c_str(), 1) : unsetenv(name_.c_str()); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const std::string name_;
  bool had_ = false;
  std::string before_;
};

class CliSyncManners : public Cli {
 protected:
  void SetUp() override {
    add("acme", "a", "tea", {"--vector", "1,0"});
    fs::create_directory(path("tmp"));
    for (const char* name : {"PGPASSWORD", "PGPASSFILE", "PGSERVICE"}) unsetenv(name);
  }

  [[nodiscard]] static std::string address(const PostgresDouble& server,
                                           const std::string& password = "") {
    return "postgresql://ada" + (password.empty() ? "" : ":" + password) +
           "@127.0.0.1:" + server.port() + "/memories";
  }
  static Arguments sync(const Arguments& more) {
    Arguments arguments = {"sync", "--schemas", "orchestrator"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string private_file(const std::string& name, const std::string& text,
                           mode_t mode = 0600) const {
    file(name, text);
    EXPECT_EQ(chmod(path(name).c_str(), mode), 0);
    return path(name);
  }
  static void expect_hidden(const Outcome& outcome) {
    EXPECT_THAT(outcome.out, Not(HasSubstr("Xyzzy")));
    EXPECT_THAT(outcome.err, Not(HasSubstr("Xyzzy")));
    EXPECT_THAT(outcome.out, Not(HasSubstr("Plugh")));
    EXPECT_THAT(outcome.err, Not(HasSubstr("Plugh")));
  }
  void expect_arrives(PostgresDouble& server, const Arguments& arguments) const {
    const std::size_t before = server.passwords().size();
    for (const bool json : {false, true}) {
      Arguments words = sync(arguments);
      if (json) words.insert(words.begin(), "--json");
      const Outcome outcome = run(words);
      EXPECT_THAT(outcome, Failed(1));
      EXPECT_THAT(outcome.err, HasSubstr("it is refused"));
      expect_hidden(outcome);
    }
    const auto given = server.passwords();
    ASSERT_EQ(given.size(), before + 2);
    EXPECT_EQ(given.back(), kPassword);
  }

  /// Runs the program beside the test, with the test's temporary directory, stderr in a file.
  [[nodiscard]] pid_t begin(Arguments arguments, bool ignores_hangup = false) const {
    arguments.insert(arguments.begin(), {TULVING_CLI, "--db", db()});
    std::vector<char*> argv;
    for (std::string& word : arguments) argv.push_back(word.data());
    argv.push_back(nullptr);
    const pid_t child = fork();
    if (child != 0) return child;
    const int err = ::open(path("err").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(err, STDERR_FILENO);
    setenv("TMPDIR", path("tmp").c_str(), 1);
    if (ignores_hangup) std::signal(SIGHUP, SIG_IGN);
    execv(TULVING_CLI, argv.data());
    _exit(127);
  }
  static int end_of(pid_t child) {
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  static void wait_for_visit(const PostgresDouble& server, int visits) {
    for (int i = 0; i < 20'000 && server.visits() < visits; ++i) usleep(1000);
    ASSERT_GE(server.visits(), visits);
  }
  [[nodiscard]] std::vector<std::string> left() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(path("tmp"))) {
      names.push_back(entry.path().filename());
    }
    return names;
  }
};

TEST_F(CliSyncManners, ThePasswordComesByEveryWay) {
  PostgresDouble server;
  const std::string plain = address(server);
  const std::string pass_line = "127.0.0.1:" + server.port() + ":memories:ada:" + kPassword + "\n";
  {
    const Variable password("PGPASSWORD", kPassword);
    expect_arrives(server, {"--to", plain});
    expect_arrives(server, {"--to-file", private_file("plain", plain + "\n")});
  }
  const std::string passfile = private_file("passfile", pass_line);
  {
    const Variable file("PGPASSFILE", passfile);
    expect_arrives(server, {"--to", plain});
  }
  {
    private_file(".pgpass", pass_line);
    const Variable home("HOME", directory_);
    expect_arrives(server, {"--to", plain});
  }
  expect_arrives(server, {"--to", plain + "?passfile=" + passfile});
  const std::string whole = address(server, kPassword);
  expect_arrives(server, {"--to", whole});
  expect_arrives(server, {"--to=" + whole});
  expect_arrives(server, {"--to-file", private_file("whole", whole)});
  expect_arrives(server, {"--to-file", private_file("spaces", "\n  " + whole + " \r\n\n", 0400)});
  const std::string pairs = "host=127.0.0.1 port=" + server.port() +
                            " user=ada dbname=memories password='" + kPassword + "'";
  expect_arrives(server, {"--to", pairs});
  expect_arrives(server, {"--to-file", private_file("pairs", pairs)});
}

TEST_F(CliSyncManners, AFileThatOthersMayReadIsRefused) {
  PostgresDouble server;
  const std::string whole = address(server, kPassword);
  for (const mode_t mode : {0644U, 0640U, 0604U, 0620U, 0666U}) {
    const Outcome outcome = run(sync({"--to-file", private_file("file", whole, mode)}));
    EXPECT_THAT(outcome, Failed(2));
    EXPECT_THAT(outcome.err, HasSubstr("must be 0600"));
    expect_hidden(outcome);
  }
  for (const std::string& text : {std::string(), std::string("\n \n"), whole + "\n" + whole,
                                  whole + std::string(1, '\0'), std::string(70'000, 'x')}) {
    const Outcome outcome = run(sync({"--to-file", private_file("file", text)}));
    EXPECT_THAT(outcome, Failed(2));
    expect_hidden(outcome);
  }
  EXPECT_THAT(run(sync({"--to-file", path("none")})), Failed(2));
  EXPECT_THAT(run(sync({"--to-file", directory_})), Failed(2));
  EXPECT_THAT(run(sync({"--to-file", private_file("file", whole), "--to", whole})), Failed(2));
  EXPECT_EQ(server.visits(), 0);

  ASSERT_EQ(mkfifo(path("pipe").c_str(), 0644), 0);
  std::thread writer([&] { file("pipe", whole); });
  expect_hidden(run(sync({"--to-file", path("pipe")})));
  writer.join();
  EXPECT_THAT(server.passwords(), ElementsAre(kPassword)) << "a pipe is its maker's";
}

TEST_F(CliSyncManners, NobodySeesThePasswordAmongTheArguments) {
  PostgresDouble server(true);
  const std::string whole = address(server, kPassword);
  const std::string pairs = "host=127.0.0.1 port=" + server.port() + " password=" + kPassword;
  const std::vector<Arguments> ways = {
      sync({"--to", whole}),
      sync({"--to=" + whole}),
      sync({"--to", pairs}),
      sync({"--to=" + pairs}),
      {"sync", "--to", whole, "--schemas", "orchestrator", "--tenant", "acme"},
      {"call", "sync", R"({"to":")" + whole + R"(","schemas":["orchestrator"]})"},
      {"call", "sync", R"({"schemas":["orchestrator"],"to":")" + pairs + R"("})"}};
  int visits = 0;
  for (const Arguments& way : ways) {
    const pid_t child = begin(way);
    wait_for_visit(server, ++visits);
    const std::string seen = contents("/proc/" + std::to_string(child) + "/cmdline");
    EXPECT_THAT(seen, HasSubstr("sync"));
    EXPECT_THAT(seen, Not(HasSubstr("Xyzzy"))) << seen;
    kill(child, SIGKILL);
    EXPECT_EQ(end_of(child), -SIGKILL);
  }
}

// Whatever is wrong beside it, and wherever it is misread to.
TEST_F(CliSyncManners, NoMessageRepeatsThePassword) {
  PostgresDouble server;
  const std::string whole = address(server, kPassword);
  const std::string here = "@127.0.0.1:" + server.port() + "/memories";
  std::vector<Arguments> wrong = {{"sync", whole},
                                  {whole},
                                  {"sync", "--from", whole},
                                  {"sync", "--from=" + whole},
                                  {"--json", "sync", "--to", whole},
                                  {"sync", "--to", whole, whole},
                                  {"--dim", whole, "sync"},
                                  {"--dim=" + whole, "sync"},
                                  {"list", "--limit", whole},
                                  {"sync", "password=" + kPassword},
                                  {"call", whole},
                                  {"call", "sync", whole},
                                  {"call", "sync", R"({"to":")" + whole},
                                  {"call", "sync", R"({"to":")" + whole + R"("})"},
                                  {"call", "sync", R"({"to":[")" + whole + R"("]})"},
                                  {"call", "sync", R"({")" + whole + R"(":1})"}};
  const std::vector<std::string> misread = {
      "postgresql://ada:Xyzzy@Plugh" + here,
      "postgresql://ada:Xyzzy/Plugh" + here,
      "postgresql://ada:Xyzzy?Plugh" + here,
      "postgresql://ada:Xyzzy#Plugh" + here,
      "postgresql://ada:Xyzzy:Plugh" + here,
      "postgresql://ada:Xyzzy%Plugh" + here,
      "postgresql://ada:Xyzzy Plugh" + here,
      "postgresql://ada:XyzzyPlugh/memories",
      "postgresql://ada:XyzzyPlugh",
      "postgresql:ada:XyzzyPlugh" + here,
      "postgresql://ada:[XyzzyPlugh" + here,
      whole + "?sslmode=Xyz",
      whole + "?nothing=1",
      "host=127.0.0.1 port=" + server.port() + " password=Xyzzy Plugh",
      "host=127.0.0.1 port=" + server.port() + " password='XyzzyPlugh",
      "host=127.0.0.1 port=" + server.port() + " dbname=" + whole,
      "host=127.0.0.1 port=XyzzyPlugh password=XyzzyPlugh",
      "ada:XyzzyPlugh" + here};
  for (const std::string& to : misread) {
    wrong.push_back(sync({"--to", to}));
    wrong.push_back(sync({"--to-file", private_file("wrong" + std::to_string(wrong.size()), to)}));
    wrong.push_back({"call", "sync", Json{{"to", to}, {"schemas", {"orchestrator"}}}.dump()});
  }
  for (const Arguments& words : wrong) {
    const Outcome outcome = run(words);
    EXPECT_NE(outcome.exit_code, 0) << ::testing::PrintToString(words);
    EXPECT_THAT(outcome.err, StartsWith("tulving: "));
    expect_hidden(outcome);
    if (HasFailure()) FAIL() << ::testing::PrintToString(words) << outcome.err;
  }
}

TEST_F(CliSyncManners, ASignalEndsItAndNothingIsLeft) {
  PostgresDouble server(true);
  const Arguments words = sync({"--to", address(server) + "?connect_timeout=60"});
  int visits = 0;
  for (const auto& [number, name] :
       {std::pair{SIGINT, "SIGINT"}, {SIGTERM, "SIGTERM"}, {SIGHUP, "SIGHUP"}}) {
    const pid_t child = begin(words);
    wait_for_visit(server, ++visits);
    EXPECT_THAT(left(), ElementsAre(StartsWith(".tulving-sync.tulving-")));
    kill(child, number);
    EXPECT_EQ(end_of(child), 128 + number);
    EXPECT_THAT(left(), IsEmpty());
    EXPECT_EQ(contents(path("err")), std::string("tulving: sync was ended by ") + name + "\n");
  }
  const pid_t child =
      begin({"call", "sync", Json{{"to", words.back()}, {"schemas", {"orchestrator"}}}.dump()});
  wait_for_visit(server, ++visits);
  kill(child, SIGTERM);
  EXPECT_EQ(end_of(child), 128 + SIGTERM) << "by its other name, too";
  EXPECT_THAT(left(), IsEmpty());
  EXPECT_EQ(json({"stats"})["memories"], 1);
}

TEST_F(CliSyncManners, AHangupThatWasIgnoredStaysSo) {
  PostgresDouble server(true);
  const pid_t child = begin(sync({"--to", address(server) + "?connect_timeout=60"}), true);
  wait_for_visit(server, 1);
  kill(child, SIGHUP);
  usleep(100'000);
  EXPECT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "it runs on";
  kill(child, SIGTERM);
  EXPECT_EQ(end_of(child), 128 + SIGTERM);
}

TEST_F(CliSyncManners, WhatAKillLeftGoesWithTheNextAndNobodyElses) {
  PostgresDouble server(true);
  const Arguments words = sync({"--to", address(server) + "?connect_timeout=60"});
  const pid_t killed = begin(words);
  wait_for_visit(server, 1);
  kill(killed, SIGKILL);
  EXPECT_EQ(end_of(killed), -SIGKILL);
  const auto of_killed = left();
  ASSERT_THAT(of_killed, SizeIs(1));
  fs::create_directory(path("tmp/tulving-sync.mine"));

  const pid_t living = begin(words);
  wait_for_visit(server, 2);
  const auto of_living = left();
  EXPECT_THAT(of_living, SizeIs(2));
  EXPECT_THAT(of_living, Not(::testing::Contains(of_killed.front())));
  const pid_t beside = begin(words);
  wait_for_visit(server, 3);
  EXPECT_THAT(left(), SizeIs(3)) << "each its own";
  for (const pid_t child : {living, beside}) {
    kill(child, SIGTERM);
    EXPECT_EQ(end_of(child), 128 + SIGTERM);
  }
  EXPECT_THAT(left(), ElementsAre("tulving-sync.mine"));
}

}  // namespace
}  // namespace tulving::testing
