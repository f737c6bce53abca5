#include "core/embedding/attention.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "index/kernels/dense_kernels.h"
#include "index/kernels/kernels.h"

namespace tulving::embedding {
namespace {

constexpr std::size_t kLanes = 8;
constexpr double kNormFloor = 1e-6;  ///< Added to a variance.

double sum_of(const std::array<double, kLanes>& lanes) {
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) +
         ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

double squares_around(const float* x, std::size_t n, float middle) {
  std::array<double, kLanes> lanes{};
  for (std::size_t i = 0; i + kLanes <= n; i += kLanes) {
    for (std::size_t u = 0; u < kLanes; ++u) {
      const double away = double{x[i + u]} - double{middle};
      lanes[u] += away * away;
    }
  }
  return sum_of(lanes);
}

// The weights of a row: exp(score) over the sum of all, less the greatest score first, so that
// nothing overflows.
void soften(float* scores, std::size_t n) {
  const float greatest = *std::max_element(scores, scores + n);
  float sum = 0;
  for (std::size_t j = 0; j < n; ++j) {
    scores[j] = std::exp(scores[j] - greatest);
    sum += scores[j];
  }
  const float factor = 1.0F / sum;
  for (std::size_t j = 0; j < n; ++j) scores[j] *= factor;
}

}  // namespace

double sum_in_lanes(const float* x, std::size_t n) {
  std::array<double, kLanes> lanes{};
  std::size_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (std::size_t u = 0; u < kLanes; ++u) lanes[u] += double{x[i + u]};
  }
  double sum = sum_of(lanes);
  for (; i < n; ++i) sum += double{x[i]};
  return sum;
}

void normalise_rows(const NormWeights& norm, const float* x, std::size_t rows, std::size_t width,
                    float* out) {
  const float* const scale = norm.scale.data();
  const float* const bias = norm.bias.data();
  for (std::size_t row = 0; row < rows; ++row, x += width, out += width) {
    const auto count = static_cast<double>(width);
    const auto mean = static_cast<float>(sum_in_lanes(x, width) / count);
    const double variance = squares_around(x, width, mean) / count;
    const auto factor = static_cast<float>(1.0 / std::sqrt(variance + kNormFloor));
    for (std::size_t i = 0; i < width; ++i) out[i] = (x[i] - mean) * (scale[i] * factor) + bias[i];
  }
}

void attend(const float* x, std::size_t rows, std::size_t width, std::size_t heads,
            std::vector<float>& room, float* out) {
  if (rows == 0) return;
  const std::size_t part = width / heads;
  const float scale = 1.0F / std::sqrt(static_cast<float>(part));
  room.resize(std::max(room.size(), rows * (2 * part + 1)));
  float* const keys = room.data();
  float* const values = keys + rows * part;
  float* const weights = values + rows * part;
  for (std::size_t head = 0; head < heads; ++head) {
    const float* const queries = x + head * part;
    // Together: rows of x lie so far apart that the first cache would hold a few of them only.
    for (std::size_t j = 0; j < rows; ++j) {
      std::copy_n(queries + (3 * j + 1) * width, part, keys + j * part);
      std::copy_n(queries + (3 * j + 2) * width, part, values + j * part);
    }
    for (std::size_t i = 0; i < rows; ++i) {
      for (std::size_t j = 0; j < rows; ++j) {
        weights[j] =
            scale * index::kernels().dot_f32(queries + 3 * i * width, keys + j * part, part);
      }
      soften(weights, rows);
      index::dense_kernels().mix(values, part, weights, rows, part, out + i * width + head * part);
    }
  }
}

}  // namespace tulving::embedding
