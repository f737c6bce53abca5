#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "index/kernels/fixed_kernels.h"
#include "index/kernels/kernels.h"
#include "index/vectors/rows/aligned_array.h"

namespace tulving::index {

/// What belongs to a row. With x the row's final form, a unit vector, x = scale * codes + a rest of
/// length `error`.
struct CodeHeader {
  float scale = 0.0F;
  float error = 0.0F;
  std::int32_t sum = 0;  ///< Of the signed codes.
};

/// Whether a header may be that of a unit vector: what a file says of bounds is not believed
/// blindly.
[[nodiscard]] bool is_sane(const CodeHeader& header, std::size_t code_bytes);

/// How vectors of one dimension are kept: as unit vectors in fixed point, of which the upper eight
/// bits are codes, for scanning, and the lower `residual_bits` lie elsewhere, for the final
/// ranking. The length that rounding left is divided out: scores are cosines with the *rounded*
/// direction. Rows are padded to whole cache lines with what adds nothing to a product.
///
/// Codes are a part of the final form, so that `error` bounds exactly what the scan may lose
/// against it. What the form itself loses: each component is off by at most s = largest / 127 /
/// 2^(residual_bits + 1), so a cosine by at most sqrt(dim) s, and as errors of that many components
/// are as often up as down by about s / 1.7.
class VectorCoder {
 public:
  explicit VectorCoder(std::uint32_t dim, std::uint32_t residual_bits)
      : dim_(dim), bits_(residual_bits), code_stride_(round_up(dim, kCacheLine)) {}

  [[nodiscard]] std::uint32_t dim() const { return dim_; }
  [[nodiscard]] std::uint32_t residual_bits() const { return bits_; }
  /// Bytes a row, and floats of a padded vector.
  [[nodiscard]] std::size_t code_stride() const { return code_stride_; }
  /// Bytes a row; 0: there are none.
  [[nodiscard]] std::size_t residual_stride() const { return code_stride_ * bits_ / 8; }

  /// The vector's direction. A vector that has none (zero, not finite) becomes zeros, whose cosine
  /// with everything is 0.
  CodeHeader encode(std::span<const float> vector, std::uint8_t* codes,
                    std::uint8_t* residuals) const;

  /// A row's final form, times 256 / scale.
  [[nodiscard]] FixedRow row(const std::uint8_t* codes, const std::uint8_t* residuals) const {
    return {codes, residuals, bits_};
  }

 private:
  std::uint32_t dim_;
  std::uint32_t bits_;
  std::size_t code_stride_;
};

/// One unit of a fixed-point component, as a part of a code's.
inline constexpr float kFixedUnit = 1.0F / 256.0F;

/// A query as the kernels want it: its direction in f32, and in two int8 parts, padded.
class PreparedQuery {
 public:
  PreparedQuery(const VectorCoder& coder, std::span<const float> vector);

  [[nodiscard]] const CodedQuery& coded() const { return coded_; }
  /// Times a row's scale and its dot_rows(): the cosine by the first part alone.
  [[nodiscard]] float high_scale() const { return high_scale_; }
  /// Times a row's scale and its dot_rows_fine(): the cosine by both parts.
  [[nodiscard]] float fine_scale() const { return high_scale_ / kLowUnits; }

  /// How far the cosine by both parts may lie from the one by the final form, whatever the data.
  ///
  /// <x, y> - <x', y'> = <x - x', y> + <x', y - y'>, so by Cauchy-Schwarz at most
  /// |x - x'| |y| + |x'| |y - y'|. |x| and |y| are 1 but for rounding; the constant covers the
  /// rounding of both float sums (measured below 1e-6 for 1536 dimensions).
  [[nodiscard]] float bound(float row_error) const {
    return row_error * 1.0001F + (1.0001F + row_error) * fine_error_ + 4e-6F;
  }

  /// The cosine with a row by its final form.
  [[nodiscard]] float exact(const FixedRow& row, float scale) const;

 private:
  AlignedArray<float> unit_;  // arranged
  AlignedArray<std::int8_t> codes_;
  std::size_t padded_ = 0;
  CodedQuery coded_;
  float high_scale_ = 1.0F;
  float fine_error_ = 0.0F;
};

}  // namespace tulving::index
