#include "tests/torture/report.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <thread>

#include "core/base/check.h"

namespace tulving::torture {

std::string_view name_of(Kind kind) {
  static constexpr std::string_view kNames[] = {
      "kill at a point",      "kill in recovery",  "kill at a moment",
      "left open, or closed", "power cut",         "power cut in recovery",
      "disk error",           "failed fsync",      "full disk",
      "rot in a checkpoint",  "rot in a snapshot", "rot in a closed log",
      "rot in a synced log",  "older log",         "second spelling"};
  static_assert(std::size(kNames) == kKinds);
  return kNames[static_cast<int>(kind)];
}

Report* Report::make() {
  void* const memory =
      ::mmap(nullptr, sizeof(Report), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  TULVING_CHECK(memory != MAP_FAILED);
  return new (memory) Report();
}

void Report::fail(Kind kind, std::uint64_t seed, std::string_view what) {
  ++row(kind).others;
  tell(kind, seed, what);
}

void Report::tell(Kind kind, std::uint64_t seed, std::string_view what) {
  has_failed = true;
  const std::string text = fmt::format("FAULT ({}, --life {}): {}\n", name_of(kind), seed, what);
  const std::uint32_t at = fault_bytes.fetch_add(static_cast<std::uint32_t>(text.size()));
  if (at + text.size() <= sizeof faults) std::memcpy(faults + at, text.data(), text.size());
}

void Report::print() const {
  fmt::print("{:<24}{:>9}{:>15}{:>8}{:>13}{:>7}{:>14}\n", "fault", "trials", "acknowledged", "lost",
             "resurrected", "torn", "other faults");
  for (int i = 0; i < kKinds; ++i) {
    const Row& row = rows[i];
    if (row.trials == 0) continue;
    fmt::print("{:<24}{:>9}{:>15}{:>8}{:>13}{:>7}{:>14}\n", name_of(static_cast<Kind>(i)),
               row.trials.load(), row.acknowledged.load(), row.lost.load(), row.resurrected.load(),
               row.torn.load(), row.others.load());
  }
  const std::size_t bytes = std::min<std::size_t>(fault_bytes.load(), sizeof faults);
  fmt::print("{}", std::string_view(faults, bytes));
  std::fflush(stdout);
}

namespace {

std::string ended_by(int status) {
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status)) return fmt::format("ended with status {}", WEXITSTATUS(status));
  if (WTERMSIG(status) == SIGKILL) return "killed";
  return fmt::format("died of signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
}

}  // namespace

std::string run_in_child(const std::function<void()>& work, int seconds_max,
                         std::int64_t kill_after_us) {
  using Clock = std::chrono::steady_clock;
  std::fflush(nullptr);
  const pid_t child = ::fork();
  TULVING_CHECK(child >= 0);
  if (child == 0) {
    work();
    std::fflush(nullptr);
    ::_exit(0);
  }
  const auto start = Clock::now();
  const auto limit = std::chrono::seconds(seconds_max);
  int status = 0;
  bool is_killed = false;
  // A child is there for some milliseconds, so it is looked after often, and a hung one rarely.
  while (::waitpid(child, &status, WNOHANG) == 0) {
    const auto elapsed = Clock::now() - start;
    const bool is_time = kill_after_us >= 0 && elapsed >= std::chrono::microseconds(kill_after_us);
    if ((is_time && !is_killed) || elapsed > limit) {
      ::kill(child, SIGKILL);
      is_killed = true;
    }
    if (elapsed > limit) {
      ::waitpid(child, &status, 0);
      return fmt::format("hung for {} seconds", seconds_max);
    }
    ::usleep(kill_after_us >= 0 ? 50 : 200);
  }
  return ended_by(status);
}

}  // namespace tulving::torture
