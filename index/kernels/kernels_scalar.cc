// The specification: what every other instruction set is tested against.

#include <algorithm>
#include <bit>
#include <cmath>

#include "index/kernels/kernels.h"

namespace tulving::index {
namespace {

float dot_f32(const float* a, const float* b, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += double{a[i]} * double{b[i]};
  return static_cast<float>(sum);
}

float max_abs(const float* x, std::size_t n) {
  float most = 0.0F;
  for (std::size_t i = 0; i < n; ++i) most = std::max(most, std::fabs(x[i]));
  return most;
}

void scale_f32(const float* x, float factor, std::size_t n, float* scaled) {
  for (std::size_t i = 0; i < n; ++i) scaled[i] = x[i] * factor;
}

// Below 2^-14 a half is a multiple of 2^-24, which adding 0.5 in f32 rounds to, ties to even.
std::uint16_t half_from(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = (bits >> 16) & 0x8000U;
  const std::uint32_t magnitude = bits & 0x7FFF'FFFFU;
  if (magnitude > 0x7F80'0000U) {  // NaN: stays one, quiet, with the payload that fits.
    return static_cast<std::uint16_t>(sign | 0x7E00U | ((magnitude >> 13) & 0x3FFU));
  }
  if (magnitude >= 0x4780'0000U) return static_cast<std::uint16_t>(sign | 0x7C00U);
  if (magnitude < 0x3880'0000U) {
    const float shifted = std::bit_cast<float>(magnitude) + 0.5F;
    return static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(shifted) & 0xFFFFU));
  }
  const std::uint32_t rounded = magnitude + 0xFFFU + ((magnitude >> 13) & 1U);
  return static_cast<std::uint16_t>(sign | ((rounded - 0x3800'0000U) >> 13));
}

float float_from(std::uint16_t half) {
  const std::uint32_t sign = (std::uint32_t{half} & 0x8000U) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1FU;
  const std::uint32_t fraction = half & 0x3FFU;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  if (exponent == 31) {  // Infinity, or NaN made quiet, as the instruction does.
    const std::uint32_t quiet = fraction == 0 ? 0U : 0x40'0000U;
    return std::bit_cast<float>(sign | 0x7F80'0000U | quiet | (fraction << 13));
  }
  return std::bit_cast<float>(sign | ((exponent + 112U) << 23) | (fraction << 13));
}

void to_f16(const float* x, std::size_t n, std::uint16_t* halves) {
  for (std::size_t i = 0; i < n; ++i) halves[i] = half_from(x[i]);
}

void to_f32(const std::uint16_t* halves, std::size_t n, float* x) {
  for (std::size_t i = 0; i < n; ++i) x[i] = float_from(halves[i]);
}

float dot_f16(const std::uint16_t* halves, const float* query, std::size_t n) {
  double sum = 0.0;
  for (std::size_t i = 0; i < n; ++i) sum += double{float_from(halves[i])} * double{query[i]};
  return static_cast<float>(sum);
}

float code_of(float x, float inverse_scale) {
  return std::clamp(std::nearbyint(x * inverse_scale), -127.0F, 127.0F);
}

// fma everywhere: with one rounding, every instruction set gets the same residual to the bit, and
// from it the same low codes.
CodeSummary encode(const float* x, std::size_t n, float scale, std::uint8_t* codes) {
  const float inverse_scale = 1.0F / scale;
  CodeSummary summary;
  double squared_error = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const float code = code_of(x[i], inverse_scale);
    const double residual = std::fma(-scale, code, x[i]);
    squared_error += residual * residual;
    const int integer = static_cast<int>(code);
    summary.sum += integer;
    codes[i] = static_cast<std::uint8_t>(integer + 128);
  }
  summary.squared_error = static_cast<float>(squared_error);
  return summary;
}

void encode_query(const float* y, std::size_t n, float scale, std::int8_t* high, std::int8_t* low,
                  CodeSummary& high_summary, CodeSummary& low_summary) {
  const float inverse_scale = 1.0F / scale;
  const float low_scale = scale / kLowUnits;
  const float inverse_low_scale = 1.0F / low_scale;
  high_summary = {};
  low_summary = {};
  double high_error = 0.0;
  double low_error = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    const float high_code = code_of(y[i], inverse_scale);
    const float residual = std::fma(-scale, high_code, y[i]);
    const float low_code = code_of(residual, inverse_low_scale);
    const float rest = std::fma(-low_scale, low_code, residual);
    high_error += double{residual} * double{residual};
    low_error += double{rest} * double{rest};
    high[i] = static_cast<std::int8_t>(high_code);
    low[i] = static_cast<std::int8_t>(low_code);
    high_summary.sum += high[i];
    low_summary.sum += low[i];
  }
  high_summary.squared_error = static_cast<float>(high_error);
  low_summary.squared_error = static_cast<float>(low_error);
}

std::int32_t dot_codes(const std::uint8_t* a, const std::uint8_t* b, std::int32_t /*b_sum*/,
                       std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += (int{a[i]} - 128) * (int{b[i]} - 128);
  return sum;
}

std::int32_t dot_one(const std::uint8_t* row, const std::int8_t* query, std::size_t n) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += (int{row[i]} - 128) * int{query[i]};
  return sum;
}

void dot_rows(const std::uint8_t* const* rows, std::size_t count, const CodedQuery& query,
              std::size_t n, std::int32_t* dots) {
  for (std::size_t r = 0; r < count; ++r) dots[r] = dot_one(rows[r], query.high, n);
}

void dot_rows_fine(const std::uint8_t* const* rows, std::size_t count, const CodedQuery& query,
                   std::size_t n, float* dots) {
  for (std::size_t r = 0; r < count; ++r) {
    const auto high = static_cast<float>(dot_one(rows[r], query.high, n));
    const auto low = static_cast<float>(dot_one(rows[r], query.low, n));
    dots[r] = std::fma(high, kLowUnits, low);
  }
}

constexpr DistanceKernels kScalar{"scalar",     dot_f32,   max_abs,  scale_f32,
                                  to_f16,       to_f32,    dot_f16,  encode,
                                  encode_query, dot_codes, dot_rows, dot_rows_fine};

}  // namespace

const DistanceKernels* scalar_kernels() { return &kScalar; }

}  // namespace tulving::index
