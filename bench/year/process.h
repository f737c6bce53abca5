#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

namespace tulving::bench {

/// RAM of this process by the kernel's account, in bytes. 0: it says nothing.
struct ProcessMemory {
  std::uint64_t resident = 0;   ///< VmRSS.
  std::uint64_t anonymous = 0;  ///< RssAnon: not a file's, so that it cannot be given up.
  std::uint64_t highest = 0;    ///< VmHWM: the most that was ever resident.
};
/// As it is now; malloc may hold some of it back for later.
ProcessMemory process_memory();

/// From now on SIGINT and SIGTERM only ask to stop, once: a second one ends the process.
void stop_on_signals();
[[nodiscard]] bool stop_asked();
/// From now on they end the process again, for work that has nothing to save.
void end_on_signals();

/// What a part of a run has found; empty: it failed and has said why.
using Figures = std::optional<nlohmann::json>;

/// Does `work` in a process of its own, so that its RAM is its own and nothing of an earlier part
/// is left in it. Requires: this process has one thread.
Figures run_apart(const std::function<Figures()>& work);

}  // namespace tulving::bench
