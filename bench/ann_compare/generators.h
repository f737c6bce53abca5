#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <random>
#include <string_view>
#include <vector>

// Vectors by seed: the same seed gives the same vectors, on every machine with the same standard
// library.

namespace tulving::bench {

/// An endless row of unit vectors. Held-out queries are simply the next ones.
class VectorSource {
 public:
  virtual ~VectorSource() = default;
  virtual std::vector<float> next() = 0;
};

/// As in text embeddings: clusters of power-law sizes, drawn in 128 latent dimensions, with a
/// little noise. Cluster i has a share like 1 / (i + 1): few large ones, many small.
class ClusteredVectors : public VectorSource {
 public:
  ClusteredVectors(std::size_t dim, std::size_t clusters, unsigned seed);
  std::vector<float> next() override;

 private:
  std::size_t dim_;
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> basis_;
  std::vector<std::vector<float>> centres_;
  std::discrete_distribution<std::size_t> pick_;
};

/// Without clusters, in few dimensions: a plane of `intrinsic` dimensions in `dim`, and next to no
/// noise. What graphs like best.
class LowDimensionalVectors : public VectorSource {
 public:
  LowDimensionalVectors(std::size_t dim, std::size_t intrinsic, unsigned seed);
  std::vector<float> next() override;

 private:
  std::size_t dim_;
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
  std::vector<std::vector<float>> basis_;
};

/// Uniform on the sphere: nothing is near, which is the worst there is for graphs.
class UniformVectors : public VectorSource {
 public:
  UniformVectors(std::size_t dim, unsigned seed) : dim_(dim), random_(seed) {}
  std::vector<float> next() override;

 private:
  std::size_t dim_;
  std::mt19937 random_;
  std::normal_distribution<float> normal_;
};

/// "clustered", "low" or "uniform", for a base of `n`; null for another name.
std::unique_ptr<VectorSource> make_source(std::string_view name, std::size_t dim, std::size_t n,
                                          unsigned seed);

}  // namespace tulving::bench
