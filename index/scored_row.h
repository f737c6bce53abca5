#pragma once

#include <cstdint>

#include "index/tie_order.h"

namespace tulving::index {

/// A row of a tenant and how well it matches; greater is better.
struct ScoredRow {
  std::uint32_t row = 0;
  float score = 0.0F;

  friend bool operator==(const ScoredRow&, const ScoredRow&) = default;
};

/// The order of results: better first, equal scores as `ties` says, so that answers repeat.
[[nodiscard]] constexpr bool ranks_before_by(const TieOrder& ties, const ScoredRow& a,
                                             const ScoredRow& b) noexcept {
  return a.score != b.score ? a.score > b.score : ties.before(a.row, b.row);
}
/// The same where rows have no keys: equal scores by row.
[[nodiscard]] constexpr bool ranks_before(const ScoredRow& a, const ScoredRow& b) noexcept {
  return ranks_before_by({}, a, b);
}

/// How the best rows are to stand in an answer. Which they are is the same either way; putting
/// hundreds in order takes longer than finding them.
enum class RowOrder : std::uint8_t { kBestFirst, kAny };

}  // namespace tulving::index
