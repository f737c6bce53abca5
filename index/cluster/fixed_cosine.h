#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

namespace tulving::index {

/// Cosines are integers here, in units of 2^-30: their sums are exact, so a mean does not depend on
/// the order of summation, equal means are equal, and average linkage is reducible without a
/// rounding error to spoil it. 2^-31 is a hundredth of what a vector of floats can tell.
using FixedCosine = std::int32_t;

inline constexpr double kFixedOne = 1 << 30;

[[nodiscard]] inline FixedCosine to_fixed(double cosine) {
  return static_cast<FixedCosine>(std::llround(cosine * kFixedOne));
}

/// A sum of cosines and how many: their mean compares exactly.
struct MeanCosine {
  std::int64_t sum = 0;
  std::int64_t pairs = 1;
};

// So that sums stay below 2^63: at most 2^32 pairs between two groups, and 2^33 inside one, of at
// most 2^30 each. 100,000 rows in one component cannot reach either.
inline constexpr std::int64_t kPairsOfGroupsMax = std::int64_t{1} << 32;
inline constexpr std::int64_t kGroupRowsMax = 131'072;

[[nodiscard]] inline bool reaches(const MeanCosine& mean, FixedCosine threshold) {
  return mean.sum >= mean.pairs * threshold;
}

/// Two rows and their cosine; a < b.
struct RowPair {
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  FixedCosine cosine = 0;

  friend bool operator==(const RowPair&, const RowPair&) = default;
};

/// By (a, b).
inline void sort_by_rows(std::vector<RowPair>& pairs) {
  std::sort(pairs.begin(), pairs.end(),
            [](const RowPair& x, const RowPair& y) { return x.a != y.a ? x.a < y.a : x.b < y.b; });
}

/// What linkage must know of rows beyond the close pairs it is given.
class CosineSource {
 public:
  virtual ~CosineSource() = default;
  [[nodiscard]] virtual FixedCosine cosine(std::uint32_t a, std::uint32_t b) const = 0;
};

}  // namespace tulving::index
