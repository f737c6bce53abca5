// The specification of the kernels of fixed point, and what runs on a processor without AVX2.

#include <algorithm>
#include <cmath>

#include "index/kernels/fixed_kernels.h"

namespace tulving::index {
namespace {

std::uint32_t residual_of(const FixedRow& row, std::size_t i) {
  if (row.residual_bits == 0) return 128;
  if (row.residual_bits == 8) return row.residuals[i];
  const std::uint32_t two = row.residuals[i / 32 * 16 + i % 16];
  return i % 32 < 16 ? (two << 4) & 0xF0U : two & 0xF0U;
}

// Codes that no encoding makes wrap round as 16-bit words do.
std::int32_t component_of(const FixedRow& row, std::size_t i) {
  const std::uint32_t word = (std::uint32_t{row.codes[i]} << 8) + residual_of(row, i);
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(word - kFixedOffset));
}

FixedSummary encode(const float* x, std::size_t n, float steps, std::uint32_t bits,
                    std::uint8_t* codes, std::uint8_t* residuals) {
  const auto most = static_cast<float>(127U << bits);
  FixedSummary summary;
  for (std::size_t i = 0; i < n; ++i) {
    const float rounded = std::clamp(std::nearbyint(x[i] * steps), -most, most);
    const std::int32_t component = static_cast<std::int32_t>(rounded) * (1 << (8 - bits));
    const std::int32_t word = component + std::int32_t{kFixedOffset};
    const std::int32_t residual = (word & 0xFF) - 128;
    codes[i] = static_cast<std::uint8_t>(word >> 8);
    residuals[i] = static_cast<std::uint8_t>(word & 0xFF);
    summary.squares += std::int64_t{component} * component;
    summary.residual_squares += residual * residual;
    summary.sum += (word >> 8) - 128;
  }
  return summary;
}

void decode(const FixedRow& row, std::size_t n, float* x) {
  for (std::size_t i = 0; i < n; ++i) x[i] = static_cast<float>(component_of(row, i));
}

float dot(const FixedRow& row, const float* query, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += double{query[i]} * component_of(row, i);
  return static_cast<float>(sum);
}

void arrange(float* /*query*/, std::size_t /*n*/) {}

void rotate(float* x, std::size_t n) {
  const float* signs = rotation_signs();
  for (std::size_t i = 0; i < n; ++i) x[i] *= signs[i % kRotationSigns];
  for (std::size_t half = n / 2; half >= n / kMixed; half /= 2) {
    for (float* block = x; block != x + n; block += 2 * half) {
      for (std::size_t i = 0; i < half; ++i) {
        const float a = block[i];
        const float b = block[half + i];
        block[i] = a + b;
        block[half + i] = a - b;
      }
    }
  }
  for (std::size_t i = 0; i < n; ++i) x[i] *= kRotationFactor;
}

}  // namespace

const FixedKernels* scalar_fixed_kernels() {
  static const FixedKernels set{"scalar", rotate, encode, decode, dot, arrange, dot};
  return &set;
}

}  // namespace tulving::index
