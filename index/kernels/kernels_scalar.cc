// The specification: what every other instruction set is tested against.

#include <algorithm>
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

constexpr DistanceKernels kScalar{"scalar", dot_f32,      max_abs,  scale_f32,
                                  encode,   encode_query, dot_rows, dot_rows_fine};

}  // namespace

const DistanceKernels* scalar_kernels() { return &kScalar; }

}  // namespace tulving::index
