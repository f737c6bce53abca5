#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/engine/state/tenant_state.h"
#include "index/cluster/cluster.h"
#include "tulving/clusters.h"
#include "tulving/decay.h"

namespace tulving::engine {

/// A memory among those that are compared; its place among those of its part is its row for
/// index/cluster.
struct ClusterMember {
  std::uint32_t part =
      0;  ///< Which borders it lies within: a number among ClusterMembers::borders.
  Uuid id;
  std::uint32_t row = 0;       ///< In the tenant's tables.
  std::uint64_t revision = 0;  ///< That wrote its vector, once that is read.
  friend auto operator<=>(const ClusterMember&, const ClusterMember&) = default;
};

struct ClusterMembers {
  /// Part by part, those of a part by id: an order that no insertion history shows in.
  std::vector<ClusterMember> members;
  std::vector<std::string> borders;  ///< Of each part: user, agent, project and expiry as one text.
};

/// The memories of `among` that the request lets through. The tenant's mutex is held, shared.
[[nodiscard]] ClusterMembers cluster_members(const TenantState& tenant, Roaring among,
                                             const ClusterRequest& request, DecayModel decay_model,
                                             Timestamp now);

/// Those of one part, which start at `first`.
struct ClusterPart {
  std::size_t first = 0;
  std::span<const ClusterMember> members;
};

/// Groups the members of one part.
using ClusterOnePart =
    std::function<Result<index::Clustering>(const ClusterPart& part, const index::ClusterOptions&)>;

/// Groups the members part by part, and tells of all of it as one; with nothing to group, of one
/// empty part, so that the options are checked. `compared` and `linked` are the caller's to count.
Result<ClusterReport> cluster_parts(const std::vector<ClusterMember>& members,
                                    const ClusterRequest& request, const ClusterOnePart& cluster);

}  // namespace tulving::engine
