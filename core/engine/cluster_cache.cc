#include "core/engine/cluster_cache.h"

#include <utility>

namespace tulving {

// Members and entries are in the same order, by id, as recluster_vectors() wants rows to be.
std::vector<std::uint32_t> ClusterCache::Impl::places_before(
    const std::vector<engine::ClusterMember>& members) const {
  std::vector<std::uint32_t> places(members.size(), index::kNewRow);
  auto before = entries_.begin();
  for (std::size_t i = 0; i < members.size(); ++i) {
    while (before != entries_.end() && before->id < members[i].id) ++before;
    if (before == entries_.end()) break;
    if (before->id == members[i].id && before->revision == members[i].revision) {
      places[i] = static_cast<std::uint32_t>(before - entries_.begin());
    }
  }
  return places;
}

Result<index::Reclustering> ClusterCache::Impl::recluster(
    const std::shared_ptr<engine::TenantState>& tenant, std::uint16_t model,
    const std::vector<engine::ClusterMember>& members, std::span<const float> vectors,
    std::uint32_t dim, const index::ClusterOptions& options) {
  // Revisions are the store's own, and a model's number too.
  if (tenant_.lock() != tenant || model_ != model) clear();
  // Before anything is known of them: memory that runs out afterwards would part the two.
  std::vector<Entry> entries;
  entries.reserve(members.size());
  for (const engine::ClusterMember& member : members) {
    entries.push_back({member.id, member.revision});
  }
  auto result = index::recluster_vectors(vectors, dim, options, places_before(members), known_);
  if (!result || result->clustering.stopped) return result;
  tenant_ = tenant;
  model_ = model;
  entries_ = std::move(entries);
  if (result->clustering.approximate || bytes() > bytes_max_) clear();
  return result;
}

std::uint64_t ClusterCache::Impl::bytes() const {
  return known_.bytes() + entries_.capacity() * sizeof(Entry);
}

void ClusterCache::Impl::clear() {
  tenant_.reset();
  entries_ = std::vector<Entry>();  // `{}` would keep the memory.
  known_.clear();
}

ClusterCache::ClusterCache(std::uint64_t bytes_max) : impl_(std::make_unique<Impl>(bytes_max)) {}
ClusterCache::ClusterCache(ClusterCache&&) noexcept = default;
ClusterCache& ClusterCache::operator=(ClusterCache&&) noexcept = default;
ClusterCache::~ClusterCache() = default;

std::uint64_t ClusterCache::bytes() const { return impl_->bytes(); }

}  // namespace tulving
