#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "index/cluster/cluster.h"
#include "index/cluster/fixed_cosine.h"

namespace tulving::index {

/// What a clustering found that the next one of nearly the same rows can use: its close pairs and
/// what linkage made of each component, but no vectors.
class KnownClusters {
 public:
  [[nodiscard]] std::uint64_t bytes() const;  ///< RAM.
  void clear() { *this = KnownClusters(); }

 private:
  friend class Reclusterer;

  struct Part {
    std::vector<std::uint32_t> rows;  // Of a component.
    std::vector<Cluster> clusters;
    std::uint64_t split = 0;
    std::uint64_t left_over = 0;
  };

  // What it was asked; nothing is known while dim is 0.
  std::uint32_t dim_ = 0;
  FixedCosine threshold_ = 0;
  std::uint32_t size_max_ = 0;
  std::uint32_t rows_ = 0;
  std::vector<RowPair> pairs_;  // By (a, b): all that reach the threshold.
  std::vector<Part> parts_;     // By first row.
};

/// A row that is new, or has another vector.
inline constexpr std::uint32_t kNewRow = std::numeric_limits<std::uint32_t>::max();

struct Reclustering {
  Clustering clustering;
  std::uint64_t compared = 0;  ///< Rows whose pairs were not known.
  std::uint64_t linked = 0;    ///< Rows of components that were not known.
};

/// cluster_vectors(), which gives the same clusters, but for less: only new rows are compared with
/// all, and only components linked that are not as they were. `was` has each row's number in the
/// clustering that `known` is of, or kNewRow; rows that were there are in the order they were in,
/// since ties go by it. Threshold, size_max and dim are as they were, or nothing is known.
///
/// O(new rows * n dim + n dim). Where that is no less than comparing all in tiles, all are
/// compared. `known` is then of this clustering; as it was, if this one failed or was stopped; and
/// of nothing, if it is approximate. Errors as cluster_vectors().
Result<Reclustering> recluster_vectors(std::span<const float> vectors, std::uint32_t dim,
                                       const ClusterOptions& options,
                                       std::span<const std::uint32_t> was, KnownClusters& known);

}  // namespace tulving::index
