#include "tools/cli/process/ending.h"

#include <fmt/core.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <thread>
#include <utility>

#include "core/base/files/temporary_folder.h"
#include "tools/cli/print/output.h"
#include "tools/cli/print/terminal.h"

namespace tulving::tools {

namespace {

struct Signal {
  int number;
  const char* name;
};
constexpr std::array kSignals = {Signal{SIGINT, "SIGINT"}, Signal{SIGTERM, "SIGTERM"},
                                 Signal{SIGHUP, "SIGHUP"}};

[[noreturn]] void end(const std::string& command, int signal) {
  remove_temporary_folders_and_stop();
  const char* name = "a signal";
  for (const Signal& one : kSignals) {
    if (one.number == signal) name = one.name;
  }
  if (stderr_is_terminal()) write_controls("\r\033[K");  // A progress bar, perhaps.
  report(fmt::format("{} was ended by {}", command, name));
  std::fflush(stderr);
  _exit(128 + signal);  // No destructor waits for what the other threads are at.
}

}  // namespace

// A thread of its own waits for the signals: it may do what no handler may.
void end_in_order_on_signals(std::string command) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const Signal& one : kSignals) {
    struct sigaction action {};
    sigaction(one.number, nullptr, &action);
    if (action.sa_handler != SIG_IGN) sigaddset(&signals, one.number);
  }
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // Threads to come inherit it.
  std::thread([signals, command = std::move(command)] {
    int signal = 0;
    while (sigwait(&signals, &signal) != 0) {
    }
    end(command, signal);
  }).detach();
}

}  // namespace tulving::tools
