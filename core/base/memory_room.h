#pragma once

#include <cstdint>

namespace tulving {

/// Whether the system would give this process `bytes` more of memory: limits of the process (its
/// address space, its data) and strict overcommitting may stand in the way. A container's limit
/// does not show before it kills. Maps and unmaps as much, touching none of it: some microseconds.
[[nodiscard]] bool has_memory_room(std::uint64_t bytes) noexcept;

}  // namespace tulving
