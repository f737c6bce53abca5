#pragma once

#include <cstdint>

namespace tulving {

/// Of the operating system's generator; a forked child has others than its parent.
[[nodiscard]] std::uint64_t random_number();

}  // namespace tulving
