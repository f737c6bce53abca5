#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <vector>

namespace tulving::bench {

inline std::size_t size_from(const char* variable, std::size_t smoke) {
  const char* n = std::getenv(variable);
  return n == nullptr ? smoke : std::strtoul(n, nullptr, 10);
}

/// As in text embeddings: vectors in clusters of power-law sizes, drawn in 128 latent dimensions,
/// with small noise; seed 42.
struct ClusterCorpus {
  ClusterCorpus(std::size_t rows, std::uint32_t width)
      : n(rows), dim(width), vectors(rows * width) {
    std::mt19937 random(42);
    std::normal_distribution<float> normal;
    std::vector<float> basis(kLatent * dim);
    for (float& x : basis) x = normal(random) / std::sqrt(static_cast<float>(kLatent));
    const std::size_t clusters = std::max<std::size_t>(20, n / 10);
    std::vector<float> centers(clusters * kLatent);
    for (float& x : centers) x = normal(random);
    std::vector<double> weights(clusters);
    for (std::size_t i = 0; i < clusters; ++i) {
      weights[i] = std::pow(static_cast<double>(i + 1), -kPower);
    }
    std::discrete_distribution<std::size_t> pick(weights.begin(), weights.end());
    for (std::size_t i = 0; i < n; ++i) {
      const float* center = &centers[pick(random) * kLatent];
      float* vector = &vectors[i * dim];
      for (std::size_t k = 0; k < kLatent; ++k) {
        const float z = center[k] + kSpread * normal(random);
        for (std::size_t j = 0; j < dim; ++j) vector[j] += z * basis[k * dim + j];
      }
      for (std::size_t j = 0; j < dim; ++j) vector[j] += kNoise * normal(random);
    }
  }

  // In a cluster cosines are about 1 / (1 + spread^2 + noise^2).
  static constexpr std::size_t kLatent = 128;
  static constexpr double kPower = 0.5;
  static constexpr float kSpread = 0.5F;
  static constexpr float kNoise = 0.2F;

  std::size_t n;
  std::uint32_t dim;
  std::vector<float> vectors;
};

}  // namespace tulving::bench
