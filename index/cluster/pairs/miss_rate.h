#pragma once

#include <cstdint>
#include <vector>

#include "index/cluster/pairs/close_pairs.h"

namespace tulving::index {

/// Of a sample's pairs, how many are not among those found.
struct MissRate {
  std::uint64_t pairs = 0;
  std::uint64_t missed = 0;

  [[nodiscard]] double share() const {
    return pairs == 0 ? 0.0 : static_cast<double>(missed) / static_cast<double>(pairs);
  }
};

/// Holds `found` (by (a, b)) against all pairs of `sample_rows` rows, evenly spread, with every
/// other row.
[[nodiscard]] MissRate miss_rate(const PairSearch& search, const std::vector<RowPair>& found,
                                 std::uint32_t sample_rows);

}  // namespace tulving::index
