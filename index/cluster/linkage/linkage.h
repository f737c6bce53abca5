#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <vector>

#include "index/cluster/fixed_cosine.h"

namespace tulving::index {

struct LinkageInput {
  std::span<const std::uint32_t> rows;  ///< Ascending.
  std::span<const RowPair> pairs;       ///< Of those rows, with a cosine >= threshold; by (a, b).
  FixedCosine threshold = 0;
  /// Joins that would make a larger group are left out.
  std::uint32_t size_max = std::numeric_limits<std::uint32_t>::max();
};

struct RowGroup {
  std::vector<std::uint32_t> rows;  ///< Ascending.
  std::int64_t sum = 0;             ///< Of the cosines of all pairs inside.

  [[nodiscard]] double cohesion() const;  ///< For at least 2 rows.
};

struct LinkageResult {
  std::vector<RowGroup> groups;  ///< Every row is in one; by first row.
  bool stopped = false;
  bool too_large = false;  ///< A group would outgrow kGroupRowsMax or kPairsOfGroupsMax.
};

/// Average linkage: of all pairs of groups, the one with the greatest mean cosine joins, as long as
/// that is at least the threshold; of equal means the one with the smallest first row, then the
/// smallest second row, where a group goes by its smallest row.
///
/// It joins reciprocal nearest neighbours, which gives the same groups: no join brings a group
/// nearer to a third than the nearer of its halves was (the mean lies between theirs; and by the
/// tie rule neither can overtake it among equals). Leaving joins out by size keeps that true. Means
/// are exact, so it is true to the bit.
///
/// `stop` is asked now and then.
[[nodiscard]] LinkageResult link_rows(const LinkageInput& input, const CosineSource& cosines,
                                      const std::function<bool()>& stop);

}  // namespace tulving::index
