#pragma once

#include <cstdint>

namespace tulving::testing {

/// Replaces this program's operator new by one that can fail, as for want of memory: on the thread
/// that asks for it, and on those that start meanwhile. Not on threads that were there before:
/// RocksDB's own survive no such failure. What a scope asks for ends with it.
class FailingAllocator {
 public:
  enum class Mode {
    kOnce,    ///< One allocation fails, and those after it do not.
    kForGood  ///< So do all that follow.
  };
  enum class Who {
    kThisThread,
    kStarted  ///< And those that it starts.
  };
  /// The allocation number `nth`, 0 being the next one, fails.
  FailingAllocator(std::uint64_t nth, Mode mode, Who who = Who::kStarted);
  ~FailingAllocator();
  FailingAllocator(const FailingAllocator&) = delete;
  FailingAllocator& operator=(const FailingAllocator&) = delete;

  /// Whether any has failed.
  [[nodiscard]] bool has_failed() const;
};

}  // namespace tulving::testing
