#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tulving/consolidation.h"
#include "tulving/job_runner.h"
#include "tulving/time.h"

namespace tulving {

/// How a store looks after itself in the background; see Store::start_maintenance().
struct MaintenanceOptions {
  /// How often it looks whether there is something to do, by the real clock. A look at n memories
  /// is a pass over three columns: 10 ms for a million. 1 ms .. 1 day.
  std::chrono::milliseconds tick{10'000};
  /// A full run of each tenant this often, by the store's clock. The first one comes at once,
  /// unless a plan of consolidation is younger. 0: none on a schedule.
  std::chrono::seconds interval{86'400};
  std::uint64_t new_memories = 100;  ///< A full run when a tenant grew by so many. 0: never.
  bool urgent = true;   ///< The decay agent runs as memories fall below Thresholds::forget.
  bool collect = true;  ///< Each tick: Tenant::gc() and Tenant::escalate_tasks().
  bool notes = true;    ///< Each tick, where something was written since: follow_notes().
  std::vector<UpkeepAgent> agents = {};  ///< Of a full run. Empty: all five.
  /// Jobs of the projects too, before the agents, and those that a killed process left are resumed.
  bool jobs = true;
  /// How much of one core it may take on average: above 0, at most 1. After t of CPU time it rests
  /// for t (1 - share) / share, also within a clustering. Runs use one thread.
  double cpu_share = 0.25;
  /// The agents' vault, text writer, rate limit and sizes; `threads` is 1 whatever it says.
  ConsolidationOptions consolidation = {};
};

/// What maintenance did since it was started.
struct MaintenanceStatus {
  bool started = false;     ///< There is a thread.
  bool running = false;     ///< It is at work just now.
  std::uint64_t ticks = 0;  ///< Looks.
  std::uint64_t runs = 0;   ///< Full and urgent runs of a tenant.
  std::uint64_t failures = 0;
  std::optional<Timestamp> last_run_at;    ///< When the last run ended, by the store's clock.
  std::optional<JobTrigger> last_trigger;  ///< Why it came.
  std::string last_error;                  ///< Empty: none since the start. "tenant "acme": ...".
};

}  // namespace tulving
