#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/fixed_cosine.h"

namespace tulving::index {

/// Rows that close pairs connect, and those pairs.
struct Component {
  std::vector<std::uint32_t> rows;  ///< Ascending, at least 2.
  std::vector<RowPair> pairs;       ///< By (a, b).
};

/// The connected components of `pairs` (by (a, b), each once) over rows 0 to `rows` - 1, by first
/// row. Any join of groups with a mean cosine >= t needs one pair >= t: so no cluster spans two.
[[nodiscard]] std::vector<Component> components_of(std::uint32_t rows,
                                                   std::span<const RowPair> pairs);

}  // namespace tulving::index
