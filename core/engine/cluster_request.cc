#include "core/engine/cluster_request.h"

#include <algorithm>

#include "core/engine/filter_rows.h"

namespace tulving::engine {

std::vector<ClusterMember> cluster_members(const TenantState& tenant, Roaring among,
                                           const ClusterRequest& request, DecayModel decay_model,
                                           Timestamp now) {
  among &= tenant.visible_rows({.now = now});
  among &= filter_rows(request.filter, {tenant, now, decay_model});
  std::vector<ClusterMember> members;
  members.reserve(among.cardinality());
  const auto& left_out = request.leave_out;
  for (const std::uint32_t row : among) {
    const Uuid id = tenant.memories.record(row)->id();
    if (!std::binary_search(left_out.begin(), left_out.end(), id)) members.push_back({id, row, 0});
  }
  std::sort(members.begin(), members.end());
  return members;
}

index::ClusterOptions cluster_options(const ClusterRequest& request) {
  index::ClusterOptions options;
  options.threshold = request.threshold;
  options.size_max = request.size_max;
  options.threads = request.threads;
  options.stop = request.stop;
  if (request.progress) {
    options.progress = [&request](const index::ClusterProgress& at) {
      return request.progress(
          {at.total == 0 ? 1.0 : static_cast<double>(at.done) / static_cast<double>(at.total),
           at.phase == index::ClusterPhase::kLinkage});
    };
  }
  return options;
}

ClusterReport cluster_report(const index::Clustering& clustering,
                             const std::vector<ClusterMember>& members) {
  ClusterReport report;
  for (const index::Cluster& cluster : clustering.clusters) {
    MemoryCluster& named = report.clusters.emplace_back();
    named.cohesion = cluster.cohesion;
    for (const std::uint32_t place : cluster.rows) named.ids.push_back(members[place].id);
  }
  report.memories = members.size();
  report.pairs = clustering.pairs;
  report.components = clustering.components;
  report.split = clustering.split;
  report.left_over = clustering.left_over;
  report.approximate = clustering.approximate;
  report.miss_rate = clustering.miss_rate;
  report.sampled_pairs = clustering.sampled_pairs;
  report.stopped = clustering.stopped;
  return report;
}

}  // namespace tulving::engine
