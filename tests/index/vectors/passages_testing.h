#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "tests/index/vectors/vector_testing.h"

namespace tulving::index::testing {

/// Rows of one vector or several, in an index and beside it in one where each vector is a row of
/// its own: what that one says of single vectors, and the greatest of it for each row, is what the
/// other must say, to the bit.
class Passages {
 public:
  static constexpr std::uint32_t kMost = 64;

  Passages(std::uint32_t dim, const VectorIndexOptions& options)
      : dim_(dim), index(dim, options), single_(dim, {.exact_rows_max = 1U << 30}) {}

  void set(std::uint32_t row, std::span<const float> vectors) {
    erase_single(row);
    counts_[row] = static_cast<std::uint32_t>(vectors.size() / dim_);
    for (std::uint32_t i = 0; i < counts_[row]; ++i) {
      const auto vector = vectors.subspan(std::size_t{i} * dim_, dim_);
      single_.set(row * kMost + i, vector);
      vectors_[row * kMost + i].assign(vector.begin(), vector.end());
    }
    index.set(row, vectors);
  }
  void erase(std::uint32_t row) {
    erase_single(row);
    index.erase(row);
  }

  [[nodiscard]] std::vector<float> vectors_of(std::uint32_t row) const {
    std::vector<float> all;
    for (std::uint32_t i = 0; i < counts_.at(row); ++i) {
      const Vector& one = vectors_.at(row * kMost + i);
      all.insert(all.end(), one.begin(), one.end());
    }
    return all;
  }
  [[nodiscard]] const std::map<std::uint32_t, std::uint32_t>& counts() const { return counts_; }
  [[nodiscard]] std::size_t vectors() const { return vectors_.size(); }

  /// Every allowed row, by the best of its vectors.
  [[nodiscard]] std::vector<ScoredRow> ranked(const Vector& query, std::size_t k,
                                              const Roaring* allowed = nullptr) const {
    std::vector<std::uint32_t> singles;
    for (const auto& [place, vector] : vectors_) singles.push_back(place);
    std::vector<float> cosines(singles.size());
    VectorArm(single_, {.vector = query}).score(singles, cosines);
    std::map<std::uint32_t, float> best;
    for (std::size_t i = 0; i < singles.size(); ++i) {
      const std::uint32_t row = singles[i] / kMost;
      if (allowed != nullptr && !allowed->contains(row)) continue;
      const auto [entry, is_new] = best.try_emplace(row, cosines[i]);
      entry->second = std::max(entry->second, cosines[i]);
    }
    std::vector<ScoredRow> ranked;
    for (const auto& [row, score] : best) ranked.push_back({row, score});
    std::sort(ranked.begin(), ranked.end(), ranks_before);
    if (ranked.size() > k) ranked.resize(k);
    return ranked;
  }

  /// What may be said of any answer: rows that are allowed, each once, in order, with the scores
  /// that they have; and as many as there can be. Returns the share of the nearest.
  double check(const VectorMatches& found, const Vector& query, std::size_t k,
               const Roaring* allowed = nullptr) const {
    std::map<std::uint32_t, float> scores;
    for (const ScoredRow& row : ranked(query, counts_.size(), allowed)) scores[row.row] = row.score;
    const auto truth = ranked(query, k, allowed);
    EXPECT_EQ(found.rows.size(), truth.size());
    std::set<std::uint32_t> rows;
    std::size_t near = 0;
    for (const ScoredRow& row : found.rows) {
      EXPECT_TRUE(rows.insert(row.row).second) << "row " << row.row << " twice";
      EXPECT_TRUE(scores.contains(row.row)) << "row " << row.row;
      EXPECT_EQ(row.score, scores[row.row]) << "row " << row.row;
      if (row.score >= truth.back().score) ++near;
    }
    EXPECT_TRUE(std::is_sorted(found.rows.begin(), found.rows.end(), ranks_before));
    return truth.empty() ? 1.0 : static_cast<double>(near) / static_cast<double>(truth.size());
  }

 private:
  void erase_single(std::uint32_t row) {
    const auto found = counts_.find(row);
    if (found == counts_.end()) return;
    for (std::uint32_t i = 0; i < found->second; ++i) {
      single_.erase(row * kMost + i);
      vectors_.erase(row * kMost + i);
    }
    counts_.erase(found);
  }

  std::uint32_t dim_;

 public:
  VectorIndex index;

 private:
  VectorIndex single_;
  std::map<std::uint32_t, std::uint32_t> counts_;
  Vectors vectors_;  // By row * kMost and the place among the row's.
};

/// Vectors of one text: each around the same middle.
inline std::vector<float> text_of(Generator& generator, std::uint32_t dim, std::uint32_t passages,
                                  float apart = 0.3F) {
  const Vector middle = generator.vector();
  std::vector<float> all;
  for (std::uint32_t i = 0; i < passages; ++i) {
    const Vector noise = generator.noise(dim);
    for (std::uint32_t d = 0; d < dim; ++d) all.push_back(middle[d] + apart * noise[d]);
  }
  return all;
}

}  // namespace tulving::index::testing
