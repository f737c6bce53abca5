#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "index/vectors/vector_index.h"

namespace tulving::index {

/// Cosines of rows with each other, for who asks of the same rows often (MMR). A row with several
/// vectors stands for their mean_direction(), which is made once.
///
/// Thread safety: for one thread at a time; as the const members of the index, which must outlive
///   this and not change meanwhile.
class RowSimilarity {
 public:
  explicit RowSimilarity(const VectorIndex& index) : index_(index) {}

  /// NaN when either has no vector.
  [[nodiscard]] float operator()(std::uint32_t a, std::uint32_t b);

 private:
  [[nodiscard]] const std::vector<float>& direction_of(std::uint32_t row);

  const VectorIndex& index_;
  // Turned, at length 1; by row. None moves when another comes.
  std::unordered_map<std::uint32_t, std::vector<float>> directions_;
};

}  // namespace tulving::index
