#include "bench/ann_compare/generators.h"

#include <algorithm>
#include <cmath>

namespace tulving::bench {
namespace {

constexpr std::size_t kLatent = 128;
constexpr std::size_t kIntrinsic = 16;
constexpr float kSpread = 0.6F;  // Of a cluster, where the centres' is 1.
constexpr float kNoise = 0.5F;   // A component's, where the latent part's is about 13.
constexpr float kLowNoise = 0.02F;

std::vector<std::vector<float>> normal_rows(std::size_t rows, std::size_t dim, std::mt19937& random,
                                            std::normal_distribution<float>& normal) {
  std::vector<std::vector<float>> made(rows, std::vector<float>(dim));
  for (auto& row : made) {
    for (float& x : row) x = normal(random);
  }
  return made;
}

void to_unit_length(std::vector<float>& vector) {
  float squares = 0.0F;
  for (const float x : vector) squares += x * x;
  const float length = std::sqrt(squares);
  for (float& x : vector) x /= length;
}

void add_scaled(std::vector<float>& sum, float factor, const std::vector<float>& part) {
  for (std::size_t j = 0; j < sum.size(); ++j) sum[j] += factor * part[j];
}

}  // namespace

ClusteredVectors::ClusteredVectors(std::size_t dim, std::size_t clusters, unsigned seed)
    : dim_(dim),
      random_(seed),
      basis_(normal_rows(kLatent, dim, random_, normal_)),
      centres_(normal_rows(clusters, kLatent, random_, normal_)) {
  std::vector<double> weights(clusters);
  for (std::size_t i = 0; i < clusters; ++i) weights[i] = 1.0 / static_cast<double>(i + 1);
  pick_ = std::discrete_distribution<std::size_t>(weights.begin(), weights.end());
}

std::vector<float> ClusteredVectors::next() {
  const auto& centre = centres_[pick_(random_)];
  std::vector<float> vector(dim_, 0.0F);
  for (std::size_t i = 0; i < kLatent; ++i) {
    add_scaled(vector, centre[i] + kSpread * normal_(random_), basis_[i]);
  }
  for (float& x : vector) x += kNoise * normal_(random_);
  to_unit_length(vector);
  return vector;
}

LowDimensionalVectors::LowDimensionalVectors(std::size_t dim, std::size_t intrinsic, unsigned seed)
    : dim_(dim), random_(seed), basis_(normal_rows(intrinsic, dim, random_, normal_)) {}

std::vector<float> LowDimensionalVectors::next() {
  std::vector<float> vector(dim_, 0.0F);
  for (const auto& axis : basis_) add_scaled(vector, normal_(random_), axis);
  for (float& x : vector) x += kLowNoise * normal_(random_);
  to_unit_length(vector);
  return vector;
}

std::vector<float> UniformVectors::next() {
  std::vector<float> vector(dim_);
  for (float& x : vector) x = normal_(random_);
  to_unit_length(vector);
  return vector;
}

std::unique_ptr<VectorSource> make_source(std::string_view name, std::size_t dim, std::size_t n,
                                          unsigned seed) {
  if (name == "clustered") {
    return std::make_unique<ClusteredVectors>(dim, std::max<std::size_t>(20, n / 50), seed);
  }
  if (name == "low") return std::make_unique<LowDimensionalVectors>(dim, kIntrinsic, seed);
  if (name == "uniform") return std::make_unique<UniformVectors>(dim, seed);
  return nullptr;
}

}  // namespace tulving::bench
