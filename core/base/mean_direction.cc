#include "core/base/mean_direction.h"

#include <array>
#include <cmath>

#include "core/base/check.h"

namespace tulving {
namespace {

// Below this the sum of unit vectors points nowhere: rounding decides.
constexpr double kLengthMin = 1e-6;

// Several sums at a time: one alone waits for each addition.
template <class Float>
double length_of(std::span<const Float> vector) {
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + sums.size() <= vector.size(); i += sums.size()) {
    for (std::size_t k = 0; k < sums.size(); ++k) {
      sums[k] += double{vector[i + k]} * double{vector[i + k]};
    }
  }
  for (; i < vector.size(); ++i) sums[0] += double{vector[i]} * double{vector[i]};
  double total = 0;
  for (const double sum : sums) total += sum;
  return std::sqrt(total);
}

template <class Float>
std::vector<float> at_length_one(std::span<const Float> vector, double length) {
  std::vector<float> direction(vector.size());
  for (std::size_t i = 0; i < vector.size(); ++i) {
    direction[i] = static_cast<float>(double{vector[i]} / length);
  }
  return direction;
}

}  // namespace

std::vector<float> mean_direction(std::span<const float> vectors, std::size_t dim) {
  TULVING_DCHECK(dim == 0 || vectors.size() % dim == 0);
  if (dim == 0 || vectors.size() <= dim) return {vectors.begin(), vectors.end()};
  std::vector<double> sum(dim);
  for (std::size_t at = 0; at < vectors.size(); at += dim) {
    const std::span<const float> vector = vectors.subspan(at, dim);
    const double length = length_of(vector);
    if (!(length > 0)) continue;  // It has no direction.
    const double share = 1 / length;
    for (std::size_t i = 0; i < dim; ++i) sum[i] += double{vector[i]} * share;
  }
  const double length = length_of(std::span<const double>(sum));
  if (length >= kLengthMin) return at_length_one(std::span<const double>(sum), length);
  const std::span<const float> first = vectors.first(dim);
  const double own = length_of(first);
  return own > 0 ? at_length_one(first, own) : std::vector<float>(first.begin(), first.end());
}

}  // namespace tulving
