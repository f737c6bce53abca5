#include "index/vectors/rows/vector_code.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
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

// Two residuals of four bits, the upper half of a byte each, in one byte: FixedRow says which.
void pack_residuals(const std::uint8_t* bytes, std::size_t n, std::uint8_t* packed) {
  for (std::size_t block = 0; block < n; block += 32) {
    for (std::size_t i = 0; i < 16; ++i) {
      packed[block / 2 + i] =
          static_cast<std::uint8_t>(bytes[block + i] >> 4 | (bytes[block + 16 + i] & 0xF0U));
    }
  }
}

}  // namespace

CodeHeader VectorCoder::encode(std::span<const float> vector, std::uint8_t* codes,
                               std::uint8_t* residuals) const {
  thread_local std::vector<float> unit;
  thread_local std::vector<std::uint8_t> bytes;
  unit.assign(code_stride_, 0.0F);
  bytes.resize(code_stride_);
  if (!normalize(vector, unit.data())) std::fill(unit.begin(), unit.end(), 0.0F);
  fixed_kernels().rotate(unit.data(), code_stride_);
  const float most = kernels().max_abs(unit.data(), code_stride_);
  const float steps = most > 0.0F ? static_cast<float>(127U << bits_) / most : 1.0F;
  std::uint8_t* const into = bits_ == 8 ? residuals : bytes.data();
  const FixedSummary summary =
      fixed_kernels().encode(unit.data(), code_stride_, steps, bits_, codes, into);
  if (bits_ == 4) pack_residuals(bytes.data(), code_stride_, residuals);
  if (summary.squares == 0) return {};
  const double length = std::sqrt(static_cast<double>(summary.squares));
  const double rest = std::sqrt(static_cast<double>(summary.residual_squares));
  // The error rounded up.
  return {static_cast<float>(1.0 / (double{kFixedUnit} * length)),
          static_cast<float>(rest / length * (1.0 + 0x1p-22)), summary.sum};
}

bool is_sane(const CodeHeader& header, std::size_t code_bytes) {
  // The largest component is 127 units of a code, so the scale is at most 1 / 127.
  constexpr float kScaleMax = 0.01F;
  constexpr float kErrorMax = 2.0F;
  return header.scale >= 0 && header.scale <= kScaleMax && header.error >= 0 &&
         header.error <= kErrorMax &&
         std::abs(std::int64_t{header.sum}) <= 127 * static_cast<std::int64_t>(code_bytes);
}

PreparedQuery::PreparedQuery(const VectorCoder& coder, std::span<const float> vector)
    : unit_(make_aligned<float>(coder.code_stride())),
      codes_(make_aligned<std::int8_t>(2 * coder.code_stride())),
      padded_(coder.code_stride()) {
  std::fill_n(unit_.get(), padded_, 0.0F);
  if (!normalize(vector, unit_.get())) std::fill_n(unit_.get(), padded_, 0.0F);
  fixed_kernels().rotate(unit_.get(), padded_);

  std::int8_t* high = codes_.get();
  std::int8_t* low = codes_.get() + coder.code_stride();
  const float most = kernels().max_abs(unit_.get(), padded_);
  high_scale_ = most > 0.0F ? most / kQueryCodeMax : 1.0F;
  CodeSummary high_summary;
  CodeSummary low_summary;
  kernels().encode_query(unit_.get(), padded_, high_scale_, high, low, high_summary, low_summary);
  coded_ = {high, low, high_summary.sum, low_summary.sum};
  fine_error_ = std::sqrt(low_summary.squared_error) * 1.0001F;
  fixed_kernels().arrange(unit_.get(), padded_);  // last: what came before wants the order of rows
}

float PreparedQuery::exact(const FixedRow& row, float scale) const {
  // Rounding takes some cosines of a vector with itself past 1, which would surprise a caller.
  return std::clamp(fixed_kernels().dot_arranged(row, unit_.get(), padded_) * (scale * kFixedUnit),
                    -1.0F, 1.0F);
}

}  // namespace tulving::index
