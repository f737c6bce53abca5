#pragma once

#include <array>
#include <cstdint>
#include <limits>

#include "core/engine/state/memory_table.h"
#include "core/model/decay.h"
#include "index/kernels/decay_kernels.h"

namespace tulving::engine {

/// Decay scores, unclamped, of rows [first, first + count) of `table` at one moment: one pass over
/// the columns, at the kernels' precision (index/kernels/decay_kernels.h). Rows that hold no memory
/// get a score that means nothing.
void score_rows(const MemoryTable& table, DecayModel model, Timestamp at, std::uint32_t first,
                std::uint32_t count, float* scores);

/// The decay score of row after row, best asked in rising order. Comparisons are as exact as
/// decay_score(): what the pass cannot tell for its rounding is computed anew.
class DecayScores {
 public:
  DecayScores(const MemoryTable& table, DecayModel model, Timestamp at)
      : table_(table), model_(model), at_(at) {}

  /// By decay_score(), unclamped.
  [[nodiscard]] double exact(std::uint32_t row) const;
  /// By the pass.
  [[nodiscard]] float approximate(std::uint32_t row);
  /// Whether exact(row) < bound.
  [[nodiscard]] bool is_below(std::uint32_t row, double bound);
  /// Whether exact(row) > bound.
  [[nodiscard]] bool is_above(std::uint32_t row, double bound);

 private:
  // The approximate score where it settles which side of `bound` the exact one is on, else that.
  double decisive(std::uint32_t row, double bound);

  // Scores made at a time: 1 KB, some 0.2 us, so that sparse rows do not pay for many others.
  static constexpr std::uint32_t kBlock = 256;

  const MemoryTable& table_;
  const DecayModel model_;
  const Timestamp at_;
  std::uint32_t block_ = std::numeric_limits<std::uint32_t>::max();
  std::array<float, kBlock> scores_{};
};

/// How far the pass may be from the exact score.
[[nodiscard]] inline double decay_error(double score) {
  return score * index::kDecayErrorMax + index::kDecayFloor;
}

}  // namespace tulving::engine
