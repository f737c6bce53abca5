#pragma once

#include <cstdint>

namespace tulving::index {

/// A place for a vector: dense, never reused while the graph knows it.
using Slot = std::uint32_t;
inline constexpr std::uint32_t kNothing = 0xFFFF'FFFFU;

}  // namespace tulving::index
