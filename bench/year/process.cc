#include "bench/year/process.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <fstream>
#include <string>

namespace tulving::bench {
namespace {

volatile sig_atomic_t asked = 0;
volatile sig_atomic_t child = 0;

// A terminal sends SIGINT to the child itself; kill(1) to the process that it is told.
void ask_to_stop(int signal_number) {
  asked = 1;
  if (child > 0 && signal_number == SIGTERM) kill(static_cast<pid_t>(child), SIGTERM);
}

[[noreturn]] void run_child(const std::function<Figures()>& work, int out) {
  child = 0;
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // Nothing goes on unseen once the run was killed.
  const Figures found = work();
  if (!found) _exit(1);
  const std::string text = found->dump();
  FILE* file = fdopen(out, "w");
  const bool written = file != nullptr &&
                       std::fwrite(text.data(), 1, text.size(), file) == text.size() &&
                       std::fclose(file) == 0;
  _exit(written ? 0 : 1);
}

std::string read_all(int from) {
  std::string text;
  char part[4096];
  for (;;) {
    const ssize_t got = read(from, part, sizeof part);
    if (got > 0) text.append(part, static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EINTR)) return text;
  }
}

bool ended_well(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return false;
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace

ProcessMemory process_memory() {
  std::ifstream file("/proc/self/status");
  ProcessMemory memory;
  for (std::string name; file >> name;) {
    std::uint64_t* const part = name == "VmRSS:"     ? &memory.resident
                                : name == "RssAnon:" ? &memory.anonymous
                                : name == "VmHWM:"   ? &memory.highest
                                                     : nullptr;
    std::string rest;
    if (part != nullptr && file >> *part) *part *= 1024;
    std::getline(file, rest);
  }
  return memory;
}

void stop_on_signals() {
  struct sigaction action = {};
  action.sa_handler = ask_to_stop;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

void end_on_signals() {
  signal(SIGINT, SIG_DFL);
  signal(SIGTERM, SIG_DFL);
}

bool stop_asked() { return asked != 0; }

Figures run_apart(const std::function<Figures()>& work) {
  std::fflush(nullptr);
  int ends[2] = {};
  if (pipe(ends) != 0) return {};
  const pid_t pid = fork();
  if (pid < 0) {
    fmt::print(stderr, "cannot start a process\n");
    return {};
  }
  if (pid == 0) {
    close(ends[0]);
    run_child(work, ends[1]);
  }
  child = pid;
  close(ends[1]);
  const std::string text = read_all(ends[0]);
  close(ends[0]);
  const bool well = ended_well(pid);
  child = 0;
  if (!well) return {};
  return nlohmann::json::parse(text, nullptr, false);
}

}  // namespace tulving::bench
