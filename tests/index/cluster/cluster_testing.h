#pragma once

// Input and truth for the cluster tests. The truth is average linkage as a textbook has it: of all
// pairs of groups the one with the greatest mean joins, every mean summed anew from all pairs of
// rows. It shares no code with what it tests, only the definition of two rows' cosine: of f32 unit
// vectors, in units of 2^-30.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "index/cluster/cluster.h"

namespace tulving::index {

/// How a failing test shows a cluster.
inline void PrintTo(const Cluster& cluster, std::ostream* out) {
  *out << "cluster of cohesion " << cluster.cohesion << ":";
  for (const auto row : cluster.rows) *out << ' ' << row;
}

}  // namespace tulving::index

namespace tulving::index::testing {

struct VectorSet {
  std::uint32_t dim = 0;
  std::vector<float> vectors;

  [[nodiscard]] std::uint32_t size() const {
    return static_cast<std::uint32_t>(vectors.size() / dim);
  }
  [[nodiscard]] std::vector<float> row(std::size_t i) const {
    const auto first = vectors.begin() + static_cast<std::ptrdiff_t>(i * dim);
    return {first, first + dim};
  }
  void add(const std::vector<float>& vector) {
    vectors.insert(vectors.end(), vector.begin(), vector.end());
  }
};

template <class T>
T value_of(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

inline void value_of(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

inline Clustering cluster(const VectorSet& set, const ClusterOptions& options) {
  return value_of(cluster_vectors(set.vectors, set.dim, options));
}

using CosineTable = std::vector<std::vector<std::int64_t>>;

inline CosineTable cosines_of(const VectorSet& set) {
  std::vector<std::vector<float>> units;
  for (std::size_t i = 0; i < set.size(); ++i) {
    std::vector<float> unit = set.row(i);
    double square = 0;
    for (const float x : unit) square += static_cast<double>(x) * static_cast<double>(x);
    for (float& x : unit) x = static_cast<float>(static_cast<double>(x) / std::sqrt(square));
    units.push_back(unit);
  }
  const auto dot = [](const std::vector<float>& x, const std::vector<float>& y) {
    long double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i) sum += static_cast<long double>(x[i]) * y[i];
    return sum;
  };
  CosineTable table(units.size(), std::vector<std::int64_t>(units.size()));
  std::vector<long double> lengths;
  for (const auto& unit : units) lengths.push_back(std::sqrt(dot(unit, unit)));
  for (std::size_t a = 0; a < units.size(); ++a) {
    for (std::size_t b = 0; b <= a; ++b) {
      const long double cosine = dot(units[a], units[b]) / lengths[a] / lengths[b];
      table[a][b] = table[b][a] = std::llround(cosine * (1 << 30));
    }
  }
  return table;
}

using Groups = std::vector<std::vector<std::uint32_t>>;

/// Joins the best two groups until no mean reaches the threshold.
inline Groups link_by_the_book(Groups groups, const CosineTable& cosines, std::int64_t threshold,
                               std::size_t size_max) {
  __extension__ using Int128 = __int128;
  const auto sum_between = [&](const auto& x, const auto& y) {
    std::int64_t sum = 0;
    for (const auto a : x) {
      for (const auto b : y) sum += cosines[a][b];
    }
    return sum;
  };
  for (;;) {
    std::size_t best_x = 0;
    std::size_t best_y = 0;
    std::int64_t best_sum = 0;
    std::int64_t best_pairs = 0;
    for (std::size_t x = 0; x < groups.size(); ++x) {  // Groups are in order of their first rows.
      for (std::size_t y = x + 1; y < groups.size(); ++y) {
        if (groups[x].size() + groups[y].size() > size_max) continue;
        const auto pairs = static_cast<std::int64_t>(groups[x].size() * groups[y].size());
        const std::int64_t sum = sum_between(groups[x], groups[y]);
        if (sum < threshold * pairs) continue;
        if (best_pairs == 0 || Int128{sum} * best_pairs > Int128{best_sum} * pairs) {
          best_x = x;
          best_y = y;
          best_sum = sum;
          best_pairs = pairs;
        }
      }
    }
    if (best_pairs == 0) return groups;
    groups[best_x].insert(groups[best_x].end(), groups[best_y].begin(), groups[best_y].end());
    std::sort(groups[best_x].begin(), groups[best_x].end());
    groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(best_y));
  }
}

inline Groups singles(const std::vector<std::uint32_t>& rows) {
  Groups groups;
  for (const auto row : rows) groups.push_back({row});
  return groups;
}

/// The clusters' rows, as the definition says: linkage, and linkage again with the size bounded in
/// groups that came out too large.
inline Groups clusters_by_the_book(const CosineTable& cosines, double threshold,
                                   std::size_t size_max) {
  const auto fixed = std::max<std::int64_t>(1, std::llround(threshold * (1 << 30)));
  std::vector<std::uint32_t> rows(cosines.size());
  for (std::uint32_t i = 0; i < rows.size(); ++i) rows[i] = i;
  Groups clusters;
  for (const auto& group : link_by_the_book(singles(rows), cosines, fixed, rows.size())) {
    const Groups pieces = group.size() <= size_max
                              ? Groups{group}
                              : link_by_the_book(singles(group), cosines, fixed, size_max);
    for (const auto& piece : pieces) {
      if (piece.size() >= 2) clusters.push_back(piece);
    }
  }
  std::sort(clusters.begin(), clusters.end());
  return clusters;
}

inline double cohesion_of(const std::vector<std::uint32_t>& rows, const CosineTable& cosines) {
  double sum = 0;
  for (std::size_t a = 0; a < rows.size(); ++a) {
    for (std::size_t b = 0; b < a; ++b) sum += static_cast<double>(cosines[rows[a]][rows[b]]);
  }
  const auto n = static_cast<double>(rows.size());
  return sum / (1 << 30) / (n * (n - 1) / 2);
}

inline Groups rows_of(const Clustering& clustering) {
  Groups rows;
  for (const Cluster& one : clustering.clusters) rows.push_back(one.rows);
  return rows;
}

/// Random sets of the kinds that break clusterings.
class RandomSets {
 public:
  explicit RandomSets(std::uint64_t seed) : random_(seed) {}

  enum class Kind { kPlanted, kChain, kDuplicates, kLattice, kNoise };

  VectorSet next(Kind kind, std::uint32_t rows_max) {
    VectorSet set;
    set.dim = kind == Kind::kLattice ? 2 + below(3) : 2 + below(40);
    const std::uint32_t rows = 2 + below(rows_max - 1);
    const float noise = std::uniform_real_distribution<float>(0.05F, 1.0F)(random_);
    const auto centers = some_normal(1 + below(8), set.dim);
    std::vector<float> walker = centers[0];
    for (std::uint32_t i = 0; i < rows; ++i) {
      std::vector<float> vector = some_normal(1, set.dim)[0];
      switch (kind) {
        case Kind::kPlanted:  // Clusters around centers.
          vector = plus(centers[below(static_cast<std::uint32_t>(centers.size()))], noise, vector);
          break;
        case Kind::kChain:  // Each near the last, the ends far apart.
          vector = walker = plus(walker, 0.4F * noise, vector);
          break;
        case Kind::kDuplicates:  // The same few, at other lengths.
          vector = centers[below(static_cast<std::uint32_t>(centers.size()))];
          for (float& x : vector) x *= static_cast<float>(1 << below(4));
          break;
        case Kind::kLattice:  // Small integers: many equal cosines.
          for (float& x : vector) x = static_cast<float>(below(3));
          if (std::all_of(vector.begin(), vector.end(), [](float x) { return x == 0.0F; })) {
            vector[0] = 1.0F;
          }
          break;
        case Kind::kNoise:
          break;
      }
      set.add(vector);
    }
    return set;
  }

  std::uint32_t below(std::uint32_t end) {
    return std::uniform_int_distribution<std::uint32_t>(0, end - 1)(random_);
  }
  std::mt19937_64& random() { return random_; }

 private:
  std::vector<std::vector<float>> some_normal(std::size_t count, std::uint32_t dim) {
    std::normal_distribution<float> normal;
    std::vector<std::vector<float>> vectors(count, std::vector<float>(dim));
    for (auto& vector : vectors) {
      for (float& x : vector) x = normal(random_);
    }
    return vectors;
  }
  static std::vector<float> plus(std::vector<float> a, float factor, const std::vector<float>& b) {
    for (std::size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
    return a;
  }

  std::mt19937_64 random_;
};

}  // namespace tulving::index::testing
