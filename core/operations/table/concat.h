#pragma once

#include <array>
#include <cstddef>

#include "tulving/params.h"

namespace tulving::operations {

/// The parameters of both, in one list: for operations that share some.
template <std::size_t kA, std::size_t kB>
[[nodiscard]] constexpr std::array<Param, kA + kB> concat(const std::array<Param, kA>& a,
                                                          const std::array<Param, kB>& b) {
  std::array<Param, kA + kB> all;
  for (std::size_t i = 0; i < kA; ++i) all[i] = a[i];
  for (std::size_t i = 0; i < kB; ++i) all[kA + i] = b[i];
  return all;
}

}  // namespace tulving::operations
