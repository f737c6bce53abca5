#pragma once

#include <atomic>
#include <chrono>

#include "core/base/mutex.h"

namespace tulving::consolidation {

/// Keeps a thread to its share of a core: what it worked since the last rest it pays with rest. CPU
/// time counts, not wall time: while others have the core it owes nothing.
class CpuShare {
 public:
  /// `share` is above 0 and at most 1.
  explicit CpuShare(double share) : share_(share) {}

  /// Called now and then by the working thread: rests if it owes 5 ms or more. False: to stop.
  bool breathe();
  /// Waits for so long. False: to stop.
  bool wait(std::chrono::nanoseconds time);
  /// From any thread: ends the rest under way and all later ones at once.
  void stop();
  [[nodiscard]] const std::atomic<bool>& stopped() const { return stopped_; }

 private:
  const double share_;
  std::chrono::nanoseconds paid_{0};  // CPU time that was rested for. The working thread's alone.
  bool has_begun_ = false;
  Mutex mutex_;  // Guards the sleep against a stop just before it.
  ConditionVariable wake_;
  std::atomic<bool> stopped_ = false;
};

}  // namespace tulving::consolidation
