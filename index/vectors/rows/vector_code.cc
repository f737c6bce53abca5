#include "index/vectors/rows/vector_code.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace tulving::index {
namespace {

// Normalises in two steps, by the largest component and then by the length, so that no square
// overflows or vanishes. False when the vector has no direction.
bool normalize(std::span<const float> vector, float* unit) {
  const DistanceKernels& kernel = kernels();
  const float most = kernel.max_abs(vector.data(), vector.size());
  if (!(most > 0.0F) || !std::isfinite(most)) return false;
  const float squares = kernel.dot_f32(vector.data(), vector.data(), vector.size());
  if (squares > 1e-20F && squares < 1e20F) {
    kernel.scale_f32(vector.data(), 1.0F / std::sqrt(squares), vector.size(), unit);
    return true;
  }
  double sum = 0.0;
  for (const float x : vector) sum += double{x} * double{x};
  if (!std::isfinite(sum)) return false;
  const double length = std::sqrt(sum);
  for (std::size_t i = 0; i < vector.size(); ++i) {
    unit[i] = static_cast<float>(double{vector[i]} / length);
  }
  return true;
}

constexpr float kCodeMax = 127.0F;

float scale_for(const float* x, std::size_t n, float code_max) {
  const float most = kernels().max_abs(x, n);
  return most > 0.0F ? most / code_max : 1.0F;
}

}  // namespace

void VectorCoder::to_halves(std::span<const float> vector, std::uint16_t* halves) const {
  thread_local std::vector<float> unit;
  unit.assign(half_stride_, 0.0F);
  if (!normalize(vector, unit.data())) std::fill(unit.begin(), unit.end(), 0.0F);
  kernels().to_f16(unit.data(), half_stride_, halves);
}

CodeHeader VectorCoder::to_codes(const std::uint16_t* halves, std::uint8_t* codes) const {
  thread_local std::vector<float> unit;
  unit.resize(half_stride_);
  kernels().to_f32(halves, half_stride_, unit.data());
  const float scale = scale_for(unit.data(), dim_, kCodeMax);
  const CodeSummary summary = kernels().encode(unit.data(), dim_, scale, codes);
  std::memset(codes + dim_, 128, code_stride_ - dim_);
  const float squares = kernels().dot_f32(unit.data(), unit.data(), half_stride_);
  const float inverse_norm = squares > 0.0F ? 1.0F / std::sqrt(squares) : 1.0F;
  // Rounded up: a sum of squares in f32 may come out too small by some 1e-5 of itself.
  const float error = std::sqrt(summary.squared_error) * 1.0001F;
  return {scale * inverse_norm, error * inverse_norm, summary.sum, inverse_norm};
}

PreparedQuery::PreparedQuery(const VectorCoder& coder, std::span<const float> vector)
    : unit_(make_aligned<float>(coder.half_stride())),
      codes_(make_aligned<std::int8_t>(2 * coder.code_stride())),
      padded_(coder.half_stride()) {
  std::fill_n(unit_.get(), padded_, 0.0F);
  std::fill_n(codes_.get(), 2 * coder.code_stride(), std::int8_t{0});
  if (!normalize(vector, unit_.get())) std::fill_n(unit_.get(), padded_, 0.0F);

  std::int8_t* high = codes_.get();
  std::int8_t* low = codes_.get() + coder.code_stride();
  high_scale_ = scale_for(unit_.get(), padded_, kQueryCodeMax);
  CodeSummary high_summary;
  CodeSummary low_summary;
  kernels().encode_query(unit_.get(), coder.dim(), high_scale_, high, low, high_summary,
                         low_summary);
  coded_ = {high, low, high_summary.sum, low_summary.sum};
  fine_error_ = std::sqrt(low_summary.squared_error) * 1.0001F;
}

float PreparedQuery::exact(const std::uint16_t* halves, float inverse_norm) const {
  // Rounding takes some cosines of a vector with itself past 1, which would surprise a caller.
  return std::clamp(kernels().dot_f16(halves, unit_.get(), padded_) * inverse_norm, -1.0F, 1.0F);
}

}  // namespace tulving::index
