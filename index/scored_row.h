#pragma once

#include <cstdint>

namespace tulving::index {

/// A row of a tenant and how well it matches; greater is better.
struct ScoredRow {
  std::uint32_t row = 0;
  float score = 0.0F;

  friend bool operator==(const ScoredRow&, const ScoredRow&) = default;
};

/// The order of results: better first, equal scores by row, so that answers repeat.
[[nodiscard]] constexpr bool ranks_before(const ScoredRow& a, const ScoredRow& b) noexcept {
  return a.score != b.score ? a.score > b.score : a.row < b.row;
}

/// How the best rows are to stand in an answer. Which they are is the same either way; putting
/// hundreds in order takes longer than finding them.
enum class RowOrder : std::uint8_t { kBestFirst, kAny };

}  // namespace tulving::index
