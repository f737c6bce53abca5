#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "core/engine/cluster_request.h"
#include "index/cluster/recluster.h"
#include "tulving/clusters.h"

namespace tulving {

/// What a clustering knew, and of which memories with which vectors.
class ClusterCache::Impl {
 public:
  explicit Impl(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  /// For the vectors of `members`, by id; see index::recluster_vectors(). Where it fails, the cache
  /// is as good as before.
  Result<index::Reclustering> recluster(const std::shared_ptr<engine::TenantState>& tenant,
                                        std::uint16_t model,
                                        const std::vector<engine::ClusterMember>& members,
                                        std::span<const float> vectors, std::uint32_t dim,
                                        const index::ClusterOptions& options);

  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Entry {
    Uuid id;
    std::uint64_t revision = 0;  // That wrote its vector.
  };
  [[nodiscard]] std::vector<std::uint32_t> places_before(
      const std::vector<engine::ClusterMember>& members) const;
  void clear();

  const std::uint64_t bytes_max_;
  std::weak_ptr<engine::TenantState> tenant_;  ///< Whose memories they are.
  std::uint16_t model_ = 0;
  std::vector<Entry> entries_;  ///< By id; of the last clustering that was not stopped.
  index::KnownClusters known_;
};

}  // namespace tulving
