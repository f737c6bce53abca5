#include "index/cluster/tiles/unit_rows.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include "index/cluster/workers.h"
#include "index/kernels/pair_kernels.h"

namespace tulving::index {
namespace {

constexpr std::uint32_t kNoBadRow = std::numeric_limits<std::uint32_t>::max();

}  // namespace

double make_unit(std::span<const float> vector, std::size_t stride, float* unit) {
  double square = 0.0;  // Squares of floats neither overflow nor vanish in f64.
  for (const float x : vector) square += static_cast<double>(x) * static_cast<double>(x);
  if (!std::isfinite(square) || square <= 0.0) return 0.0;
  const double length = std::sqrt(square);
  for (std::size_t k = 0; k < vector.size(); ++k) {
    unit[k] = static_cast<float>(static_cast<double>(vector[k]) / length);
  }
  std::fill(unit + vector.size(), unit + stride, 0.0F);
  return 1.0 / std::sqrt(pair_kernels().dot_wide(unit, unit, stride));
}

UnitRows::UnitRows(std::uint32_t size, std::size_t stride)
    : size_(size),
      stride_(stride),
      units_(make_aligned<float>(size * stride_)),
      inverse_lengths_(size, 1.0) {}

Result<UnitRows> UnitRows::make(std::span<const float> vectors, std::uint32_t dim,
                                const Workers& workers) {
  UnitRows rows(static_cast<std::uint32_t>(vectors.size() / dim), round_up(dim, kWideLanes));
  std::atomic<std::uint32_t> bad{kNoBadRow};
  workers.share(rows.size_, [&](std::uint32_t i) {
    const auto vector = vectors.subspan(std::size_t{i} * dim, dim);
    rows.inverse_lengths_[i] = make_unit(vector, rows.stride_, rows.writable_row(i));
    if (rows.inverse_lengths_[i] > 0.0) return;
    for (std::uint32_t seen = bad; i < seen && !bad.compare_exchange_weak(seen, i);) {
    }
  });
  if (bad != kNoBadRow) {
    return Error{ErrorCode::kInvalidArgument,
                 "clustering: the vector of row " + std::to_string(bad) +
                     " is zero or not finite, so it has no direction",
                 "vectors"};
  }
  return rows;
}

UnitRows UnitRows::means_of(std::span<const std::vector<std::uint32_t>> groups,
                            const Workers& workers) const {
  UnitRows means(static_cast<std::uint32_t>(groups.size()), stride_);
  workers.share(means.size_, [&](std::uint32_t g) {
    std::vector<double> sum(stride_, 0.0);
    for (const std::uint32_t member : groups[g]) {
      for (std::size_t k = 0; k < stride_; ++k) {
        sum[k] += static_cast<double>(row(member)[k]) * inverse_lengths_[member];
      }
    }
    const auto count = static_cast<double>(groups[g].size());
    std::transform(sum.begin(), sum.end(), means.writable_row(g),
                   [&](double x) { return static_cast<float>(x / count); });
  });
  return means;
}

FixedCosine UnitRows::cosine(std::uint32_t a, std::uint32_t b) const {
  return unit_cosine(row(a), inverse_lengths_[a], row(b), inverse_lengths_[b], stride_);
}

FixedCosine unit_cosine(const float* a, double a_inverse_length, const float* b,
                        double b_inverse_length, std::size_t stride) {
  const double dot = pair_kernels().dot_wide(a, b, stride);
  return to_fixed(dot * (a_inverse_length * b_inverse_length));
}

float f32_rounding(std::size_t stride) {
  // n u sum |a_i b_i| with u = 2^-24 bounds a sum of n rounded products in any order (Higham,
  // Accuracy and Stability, section 3.1); the sum is at most 1. Lengths and rounding to FixedCosine
  // add less than 1e-6.
  return static_cast<float>(stride) * 0x1p-24F * 1.02F + 1e-6F;
}

}  // namespace tulving::index
