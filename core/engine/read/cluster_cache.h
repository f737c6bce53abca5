#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/flat_hash.h"
#include "core/engine/read/cluster_request.h"
#include "core/engine/state/shared_tenant.h"
#include "index/cluster/recluster.h"
#include "tulving/clusters.h"

namespace tulving {

/// What a clustering knew, border by border, and of which memories with which vectors.
class ClusterCache::Impl {
 public:
  explicit Impl(std::uint64_t bytes_max) : bytes_max_(bytes_max) {}

  /// Before the first part: forgets what is of another tenant or model.
  void begin(const std::shared_ptr<engine::SharedTenant>& tenant, std::uint16_t model);

  /// For the vectors of the `members` within one border, by id; see index::recluster_vectors().
  /// Where it fails, the cache is as good as before.
  Result<index::Reclustering> recluster(const std::string& border,
                                        std::span<const engine::ClusterMember> members,
                                        std::span<const float> vectors, std::uint32_t dim,
                                        const index::ClusterOptions& options);

  /// After the last part: forgets those not among `borders`, and all of it above the bound.
  void end(const std::vector<std::string>& borders);

  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Entry {
    Uuid id;
    std::uint64_t revision = 0;  // That wrote its vector.
  };
  struct Part {
    std::vector<Entry> entries;  // By id; of the last clustering that was not stopped.
    index::KnownClusters known;
  };
  static std::vector<std::uint32_t> places_before(const std::vector<Entry>& entries,
                                                  std::span<const engine::ClusterMember> members);
  void clear();

  const std::uint64_t bytes_max_;
  std::weak_ptr<engine::SharedTenant> tenant_;  ///< Whose memories they are.
  std::uint16_t model_ = 0;
  FlatMap<std::string, Part> parts_;  ///< By border.
};

}  // namespace tulving
