#pragma once

#include <cstdint>
#include <future>
#include <system_error>
#include <utility>

namespace tulving {

/// Whether the system would give this process `bytes` more of memory: limits of the process (its
/// address space, its data) and strict overcommitting may stand in the way. A container's limit
/// does not show before it kills. Maps and unmaps as much, touching none of it: some microseconds.
[[nodiscard]] bool has_memory_room(std::uint64_t bytes) noexcept;

/// Runs `work` on a thread of its own, or, where the system gives none, when its result is asked
/// for.
template <class Work>
[[nodiscard]] auto beside(Work work) {
  try {
    return std::async(std::launch::async, work);
  } catch (const std::system_error&) {
    return std::async(std::launch::deferred, std::move(work));
  }
}

}  // namespace tulving
