#pragma once

#include <atomic>
#include <cstdint>
#include <functional>

#include "index/cluster/cluster.h"

namespace tulving::index {

/// Threads that share one piece of work. The caller's thread is number 0.
class Workers {
 public:
  explicit Workers(unsigned threads);  ///< 0: as many as the machine runs.

  [[nodiscard]] unsigned size() const { return size_; }

  /// Calls `work` with 0 to size() - 1, each on a thread, and waits. With fewer threads than wished
  /// for, the ones there do the work: it must be shared by a counter, not by number. What the first
  /// failing one threw is thrown again.
  void run(const std::function<void(unsigned worker)>& work) const;

  /// Calls `work` with 0 to count - 1, in parts of 256.
  void share(std::uint32_t count, const std::function<void(std::uint32_t i)>& work) const;

 private:
  unsigned size_;
};

/// Whether a clustering goes on, and who is told how far it is.
class ClusterControl {
 public:
  explicit ClusterControl(const ClusterOptions& options) : options_(options) {}

  void begin(ClusterPhase phase, std::uint64_t total);
  /// Counts `steps` as done; worker 0 reports them. False: stop.
  bool advance(unsigned worker, std::uint64_t steps);
  /// True once the flag or progress() said so. Cheap.
  [[nodiscard]] bool stopped() const {
    return stopped_.load(std::memory_order_relaxed) ||
           (options_.stop != nullptr && options_.stop->load(std::memory_order_relaxed));
  }

 private:
  const ClusterOptions& options_;
  ClusterPhase phase_ = ClusterPhase::kPairs;  // Set between runs of workers only.
  std::uint64_t total_ = 0;
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace tulving::index
