#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <span>
#include <vector>

#include "index/vectors/graph/hnsw_graph.h"
#include "index/vectors/vector_arm.h"
#include "index/vectors/vector_index.h"

namespace tulving::index::testing {

using Vector = std::vector<float>;
using Vectors = std::map<std::uint32_t, Vector>;  // By row.

/// Vectors around random centres, as embeddings of texts are.
class Generator {
 public:
  Generator(std::uint32_t dim, std::uint32_t seed, std::size_t centres = 50, float spread = 0.5F)
      : spread_(spread), random_(seed) {
    for (std::size_t i = 0; i < centres; ++i) centres_.push_back(noise(dim));
  }

  Vector vector() {
    Vector v =
        centres_[std::uniform_int_distribution<std::size_t>(0, centres_.size() - 1)(random_)];
    for (float& x : v) x += spread_ * normal_(random_);
    return v;
  }
  Vector noise(std::uint32_t dim) {
    Vector v(dim);
    for (float& x : v) x = normal_(random_);
    return v;
  }
  std::uint32_t below(std::uint32_t limit) {
    return std::uniform_int_distribution<std::uint32_t>(0, limit - 1)(random_);
  }
  bool chance(double p) { return std::bernoulli_distribution(p)(random_); }
  std::mt19937& random() { return random_; }

 private:
  float spread_;
  std::mt19937 random_;
  std::normal_distribution<float> normal_{0.0F, 1.0F};
  std::vector<Vector> centres_;
};

inline double cosine(std::span<const float> a, std::span<const float> b) {
  double dot = 0.0, aa = 0.0, bb = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    dot += double{a[i]} * double{b[i]};
    aa += double{a[i]} * double{a[i]};
    bb += double{b[i]} * double{b[i]};
  }
  return aa == 0.0 || bb == 0.0 ? 0.0 : dot / std::sqrt(aa * bb);
}

inline VectorMatches search(const VectorIndex& index, const Vector& query, std::uint32_t k,
                            const Roaring* allowed = nullptr, bool exact = false,
                            std::uint32_t ef = 64) {
  VectorQuery request;
  request.vector = query;
  request.ef = ef;
  request.allowed = allowed;
  request.exact = exact;
  return VectorArm(index, request).best(k);
}

/// What a scan must answer, to the bit: every allowed row ranked by the final form itself.
inline std::vector<ScoredRow> ranked_by_form(const VectorIndex& index, const Vectors& vectors,
                                             const Vector& query, std::size_t k,
                                             const Roaring* allowed = nullptr) {
  std::vector<std::uint32_t> rows;
  for (const auto& [row, vector] : vectors) {
    if (allowed == nullptr || allowed->contains(row)) rows.push_back(row);
  }
  std::vector<float> cosines(rows.size());
  VectorArm(index, {.vector = query}).score(rows, cosines);
  std::vector<ScoredRow> ranked;
  for (std::size_t i = 0; i < rows.size(); ++i) ranked.push_back({rows[i], cosines[i]});
  std::sort(ranked.begin(), ranked.end(), ranks_before);
  if (ranked.size() > k) ranked.resize(k);
  return ranked;
}

/// The k best cosines in double precision: the truth that forms round.
inline std::vector<double> true_cosines(const Vectors& vectors, const Vector& query, std::size_t k,
                                        const Roaring* allowed = nullptr) {
  std::vector<double> cosines;
  for (const auto& [row, vector] : vectors) {
    if (allowed == nullptr || allowed->contains(row)) cosines.push_back(cosine(vector, query));
  }
  std::sort(cosines.begin(), cosines.end(), std::greater<>());
  if (cosines.size() > k) cosines.resize(k);
  return cosines;
}

/// Share of the answer that belongs to the k nearest, ties and the form's rounding forgiven.
inline double recall(const VectorMatches& matches, const Vectors& vectors, const Vector& query,
                     std::size_t k, const Roaring* allowed = nullptr) {
  const auto truth = true_cosines(vectors, query, k, allowed);
  if (truth.empty()) return 1.0;
  std::size_t found = 0;
  for (const ScoredRow& row : matches.rows) {
    if (cosine(vectors.at(row.row), query) >= truth.back() - 1e-4) ++found;
  }
  return static_cast<double>(std::min(found, truth.size())) / static_cast<double>(truth.size());
}

inline void fill(VectorIndex& index, Vectors& vectors, Generator& generator, std::uint32_t count) {
  const std::uint32_t first = vectors.empty() ? 0 : vectors.rbegin()->first + 1;
  for (std::uint32_t row = first; row < first + count; ++row) {
    vectors[row] = generator.vector();
    index.set(row, vectors[row]);
  }
}

/// Builds until nothing is left to do, as the engine's background thread does.
inline void build_all(VectorIndex& index) {
  while (index.wants_building() || index.wants_reclaim()) {
    while (index.build_step(64)) {
    }
    index.reclaim();
  }
}

}  // namespace tulving::index::testing
