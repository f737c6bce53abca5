#include "tools/serve/mcp/stdio/starter.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <thread>

#include "tools/serve/mcp/stdio/local_http.h"

namespace tulving::serve::mcp {
namespace {

/// In a session of its own: a terminal that closes ends the client, and not the server.
pid_t spawn_detached(std::vector<std::string> words, const std::string& log) {
  words.insert(words.begin(), "tulving");
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_addopen(&actions, 2, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK);
  pid_t pid = -1;
  const int cause =
      posix_spawn(&pid, "/proc/self/exe", &actions, &attributes, argv.data(), environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return cause == 0 ? pid : -1;
}

}  // namespace

Status start_server(const std::vector<std::string>& arguments, const std::string& socket,
                    const std::string& log, std::chrono::milliseconds patience) {
  const pid_t pid = spawn_detached(arguments, log);
  if (pid < 0) return Error{ErrorCode::kIo, "the server does not start"};
  using Clock = std::chrono::steady_clock;
  const auto until = Clock::now() + patience;
  // One that has ended leaves the store to the one that was faster, which may still open it.
  auto gives_up = Clock::time_point::max();
  bool is_running = true;
  while (!is_served(socket)) {
    int status = 0;
    if (is_running && waitpid(pid, &status, WNOHANG) == pid) {
      is_running = false;
      gives_up = Clock::now() + std::chrono::seconds(5);
    }
    const auto now = Clock::now();
    if (now >= gives_up || now >= until) {
      return Error{ErrorCode::kBusy,
                   fmt::format("no server listens on {}; {} says why", socket, log), "socket"};
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return {};
}

}  // namespace tulving::serve::mcp
