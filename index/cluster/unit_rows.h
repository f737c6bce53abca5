#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/fixed_cosine.h"
#include "index/hnsw/aligned_array.h"
#include "tulving/result.h"

namespace tulving::index {

class Workers;

/// Rows made unit vectors in f32, padded with zeros to whole cache lines.
class UnitRows : public CosineSource {
 public:
  /// kInvalidArgument names the first row that is zero or not finite.
  static Result<UnitRows> make(std::span<const float> vectors, std::uint32_t dim,
                               const Workers& workers);

  [[nodiscard]] std::uint32_t size() const { return size_; }
  [[nodiscard]] std::size_t stride() const { return stride_; }  ///< Floats from row to row.
  [[nodiscard]] const float* row(std::uint32_t i) const { return units_.get() + i * stride_; }

  /// The one definition of two rows' cosine, bit-equal on every machine: of the f32 unit vectors,
  /// in f64, with the length that their rounding left divided out (a row's with itself is 1).
  [[nodiscard]] FixedCosine cosine(std::uint32_t a, std::uint32_t b) const override;

  /// How far a product of two rows in f32, summed in any order, may lie from their cosine.
  [[nodiscard]] float rounding() const;

 private:
  UnitRows(std::uint32_t size, std::uint32_t dim);
  // False for a row without a direction.
  bool set(std::uint32_t i, std::span<const float> vector);

  std::uint32_t size_;
  std::uint32_t dim_;
  std::size_t stride_;
  AlignedArray<float> units_;
  std::vector<double> inverse_lengths_;  // Of the f32 rows: 1 but for 1e-7.
};

}  // namespace tulving::index
