#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/base/check.h"
#include "core/engine/store/store_impl.h"

// A memory's ancestors and descendants: breadth first over source_memory_ids and parent_memory_id.

namespace tulving {
namespace {

constexpr std::uint32_t kDepthMax = 1000;

using Links = std::vector<LineageLink>;

void add_links(const engine::TenantState& tenant, const Memory& memory, Links& links) {
  for (const Uuid& source : memory.source_memory_ids) {
    if (tenant.memories.find(source)) links.push_back({source, memory.id, "consolidated", 0, {}});
  }
  const Uuid& parent = memory.parent_memory_id;
  if (!parent.is_nil() && tenant.memories.find(parent)) {
    links.push_back({parent, memory.id, "parent", 0, {}});
  }
}

// Every link of the tenant, by its older and by its younger end. O(memories); lineage is asked for
// by people, not in a turn.
class LinkTable {
 public:
  explicit LinkTable(const engine::TenantState& tenant) {
    Links links;
    for (const std::uint32_t row : tenant.memories.rows()) {
      add_links(tenant, tenant.memories.record(row)->to_memory(), links);
    }
    for (const LineageLink& link : links) {
      by_source_[link.source_id].push_back(link);
      by_derived_[link.derived_id].push_back(link);
    }
  }

  [[nodiscard]] Links walk(const Uuid& start, std::uint32_t depth_max, bool upwards) const {
    const auto& table = upwards ? by_derived_ : by_source_;
    Links found;
    std::set<Uuid> seen{start};
    std::vector<Uuid> level{start};
    for (std::uint32_t depth = 1; depth <= depth_max && !level.empty(); ++depth) {
      std::vector<Uuid> next;
      Links links;
      for (const Uuid& id : level) {
        const auto entry = table.find(id);
        if (entry == table.end()) continue;
        for (LineageLink link : entry->second) {
          link.depth = depth;
          const Uuid& end = upwards ? link.source_id : link.derived_id;
          if (seen.insert(end).second) next.push_back(end);
          links.push_back(std::move(link));
        }
      }
      std::sort(links.begin(), links.end(), [](const LineageLink& a, const LineageLink& b) {
        return std::tie(a.source_id, a.derived_id, a.kind) <
               std::tie(b.source_id, b.derived_id, b.kind);
      });
      found.insert(found.end(), links.begin(), links.end());
      level = std::move(next);
    }
    TULVING_DCHECK(std::ranges::is_sorted(found, {}, &LineageLink::depth));
    return found;
  }

 private:
  std::map<Uuid, Links> by_source_, by_derived_;
};

}  // namespace

Result<Lineage> Tenant::lineage(Uuid id, std::uint32_t depth_max) const {
  if (depth_max < 1 || depth_max > kDepthMax) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("depth_max is {}; must be 1..{}", depth_max, kDepthMax), "depth_max"};
  }
  auto reading = impl_->read();
  if (!reading) return reading.error();
  const engine::TenantState& tenant = **reading;
  if (!tenant.memories.find(id)) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("tenant \"{}\" has no memory {}", tenant.id, id.to_string()), "id"};
  }
  const LinkTable links(tenant);
  Lineage lineage{id, links.walk(id, depth_max, true), links.walk(id, depth_max, false)};
  for (auto* side : {&lineage.sources, &lineage.derived}) {
    for (LineageLink& link : *side) {
      // LinkTable keeps no link of which an end is gone.
      TULVING_DCHECK(tenant.memories.find(link.source_id) && tenant.memories.find(link.derived_id));
      link.similarity = tenant.cosine(*tenant.memories.find(link.source_id),
                                      *tenant.memories.find(link.derived_id));
    }
  }
  return lineage;
}

}  // namespace tulving
