#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "core/engine/tenant_state.h"
#include "index/cluster/cluster.h"
#include "tulving/clusters.h"
#include "tulving/decay.h"

namespace tulving::engine {

/// A memory among those that are compared; its place in their list is its row for index/cluster.
struct ClusterMember {
  Uuid id;
  std::uint32_t row = 0;       ///< In the tenant's tables.
  std::uint64_t revision = 0;  ///< That wrote its vector, once that is read.
  friend auto operator<=>(const ClusterMember&, const ClusterMember&) = default;
};

/// The memories of `among` that the request lets through, by id: an order that no insertion history
/// shows in. The tenant's mutex is held, shared.
[[nodiscard]] std::vector<ClusterMember> cluster_members(const TenantState& tenant, Roaring among,
                                                         const ClusterRequest& request,
                                                         DecayModel decay_model, Timestamp now);

/// `request` must outlive them.
[[nodiscard]] index::ClusterOptions cluster_options(const ClusterRequest& request);

[[nodiscard]] ClusterReport cluster_report(const index::Clustering& clustering,
                                           const std::vector<ClusterMember>& members);

}  // namespace tulving::engine
