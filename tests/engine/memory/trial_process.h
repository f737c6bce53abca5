#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>

namespace tulving::testing {

/// What a trial's process tells who started it.
using Say = std::function<void(const std::string&)>;

struct Outcome {
  std::string said;
  std::string end;  ///< "exit N", "signal N", or "hung": it took more than a minute.
};

/// Runs `trial` in a process of its own, which ends without destructors of what is global. The
/// caller has no other threads.
inline Outcome in_a_process(const std::function<void(const Say&)>& trial) {
  int ends[2];
  if (pipe(ends) != 0) return {{}, "no pipe"};
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    trial([&](const std::string& words) {
      const ssize_t written = write(ends[1], words.data(), words.size());
      if (written != static_cast<ssize_t>(words.size())) _exit(3);
    });
    _exit(0);
  }
  close(ends[1]);
  Outcome outcome;
  const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  bool is_hung = false;
  while (true) {
    pollfd ready{ends[0], POLLIN, 0};
    if (poll(&ready, 1, 1000) > 0) {
      char buffer[4096];
      const ssize_t count = read(ends[0], buffer, sizeof buffer);
      if (count <= 0) break;
      outcome.said.append(buffer, static_cast<std::size_t>(count));
    } else if (std::chrono::steady_clock::now() > until) {
      is_hung = true;
      kill(child, SIGKILL);
      break;
    }
  }
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  outcome.end = is_hung               ? "hung"
                : WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status))
                                      : "exit " + std::to_string(WEXITSTATUS(status));
  return outcome;
}

}  // namespace tulving::testing
