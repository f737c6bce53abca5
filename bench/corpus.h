#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tulving/tulving.h"

// Input that benchmarks share: the same seed gives the same corpus on every machine.

namespace tulving::bench {

/// n from TULVING_BENCH_N, else `smoke`: small in ctest, large for figures.
[[nodiscard]] std::size_t size_from_environment(std::size_t smoke);

/// Unit-ish vectors drawn like text embeddings: clusters of power-law sizes in a latent space of
/// 128 dimensions, projected to `dim`, with small noise.
class EmbeddingSource {
 public:
  EmbeddingSource(std::size_t dim, std::size_t clusters, unsigned seed);
  std::vector<float> next();

 private:
  std::size_t dim_;
  std::mt19937 random_;
  std::vector<std::vector<float>> centroids_;
  std::discrete_distribution<std::size_t> pick_;
};

/// English-looking text of about `bytes` bytes with a Zipfian vocabulary.
class TextSource {
 public:
  explicit TextSource(unsigned seed);
  std::string next(std::size_t bytes);
  std::string query(std::size_t words);

 private:
  std::string word();
  std::mt19937 random_;
  std::vector<std::string> vocabulary_;
  std::discrete_distribution<std::size_t> pick_;
};

/// A memory with a 500-byte text and a vector, unlike any other of the source.
Memory make_memory(TextSource& texts, EmbeddingSource& vectors, std::size_t number);

/// Ends the program with the error: a benchmark has no one to return it to.
template <class T>
T value_of(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "%s\n", result.error().message.c_str());
    std::exit(1);
  }
  return std::move(result).value();
}

}  // namespace tulving::bench
