#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/kernels/kernels.h"

namespace tulving::index {

/// What belongs to a row's sketch.
struct SketchHeader {
  float inverse = 0.0F;    ///< 1 / the sum of |components| of the unit vector; 0: it has none.
  std::uint32_t ones = 0;  ///< Set bits.
};

/// Words of a sketch of vectors whose codes take `code_stride` bytes, a bit each; 0: so few bytes
/// are looked at as fast as their sketch, and have none.
[[nodiscard]] constexpr std::size_t sketch_words(std::size_t code_stride) {
  constexpr std::size_t kSketchedBytesMin = 256;
  return code_stride < kSketchedBytesMin ? 0 : code_stride / 64;
}

/// Sketches side by side, and their headers.
struct SketchRows {
  const std::uint64_t* bits = nullptr;
  const SketchHeader* headers = nullptr;
  std::size_t words = 0;  ///< Of a sketch; 0: there are none.

  [[nodiscard]] const std::uint64_t* row(std::size_t i) const { return bits + i * words; }
  void prefetch(std::size_t i) const {
    for (std::size_t word = 0; word < words; word += 8) __builtin_prefetch(row(i) + word);
    __builtin_prefetch(headers + i);
  }
};

/// A row's sketch, the sign of each component, from its codes: a bit is set where it is not
/// negative.
SketchHeader make_sketch(const std::uint8_t* codes, std::size_t code_stride, float scale,
                         std::uint64_t* bits);

/// A query as sketches are compared with it.
///
/// With s the signs of a unit vector x and q the query, <s, q> / <s, x> estimates <x, q> (Gao and
/// Long, "RaBitQ: Quantizing High-Dimensional Vectors with a Theoretical Error Bound for
/// Approximate Nearest Neighbor Search", SIGMOD 2024): of a vector that was turned at random, what
/// s leaves of x is as often for as against q, so that the estimate is off by about sqrt((1 / <s, x
/// / sqrt(n)>^2 - 1) / n), 0.02 at 1,536 dimensions. How far beyond it may be with what probability
/// is the theorem's; that it never is cannot be promised.
class QuerySketch {
 public:
  /// Nothing to compare with yet.
  QuerySketch() = default;
  /// `scale` times query.high, which has `code_stride` codes, is the query.
  void set(const CodedQuery& query, float scale, std::size_t code_stride);

  [[nodiscard]] std::size_t words() const { return words_; }
  /// What estimate() wants of each of `count` rows.
  void weigh(const std::uint64_t* const* rows, std::size_t count, std::int32_t* weights) const;
  /// The cosine, by what weigh() said of the row.
  [[nodiscard]] float estimate(std::int32_t weight, const SketchHeader& row) const {
    const std::int32_t sum =
        2 * step_ * weight + twice_least_ * static_cast<std::int32_t>(row.ones) - base_;
    return scale_ * row.inverse * static_cast<float>(sum);
  }
  /// How far the estimate is off, as a standard deviation.
  [[nodiscard]] float deviation(const SketchHeader& row) const {
    const float square = row.inverse * row.inverse;
    return std::sqrt(std::max(0.0F, square - least_square_) + square * own_);
  }

 private:
  std::vector<std::uint64_t> planes_;
  std::size_t words_ = 0;
  // A code in four bits, u, stands for step u + twice_least / 2.
  std::int32_t step_ = 0;
  std::int32_t twice_least_ = 0;
  std::int32_t base_ = 0;  ///< The sum of what all of them stand for.
  float scale_ = 0.0F;
  float least_square_ = 0.0F;  ///< 1 / n: what `inverse` is when all components are equally large.
  float own_ = 0.0F;           ///< Of the query's own rounding.
};

}  // namespace tulving::index
