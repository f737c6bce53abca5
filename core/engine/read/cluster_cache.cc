#include "core/engine/read/cluster_cache.h"

#include <utility>

#include "core/base/check.h"

namespace tulving {

// Members and entries are in the same order, by id, as recluster_vectors() wants rows to be.
std::vector<std::uint32_t> ClusterCache::Impl::places_before(
    const std::vector<Entry>& entries, std::span<const engine::ClusterMember> members) {
  TULVING_DCHECK(std::ranges::is_sorted(entries, {}, &Entry::id));
  TULVING_DCHECK(std::ranges::is_sorted(members, {}, &engine::ClusterMember::id));
  std::vector<std::uint32_t> places(members.size(), index::kNewRow);
  auto before = entries.begin();
  for (std::size_t i = 0; i < members.size(); ++i) {
    while (before != entries.end() && before->id < members[i].id) ++before;
    if (before == entries.end()) break;
    if (before->id == members[i].id && before->revision == members[i].revision) {
      places[i] = static_cast<std::uint32_t>(before - entries.begin());
    }
  }
  return places;
}

void ClusterCache::Impl::begin(const std::shared_ptr<engine::SharedTenant>& tenant,
                               std::uint16_t model) {
  // Revisions are the store's own, and a model's number too.
  if (tenant_.lock() != tenant || model_ != model) clear();
  tenant_ = tenant;
  model_ = model;
}

Result<index::Reclustering> ClusterCache::Impl::recluster(
    const std::string& border, std::span<const engine::ClusterMember> members,
    std::span<const float> vectors, std::uint32_t dim, const index::ClusterOptions& options) {
  TULVING_DCHECK(vectors.size() == members.size() * dim);
  Part& part = parts_[border];
  // Before anything is known of them: memory that runs out afterwards would part the two.
  std::vector<Entry> entries;
  entries.reserve(members.size());
  for (const engine::ClusterMember& member : members) {
    entries.push_back({member.id, member.revision});
  }
  auto result = index::recluster_vectors(vectors, dim, options,
                                         places_before(part.entries, members), part.known);
  if (!result || result->clustering.stopped) return result;
  TULVING_DCHECK(!tenant_.expired());  // begin() said whose they are.
  part.entries = std::move(entries);
  if (result->clustering.approximate) parts_.erase(border);
  return result;
}

void ClusterCache::Impl::end(const std::vector<std::string>& borders) {
  FlatMap<std::string, Part> kept;
  for (const std::string& border : borders) {
    if (const auto part = parts_.find(border); part != parts_.end()) {
      kept.emplace(border, std::move(part->second));
    }
  }
  parts_ = std::move(kept);
  if (bytes() > bytes_max_) clear();
}

std::uint64_t ClusterCache::Impl::bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [border, part] : parts_) {
    bytes += part.known.bytes() + part.entries.capacity() * sizeof(Entry) + border.capacity() +
             sizeof(Part);
  }
  return bytes;
}

void ClusterCache::Impl::clear() {
  tenant_.reset();
  parts_ = {};
}

ClusterCache::ClusterCache(std::uint64_t bytes_max) : impl_(std::make_unique<Impl>(bytes_max)) {}
ClusterCache::ClusterCache(ClusterCache&&) noexcept = default;
ClusterCache& ClusterCache::operator=(ClusterCache&&) noexcept = default;
ClusterCache::~ClusterCache() = default;

std::uint64_t ClusterCache::bytes() const { return impl_->bytes(); }

}  // namespace tulving
