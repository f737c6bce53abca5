#include "core/embedding/dense_layer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/check.h"
#include "index/kernels/kernels.h"

namespace tulving::embedding {
namespace {

using index::kDenseColumns;
using index::kDenseStep;

constexpr float kCodeMax = 127.0F;
constexpr std::uint8_t kZeroCode = 128;
/// Below it a row is one of zeros: the inverse of its scale would be no number.
constexpr float kLeastMax = 1e-30F;

// Codes a row of inputs; its scale. What is not finite stays so: its scale is not a number.
float encode_row(const float* x, std::size_t n, std::uint8_t* codes) {
  const float max = index::kernels().max_abs(x, n);
  if (max >= kLeastMax && max < std::numeric_limits<float>::max()) {
    const float scale = max / kCodeMax;
    (void)index::kernels().encode(x, n, scale, codes);
    return scale;
  }
  std::fill_n(codes, n, kZeroCode);
  return max < kLeastMax ? 0.0F : std::numeric_limits<float>::quiet_NaN();
}

// To the nearest integer, ties to even, of what is far below 2^22: beyond 1.5 x 2^23 a float has no
// fraction. std::nearbyint() is a call where SSE4 may not be relied on.
float nearest(float x) {
  constexpr float kNoFraction = 12'582'912.0F;
  return (x + kNoFraction) - kNoFraction;
}

std::vector<float> column_scales(const std::vector<float>& kernel, std::size_t columns) {
  std::vector<float> scales(columns, 0.0F);
  for (std::size_t first = 0; first < kernel.size(); first += columns) {
    for (std::size_t column = 0; column < columns; ++column) {
      scales[column] = std::max(scales[column], std::abs(kernel[first + column]));
    }
  }
  for (float& scale : scales) scale = scale >= kLeastMax ? scale / kCodeMax : 1.0F;
  return scales;
}

}  // namespace

DenseLayer::DenseLayer(const DenseWeights& weights, Arithmetic arithmetic)
    : inputs_(weights.kernel.size() / weights.bias.size()), bias_(weights.bias) {
  TULVING_DCHECK(inputs_ * bias_.size() == weights.kernel.size());
  TULVING_DCHECK(inputs_ % kDenseStep == 0 && inputs_ <= index::kDenseInputsMax);
  TULVING_DCHECK(bias_.size() % kDenseColumns == 0);
  if (arithmetic == Arithmetic::kFloat) {
    lay_out_floats(weights.kernel);
  } else {
    lay_out_codes(weights.kernel);
  }
}

void DenseLayer::lay_out_floats(const std::vector<float>& kernel) {
  floats_ = index::make_aligned<float>(kernel.size());
  float* to = floats_.get();
  for (std::size_t first = 0; first < columns(); first += kDenseColumns) {
    for (std::size_t i = 0; i < inputs_; ++i) {
      to = std::copy_n(kernel.data() + i * columns() + first, kDenseColumns, to);
    }
  }
}

void DenseLayer::lay_out_codes(const std::vector<float>& kernel) {
  codes_ = index::make_aligned<std::int8_t>(kernel.size());
  scales_ = column_scales(kernel, columns());
  offsets_.assign(columns(), 0);
  for (std::size_t i = 0; i < inputs_; ++i) {
    const float* const row = kernel.data() + i * columns();
    for (std::size_t column = 0; column < columns(); ++column) {
      const float code = std::clamp(nearest(row[column] / scales_[column]), -kCodeMax, kCodeMax);
      const std::size_t first = column / kDenseColumns * kDenseColumns;
      const std::size_t step = i / kDenseStep * kDenseColumns + (column - first);
      codes_[first * inputs_ + step * kDenseStep + i % kDenseStep] = static_cast<std::int8_t>(code);
      offsets_[column] += int{kZeroCode} * static_cast<int>(code);
    }
  }
}

void DenseLayer::apply(const float* x, std::size_t rows, float* out, DenseScratch& scratch) const {
  const index::DenseKernels& kernels = index::dense_kernels();
  if (floats_ != nullptr) {
    return kernels.multiply({floats_.get(), bias_.data(), inputs_, columns()}, x, rows, out);
  }
  scratch.codes.resize(std::max(scratch.codes.size(), rows * inputs_));
  scratch.scales.resize(std::max(scratch.scales.size(), rows));
  for (std::size_t row = 0; row < rows; ++row) {
    scratch.scales[row] = encode_row(x + row * inputs_, inputs_, &scratch.codes[row * inputs_]);
  }
  kernels.multiply_codes(
      {codes_.get(), scales_.data(), offsets_.data(), bias_.data(), inputs_, columns()},
      {scratch.codes.data(), scratch.scales.data(), rows}, out);
}

}  // namespace tulving::embedding
