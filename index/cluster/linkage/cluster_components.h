#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "index/cluster/cluster.h"
#include "index/cluster/linkage/components.h"

namespace tulving::index {

class ClusterControl;
class Workers;

/// What linkage made of one component, or of several.
struct ComponentClusters {
  std::vector<Cluster> clusters;
  /// Before splitting, those of one row included.
  std::vector<std::vector<std::uint32_t>> groups;
  std::uint64_t split = 0;
  std::uint64_t left_over = 0;
  bool stopped = false;
  bool too_large = false;
};

/// Average linkage in one component; clusters larger than size_max are split.
[[nodiscard]] ComponentClusters cluster_component(const Component& component,
                                                  const CosineSource& cosines,
                                                  FixedCosine threshold, std::uint32_t size_max,
                                                  const ClusterControl& control);

/// The same in each of them, largest first, on all workers. Of no use once `control` stopped.
[[nodiscard]] std::vector<ComponentClusters> link_components(
    const std::vector<Component>& components, const CosineSource& cosines, FixedCosine threshold,
    std::uint32_t size_max, const Workers& workers, ClusterControl& control);

/// All of that as one; clusters by first row.
[[nodiscard]] ComponentClusters cluster_components(const std::vector<Component>& components,
                                                   const CosineSource& cosines,
                                                   FixedCosine threshold, std::uint32_t size_max,
                                                   const Workers& workers, ClusterControl& control);

/// The answer for pairs that were all there is to find: components, linkage, counts.
/// kResourceExhausted as in cluster_vectors().
Result<Clustering> cluster_pairs(std::uint32_t rows, std::span<const RowPair> pairs,
                                 const CosineSource& cosines, FixedCosine threshold,
                                 const ClusterOptions& options, const Workers& workers,
                                 ClusterControl& control);

/// What `linked` says, as an answer.
[[nodiscard]] Clustering to_clustering(const std::vector<Component>& components,
                                       ComponentClusters linked);

}  // namespace tulving::index
