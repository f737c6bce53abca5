// The specification of the dense kernels, and what runs where there is nothing better.

#include <array>
#include <cmath>

#include "index/kernels/dense_kernels.h"

namespace tulving::index {
namespace {

void multiply(const FloatMatrix& matrix, const float* x, std::size_t rows, float* out) {
  for (std::size_t first = 0; first < matrix.columns; first += kDenseColumns) {
    const float* const panel = matrix.panels + first * matrix.inputs;
    for (std::size_t r = 0; r < rows; ++r) {
      float* const sums = out + r * matrix.columns + first;
      for (std::size_t c = 0; c < kDenseColumns; ++c) sums[c] = matrix.bias[first + c];
      for (std::size_t i = 0; i < matrix.inputs; ++i) {
        const float input = x[r * matrix.inputs + i];
        for (std::size_t c = 0; c < kDenseColumns; ++c) {
          sums[c] += input * panel[i * kDenseColumns + c];
        }
      }
    }
  }
}

void multiply_codes(const CodeMatrix& matrix, const CodeRows& x, float* out) {
  for (std::size_t first = 0; first < matrix.columns; first += kDenseColumns) {
    const std::int8_t* const panel = matrix.panels + first * matrix.inputs;
    for (std::size_t r = 0; r < x.rows; ++r) {
      std::array<std::int32_t, kDenseColumns> sums{};
      for (std::size_t i = 0; i < matrix.inputs; ++i) {
        const std::int32_t input = x.codes[r * matrix.inputs + i];
        const std::int8_t* const step =
            panel + i / kDenseStep * kDenseStep * kDenseColumns + i % kDenseStep;
        for (std::size_t c = 0; c < kDenseColumns; ++c) sums[c] += input * step[c * kDenseStep];
      }
      for (std::size_t c = 0; c < kDenseColumns; ++c) {
        const float factor = x.scales[r] * matrix.scales[first + c];
        const auto sum = static_cast<float>(sums[c] - matrix.offsets[first + c]);
        out[r * matrix.columns + first + c] = std::fma(factor, sum, matrix.bias[first + c]);
      }
    }
  }
}

void mix(const float* values, std::size_t stride, const float* weights, std::size_t rows,
         std::size_t n, float* out) {
  for (std::size_t i = 0; i < n; ++i) out[i] = 0;
  for (std::size_t r = 0; r < rows; ++r) {
    for (std::size_t i = 0; i < n; ++i) out[i] += weights[r] * values[r * stride + i];
  }
}

constexpr DenseKernels kScalar{"scalar", multiply, multiply_codes, mix};

}  // namespace

const DenseKernels* scalar_dense_kernels() { return &kScalar; }

}  // namespace tulving::index
