#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "index/kernels/kernels.h"
#include "index/vectors/rows/aligned_array.h"

namespace tulving::index {

/// What belongs to a row. With x its halves made a unit vector, x = scale * codes + a rest of
/// length `error`.
struct CodeHeader {
  float scale = 0.0F;
  float error = 0.0F;
  std::int32_t sum = 0;       ///< Of the signed codes.
  float inverse_norm = 0.0F;  ///< 1 / |halves|.
};

/// How vectors of one dimension are kept: as unit vectors, rounded to f16, and coded from those in
/// int8. The length that rounding left is divided out again: embeddings with one large component
/// (0.6 and more in ada-002's) would else carry an error of 1.5e-4 into every cosine. Rows are
/// padded to whole cache lines with what adds nothing to a product.
///
/// Codes are made from the f16 form, so that `error` bounds exactly what the scan may lose against
/// the f16 re-ranking, and codes that were freed can be made again.
class VectorCoder {
 public:
  explicit VectorCoder(std::uint32_t dim)
      : dim_(dim),
        code_stride_(round_up(dim, kCacheLine)),
        half_stride_(round_up(dim, kCacheLine / sizeof(std::uint16_t))) {}

  [[nodiscard]] std::uint32_t dim() const { return dim_; }
  [[nodiscard]] std::size_t code_stride() const { return code_stride_; }  ///< Bytes a row.
  [[nodiscard]] std::size_t half_stride() const { return half_stride_; }  ///< Halves a row.

  /// The vector's direction in f16. A vector that has none (zero, not finite) becomes zeros, whose
  /// cosine with everything is 0.
  void to_halves(std::span<const float> vector, std::uint16_t* halves) const;
  CodeHeader to_codes(const std::uint16_t* halves, std::uint8_t* codes) const;

 private:
  std::uint32_t dim_;
  std::size_t code_stride_;
  std::size_t half_stride_;
};

/// A query as the kernels want it: its direction in f32, and in two int8 parts, padded.
class PreparedQuery {
 public:
  PreparedQuery(const VectorCoder& coder, std::span<const float> vector);

  [[nodiscard]] const CodedQuery& coded() const { return coded_; }
  /// Times a row's scale and its dot_rows(): the cosine by the first part alone.
  [[nodiscard]] float high_scale() const { return high_scale_; }
  /// Times a row's scale and its dot_rows_fine(): the cosine by both parts.
  [[nodiscard]] float fine_scale() const { return high_scale_ / kLowUnits; }

  /// How far the cosine by both parts may lie from the one by f16, whatever the data.
  ///
  /// <x, y> - <x', y'> = <x - x', y> + <x', y - y'>, so by Cauchy-Schwarz at most
  /// |x - x'| |y| + |x'| |y - y'|. |x| and |y| are 1 but for rounding; the constant covers the
  /// rounding of both float sums (measured below 1e-6 for 1536 dimensions).
  [[nodiscard]] float bound(float row_error) const {
    return row_error * 1.0001F + (1.0001F + row_error) * fine_error_ + 4e-6F;
  }

  /// The cosine with a row of halves.
  [[nodiscard]] float exact(const std::uint16_t* halves, float inverse_norm) const;

 private:
  AlignedArray<float> unit_;
  AlignedArray<std::int8_t> codes_;
  std::size_t padded_ = 0;
  CodedQuery coded_;
  float high_scale_ = 1.0F;
  float fine_error_ = 0.0F;
};

}  // namespace tulving::index
