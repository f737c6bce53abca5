#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace tulving {

/// One vector for several of `dim` floats that lie one after the other: the mean of their
/// directions, at length 1. Where they cancel each other out it is the direction of the first. One
/// vector alone is returned as it is, to the bit.
///
/// It is what a memory of several passages is to all that compares memories and not passages:
/// clusters, merges, MMR, a column of PostgreSQL.
[[nodiscard]] std::vector<float> mean_direction(std::span<const float> vectors, std::size_t dim);

}  // namespace tulving
