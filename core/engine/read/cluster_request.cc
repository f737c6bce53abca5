#include "core/engine/read/cluster_request.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/base/flat_hash.h"
#include "core/engine/record/record_border.h"
#include "core/engine/select/filter_rows.h"

namespace tulving::engine {
namespace {

// Parts of fewer rows are grouped on one thread, and tell nothing of their progress: a tenant of
// many users has many of them.
constexpr std::size_t kSmallPart = 1'000;

std::vector<ClusterPart> parts_of(std::span<const ClusterMember> members) {
  std::vector<ClusterPart> parts;
  for (std::size_t first = 0; first < members.size();) {
    std::size_t end = first + 1;
    while (end < members.size() && members[end].part == members[first].part) ++end;
    parts.push_back({first, members.subspan(first, end - first)});
    first = end;
  }
  if (parts.empty()) parts.emplace_back();
  TULVING_DCHECK(parts.back().first + parts.back().members.size() == members.size());
  return parts;
}

class PartClusterer {
 public:
  PartClusterer(const std::vector<ClusterMember>& members, const ClusterRequest& request,
                const ClusterOnePart& cluster)
      : request_(request), cluster_(cluster), parts_(parts_of(members)) {
    TULVING_DCHECK(std::ranges::is_sorted(members, {}, &ClusterMember::part));
    report_.memories = members.size();
  }

  Result<ClusterReport> run() && {
    for (const ClusterPart& part : parts_) {
      auto clustering = cluster_(part, options_for(part));
      if (!clustering) return clustering.error();
      done_ += part.members.size();
      if (clustering->stopped || is_stopped(part)) return stopped();
      add(*clustering, part);
    }
    TULVING_DCHECK(done_ == report_.memories);  // Each was looked at, in its own part.
    std::ranges::sort(report_.clusters, {}, [](const MemoryCluster& one) { return one.ids[0]; });
    if (report_.sampled_pairs > 0) {
      report_.miss_rate = missed_pairs_ / static_cast<double>(report_.sampled_pairs);
    }
    return std::move(report_);
  }

 private:
  [[nodiscard]] index::ClusterOptions options_for(const ClusterPart& part) const {
    const bool is_small = part.members.size() < kSmallPart;
    index::ClusterOptions options;
    options.threshold = request_.threshold;
    options.size_max = request_.size_max;
    options.threads = is_small ? 1 : request_.threads;
    options.stop = request_.stop;
    if (request_.progress && (parts_.size() == 1 || !is_small)) {
      options.progress = [this, &part](const index::ClusterProgress& at) { return tell(part, at); };
    }
    return options;
  }

  // Of several parts a part's two phases are half of it each.
  [[nodiscard]] bool tell(const ClusterPart& part, const index::ClusterProgress& at) const {
    const bool is_linking = at.phase == index::ClusterPhase::kLinkage;
    const double done =
        at.total == 0 ? 1.0 : static_cast<double>(at.done) / static_cast<double>(at.total);
    if (parts_.size() == 1) return request_.progress({done, is_linking});
    const double of_part = ((is_linking ? 1.0 : 0.0) + done) / 2;
    const double rows =
        static_cast<double>(done_) + of_part * static_cast<double>(part.members.size());
    return request_.progress({rows / static_cast<double>(report_.memories), false});
  }

  // Asked after small parts, now and then.
  [[nodiscard]] bool is_stopped(const ClusterPart& part) {
    if (request_.stop != nullptr && request_.stop->load()) return true;
    if (!request_.progress || parts_.size() == 1 || part.members.size() >= kSmallPart) return false;
    if (done_ - told_ < kSmallPart && done_ != report_.memories) return false;
    told_ = done_;
    const double done = static_cast<double>(done_) / static_cast<double>(report_.memories);
    return !request_.progress({done, false});
  }

  [[nodiscard]] ClusterReport stopped() const {
    ClusterReport report;
    report.memories = report_.memories;
    report.stopped = true;
    return report;
  }

  void add(const index::Clustering& clustering, const ClusterPart& part) {
    for (const index::Cluster& cluster : clustering.clusters) {
      TULVING_DCHECK(cluster.rows.size() >= 2);  // One alone is no group.
      TULVING_DCHECK(std::ranges::max(cluster.rows) < part.members.size());
      MemoryCluster& named = report_.clusters.emplace_back();
      named.cohesion = cluster.cohesion;
      for (const std::uint32_t row : cluster.rows) named.ids.push_back(part.members[row].id);
    }
    report_.pairs += clustering.pairs;
    report_.components += clustering.components;
    report_.split += clustering.split;
    report_.left_over += clustering.left_over;
    report_.approximate = report_.approximate || clustering.approximate;
    report_.sampled_pairs += clustering.sampled_pairs;
    missed_pairs_ += clustering.miss_rate * static_cast<double>(clustering.sampled_pairs);
  }

  const ClusterRequest& request_;
  const ClusterOnePart& cluster_;
  const std::vector<ClusterPart> parts_;
  ClusterReport report_;
  std::size_t done_ = 0;  // Members of parts that are grouped.
  std::size_t told_ = 0;
  double missed_pairs_ = 0;
};

}  // namespace

ClusterMembers cluster_members(const TenantState& tenant, Roaring among,
                               const ClusterRequest& request, DecayModel decay_model,
                               Timestamp now) {
  among &= tenant.visible_rows({.now = now});
  among &= filter_rows(request.filter, {tenant, now, decay_model});
  ClusterMembers found;
  found.members.reserve(among.cardinality());
  FlatMap<std::string, std::uint32_t> parts;
  const auto& left_out = request.leave_out;
  for (const std::uint32_t row : among) {
    const storage::MemoryRecord& record = *tenant.memories.record(row);
    const Uuid id = record.id();
    if (std::binary_search(left_out.begin(), left_out.end(), id)) continue;
    const auto [part, is_new] =
        parts.try_emplace(border_key(record), static_cast<std::uint32_t>(parts.size()));
    if (is_new) found.borders.push_back(part->first);
    found.members.push_back({part->second, id, row, 0});
  }
  TULVING_DCHECK(found.borders.size() == parts.size());
  std::sort(found.members.begin(), found.members.end());
  return found;
}

Result<ClusterReport> cluster_parts(const std::vector<ClusterMember>& members,
                                    const ClusterRequest& request, const ClusterOnePart& cluster) {
  return PartClusterer(members, request, cluster).run();
}

}  // namespace tulving::engine
