#include "index/cluster/unit_rows.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>

#include "index/cluster/workers.h"
#include "index/kernels/pair_kernels.h"

namespace tulving::index {
namespace {

constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

}  // namespace

UnitRows::UnitRows(std::uint32_t size, std::uint32_t dim)
    : size_(size),
      dim_(dim),
      stride_(round_up(dim, kWideLanes)),
      units_(make_aligned<float>(size * stride_)),
      inverse_lengths_(size) {}

bool UnitRows::set(std::uint32_t i, std::span<const float> vector) {
  float* unit = units_.get() + i * stride_;
  double square = 0.0;  // Squares of floats neither overflow nor vanish in f64.
  for (const float x : vector) square += static_cast<double>(x) * static_cast<double>(x);
  if (!std::isfinite(square) || square <= 0.0) return false;
  const double length = std::sqrt(square);
  for (std::size_t k = 0; k < vector.size(); ++k) {
    unit[k] = static_cast<float>(static_cast<double>(vector[k]) / length);
  }
  std::fill(unit + vector.size(), unit + stride_, 0.0F);
  inverse_lengths_[i] = 1.0 / std::sqrt(pair_kernels().dot_wide(unit, unit, stride_));
  return true;
}

Result<UnitRows> UnitRows::make(std::span<const float> vectors, std::uint32_t dim,
                                const Workers& workers) {
  constexpr std::uint32_t kRowsAStep = 512;
  UnitRows rows(static_cast<std::uint32_t>(vectors.size() / dim), dim);
  std::atomic<std::uint32_t> next{0};
  std::atomic<std::uint32_t> bad{kNone};
  workers.run([&](unsigned) {
    for (std::uint32_t first; (first = next.fetch_add(kRowsAStep)) < rows.size_;) {
      const std::uint32_t end = std::min(rows.size_, first + kRowsAStep);
      for (std::uint32_t i = first; i < end; ++i) {
        if (rows.set(i, vectors.subspan(std::size_t{i} * dim, dim))) continue;
        for (std::uint32_t seen = bad; i < seen && !bad.compare_exchange_weak(seen, i);) {
        }
      }
    }
  });
  if (bad != kNone) {
    return Error{ErrorCode::kInvalidArgument,
                 "clustering: the vector of row " + std::to_string(bad) +
                     " is zero or not finite, so it has no direction",
                 "vectors"};
  }
  return rows;
}

FixedCosine UnitRows::cosine(std::uint32_t a, std::uint32_t b) const {
  const double dot = pair_kernels().dot_wide(row(a), row(b), stride_);
  return to_fixed(dot * (inverse_lengths_[a] * inverse_lengths_[b]));
}

float UnitRows::rounding() const {
  // n u sum |a_i b_i| with u = 2^-24 bounds a sum of n rounded products in any order (Higham,
  // Accuracy and Stability, section 3.1); the sum is at most 1. Lengths and cosine() add 1e-6.
  return static_cast<float>(stride_) * 0x1p-24F * 1.02F + 1e-6F;
}

}  // namespace tulving::index
