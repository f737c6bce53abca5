#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace tulving::index {

/// A matrix is laid out in panels of so many columns, one after the other.
inline constexpr std::size_t kDenseColumns = 32;
/// Of codes, a panel has so many inputs of its first column, then of its second, and so on, then
/// the next inputs of each.
inline constexpr std::size_t kDenseStep = 4;
/// Most inputs: that many products of a byte and a signed byte fit an int32.
inline constexpr std::size_t kDenseInputsMax = 65'536;

/// Weights as floats: a panel has the columns of its first input, then of its second. `columns` is
/// a multiple of kDenseColumns; panels start on a cache line.
struct FloatMatrix {
  const float* panels = nullptr;
  const float* bias = nullptr;  ///< A float a column.
  std::size_t inputs = 0;
  std::size_t columns = 0;
};

/// Weights as codes, -127..127: a weight is about its column's scale times its code. `inputs` is a
/// multiple of kDenseStep too.
struct CodeMatrix {
  const std::int8_t* panels = nullptr;
  const float* scales = nullptr;
  const std::int32_t* offsets = nullptr;  ///< A column's: 128 times the sum of its codes.
  const float* bias = nullptr;
  std::size_t inputs = 0;
  std::size_t columns = 0;
};

/// Rows of codes, as DistanceKernels::encode() makes them: 1..255, which stand for code - 128.
struct CodeRows {
  const std::uint8_t* codes = nullptr;
  const float* scales = nullptr;  ///< A float a row.
  std::size_t rows = 0;
};

/// One instruction set's kernels for a dense layer: out = x w + bias, of rows that lie one after
/// the other. A row's result does not depend on the rows beside it.
struct DenseKernels {
  std::string_view name;

  /// A column's sum starts with its bias and takes the inputs in their order, so sets that fuse
  /// (all but the scalar one) agree to the bit.
  void (*multiply)(const FloatMatrix& matrix, const float* x, std::size_t rows, float* out);
  /// Sums of codes are integers, then out = fma(scale_row scale_column, sum, bias): bit-equal
  /// across instruction sets.
  void (*multiply_codes)(const CodeMatrix& matrix, const CodeRows& x, float* out);
  /// out[i] = sum over the rows of weights[r] values[r stride + i], in their order, i < n: any n.
  /// Sets that fuse agree to the bit.
  void (*mix)(const float* values, std::size_t stride, const float* weights, std::size_t rows,
              std::size_t n, float* out);
};

/// The set that belongs to kernels(): TULVING_FORCE_ISA is obeyed.
[[nodiscard]] const DenseKernels& dense_kernels();

/// Every set this processor runs, the scalar one first, the best one last.
[[nodiscard]] std::span<const DenseKernels* const> supported_dense_kernels();

// Null where the set is not compiled for this architecture.
[[nodiscard]] const DenseKernels* scalar_dense_kernels();
[[nodiscard]] const DenseKernels* avx2_dense_kernels();
[[nodiscard]] const DenseKernels* avx512_dense_kernels();
[[nodiscard]] const DenseKernels* avx512vnni_dense_kernels();

}  // namespace tulving::index
