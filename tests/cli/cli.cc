#include "tests/cli/cli.h"

#include <fcntl.h>
#include <pty.h>
#include <spawn.h>
#include <stdlib.h>  // mkdtemp(3)
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <sstream>
#include <utility>

namespace tulving::testing {

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

Json counts(const Json& summary) {
  return Json{summary["imported"], summary["unchanged"], summary["updated"], summary["rejected"]};
}

namespace {

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

pid_t spawn(const Arguments& arguments, const posix_spawn_file_actions_t& actions) {
  std::vector<std::string> words = {TULVING_CLI};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t pid = -1;
  if (posix_spawn(&pid, TULVING_CLI, &actions, nullptr, argv.data(), environ) != 0) return -1;
  return pid;
}

template <class Row>
std::string write_rows(const std::string& path, const std::vector<Row>& rows) {
  std::ofstream out(path, std::ios::binary);
  for (const Row& row : rows) {
    const auto length = static_cast<std::int32_t>(row.size());
    out.write(reinterpret_cast<const char*>(&length), sizeof length);
    out.write(reinterpret_cast<const char*>(row.data()),
              static_cast<std::streamsize>(row.size() * sizeof(typename Row::value_type)));
  }
  return path;
}

}  // namespace

void PrintTo(const Outcome& outcome, std::ostream* out) {
  *out << "exit code " << outcome.exit_code << ", stdout: " << outcome.out.substr(0, 1000)
       << ", stderr: " << outcome.err.substr(0, 1000);
}

Cli::Cli() {
  std::string pattern = std::filesystem::temp_directory_path() / "tulving-cli-test.XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) ADD_FAILURE() << "no temporary directory";
  directory_ = pattern;
  for (const char* name : {"TULVING_DB", "TULVING_TENANT"}) unsetenv(name);
  setenv("TULVING_EMBEDDER", "none", 1);  // Whatever model is installed here.
}

Cli::~Cli() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string Cli::file(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

std::string Cli::fvecs(const std::string& name, const std::vector<std::vector<float>>& rows) const {
  return write_rows(path(name), rows);
}

std::string Cli::ivecs(const std::string& name, const std::vector<std::vector<int>>& rows) const {
  return write_rows(path(name), rows);
}

Outcome Cli::run(Arguments arguments, const std::string& input) const {
  arguments.insert(arguments.begin(), {"--db", db()});
  return run_bare(arguments, input);
}

Outcome Cli::run_bare(const Arguments& arguments, const std::string& input) const {
  file("stdin", input);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  const int create = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, 0, path("stdin").c_str(), O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, path("stdout").c_str(), create, 0600);
  posix_spawn_file_actions_addopen(&actions, 2, path("stderr").c_str(), create, 0600);
  const pid_t pid = spawn(arguments, actions);
  posix_spawn_file_actions_destroy(&actions);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) {
    ADD_FAILURE() << "cannot run " << TULVING_CLI;
    return {};
  }
  return {exit_code_of(status), contents(path("stdout")), contents(path("stderr"))};
}

Outcome Cli::run_on_terminal(Arguments arguments, unsigned short columns) const {
  arguments.insert(arguments.begin(), {"--db", db()});
  int master = -1;
  int slave = -1;
  termios raw{};
  cfmakeraw(&raw);  // The terminal adds and changes no byte.
  const winsize size{50, columns, 0, 0};
  if (openpty(&master, &slave, nullptr, &raw, &size) != 0) {
    ADD_FAILURE() << "no pseudo-terminal";
    return {};
  }
  fcntl(master, F_SETFD, FD_CLOEXEC);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, slave, 1);
  posix_spawn_file_actions_adddup2(&actions, slave, 2);
  posix_spawn_file_actions_addclose(&actions, slave);
  const pid_t pid = spawn(arguments, actions);
  posix_spawn_file_actions_destroy(&actions);
  close(slave);
  Outcome outcome;
  std::array<char, 65536> bytes{};
  // Ends with EIO once the last writer has closed the terminal.
  for (ssize_t n = 0; (n = read(master, bytes.data(), bytes.size())) > 0;) {
    outcome.out.append(bytes.data(), static_cast<std::size_t>(n));
  }
  close(master);
  int status = 0;
  if (pid < 0 || waitpid(pid, &status, 0) != pid) ADD_FAILURE() << "cannot run " << TULVING_CLI;
  outcome.exit_code = exit_code_of(status);
  return outcome;
}

Json Cli::json(Arguments arguments, int exit_code, const std::string& input) const {
  arguments.insert(arguments.begin(), "--json");
  const Outcome outcome = run(arguments, input);
  EXPECT_EQ(outcome.exit_code, exit_code) << outcome.err;
  EXPECT_EQ(outcome.out.find('\n'), outcome.out.size() - 1) << outcome.out;
  Json document = Json::parse(outcome.out, nullptr, false);
  EXPECT_FALSE(document.is_discarded()) << outcome.out << outcome.err;
  return document;
}

std::string Cli::add(const std::string& tenant, const std::string& external_id,
                     const std::string& text, const Arguments& more) const {
  Arguments arguments = {"add", "--tenant", tenant, "--external-id", external_id, "--text", text};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return json(arguments).value("id", "");
}

std::string Cli::exported() const {
  const Outcome outcome = run({"export", "--with-embeddings"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  return outcome.out;
}

std::vector<std::string> Cli::names(const Json& memories) {
  std::vector<std::string> names;
  for (const Json& memory : memories) names.push_back(memory.value("external_id", ""));
  return names;
}

std::vector<std::string> Cli::names_in(const std::string& document) {
  constexpr std::string_view kMember = "\"external_id\":\"";
  std::vector<std::string> names;
  for (std::size_t at = document.find(kMember); at != std::string::npos;
       at = document.find(kMember, at)) {
    at += kMember.size();
    names.push_back(document.substr(at, document.find('"', at) - at));
  }
  return names;
}

Running start(const Arguments& arguments) {
  std::array<int, 2> input{};
  std::array<int, 2> output{};
  // Close-on-exec: a child that held the other end of its own stdin would never see its end.
  if (pipe2(input.data(), O_CLOEXEC) != 0 || pipe2(output.data(), O_CLOEXEC) != 0) return {};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, input[0], 0);
  posix_spawn_file_actions_adddup2(&actions, output[1], 1);
  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
  const Running running{spawn(arguments, actions), input[1], output[0]};
  posix_spawn_file_actions_destroy(&actions);
  close(input[0]);
  close(output[1]);
  return running;
}

std::string read_line(const Running& running) {
  std::string line;
  char byte = 0;
  while (read(running.output, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

void write_text(const Running& running, const std::string& text) {
  ASSERT_EQ(write(running.input, text.data(), text.size()), static_cast<ssize_t>(text.size()));
}

void close_output(Running& running) {
  close(running.output);
  running.output = -1;
}

int wait_for(Running& running) {
  close(running.input);
  int status = 0;
  waitpid(running.pid, &status, 0);
  if (running.output >= 0) close(running.output);
  return exit_code_of(status);
}

}  // namespace tulving::testing
