#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string>

#include "tests/torture/kill_points.h"
#include "tests/torture/report.h"

namespace tulving::torture {

/// What one run of the program is given.
struct RunPlan {
  std::uint64_t seed = 1;
  double seconds = 60;
  std::uint64_t life = 0;    ///< A fault's own seed: that store's life alone; 0: many.
  std::uint64_t trials = 0;  ///< As many at least, however long it takes; 0: by the time alone.
  std::set<Kind> without;    ///< What is not done.
  std::filesystem::path directory;
  Report* report = nullptr;
  KillPoints* points = nullptr;

  [[nodiscard]] bool does(Kind kind) const { return !without.contains(kind); }
};

/// Whether a part of a run goes on.
class Budget {
 public:
  Budget(const RunPlan& plan, double share)
      : end_(std::chrono::steady_clock::now() +
             std::chrono::milliseconds(static_cast<std::int64_t>(plan.seconds * share * 1000))),
        trials_(static_cast<std::uint64_t>(static_cast<double>(plan.trials) * share)),
        report_(*plan.report) {}
  [[nodiscard]] bool lasts(std::uint64_t done) const {
    if (report_.has_failed) return false;
    return trials_ > 0 ? done < trials_ : std::chrono::steady_clock::now() < end_;
  }

 private:
  const std::chrono::steady_clock::time_point end_;
  const std::uint64_t trials_;
  const Report& report_;
};

// The parts. `share`: of the plan's time and trials.

/// Processes are killed at each kill point of a recorded run, in recovery, in recovery of recovery,
/// and at any moment.
void run_kills(const RunPlan& plan, double share);
/// The power goes at any operation of a disk.
void run_cuts(const RunPlan& plan, double share);
/// Operations of a disk fail.
void run_disk_faults(const RunPlan& plan, double share);
/// Bytes rot, logs are put back, stores are opened twice.
void run_rot(const RunPlan& plan, double share);
/// Long lives: `trials` operations with restarts and crashes, checked as they go.
void run_model(const RunPlan& plan, double share);

}  // namespace tulving::torture
