#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/fixed_cosine.h"
#include "index/vectors/rows/aligned_array.h"
#include "tulving/result.h"

namespace tulving::index {

class Workers;

/// Writes `vector`, made a unit vector in f32, with zeros up to `stride` (a multiple of
/// kWideLanes). Returns 1 / the length that rounding left it, which is 1 but for 1e-7; 0 if the
/// vector has no direction (is zero or not finite).
[[nodiscard]] double make_unit(std::span<const float> vector, std::size_t stride, float* unit);

/// The one definition of two rows' cosine, bit-equal on every machine: of the f32 unit vectors, in
/// f64, with the length that their rounding left divided out (so a row's with itself is 1).
[[nodiscard]] FixedCosine unit_cosine(const float* a, double a_inverse_length, const float* b,
                                      double b_inverse_length, std::size_t stride);

/// How far a product of two rows in f32, summed in any order, may lie from their cosine.
[[nodiscard]] float f32_rounding(std::size_t stride);

/// Rows made unit vectors in f32, padded with zeros to whole cache lines.
class UnitRows : public CosineSource {
 public:
  /// kInvalidArgument names the first row that is zero or not finite.
  static Result<UnitRows> make(std::span<const float> vectors, std::uint32_t dim,
                               const Workers& workers);

  /// The means of groups of rows: no unit vectors but shorter ones, whose cosine() is the mean
  /// cosine of the groups, to 1e-7.
  [[nodiscard]] UnitRows means_of(std::span<const std::vector<std::uint32_t>> groups,
                                  const Workers& workers) const;

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }  ///< Floats from row to row.
  [[nodiscard]] const float* row(std::uint32_t i) const { return units_.get() + i * stride_; }

  [[nodiscard]] FixedCosine cosine(std::uint32_t a, std::uint32_t b) const override;

 private:
  UnitRows(std::uint32_t size, std::size_t stride);
  [[nodiscard]] float* writable_row(std::uint32_t i) { return units_.get() + i * stride_; }

  std::uint32_t size_;
  std::size_t stride_;
  AlignedArray<float> units_;
  std::vector<double> inverse_lengths_;  // Of the f32 rows: 1 but for 1e-7. Of means: 1.
};

}  // namespace tulving::index
