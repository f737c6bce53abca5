#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/pairs/close_pairs.h"

namespace tulving::index {

/// What linkage over incomplete pairs left undone.
struct MissedJoins {
  std::uint64_t joins = 0;     ///< Pairs of groups whose mean cosine reaches the threshold.
  std::vector<RowPair> pairs;  ///< Their close rows, which no search had named; by (a, b).
};

/// Compares the means of all groups with each other, in tiles as rows are compared. Where nothing
/// is found, the groups are such as average linkage ends with: no two could join.
[[nodiscard]] MissedJoins find_missed_joins(const PairSearch& search,
                                            std::span<const std::vector<std::uint32_t>> groups);

}  // namespace tulving::index
