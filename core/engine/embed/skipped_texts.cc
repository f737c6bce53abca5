#include "core/engine/embed/skipped_texts.h"

namespace tulving::engine {

void SkippedTexts::add(const std::shared_ptr<SharedTenant>& tenant,
                       const storage::MemoryRecord& record, Why why) {
  tenants_[tenant][record.id()] = {std::string(record.content_hash()), why};
}

bool SkippedTexts::has(const std::shared_ptr<SharedTenant>& tenant,
                       const storage::MemoryRecord& record) const {
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return false;
  const auto found = of_tenant->second.find(record.id());
  return found != of_tenant->second.end() && found->second.content_hash == record.content_hash();
}

SkippedTexts::Counts SkippedTexts::count(const std::shared_ptr<SharedTenant>& tenant,
                                         const TenantState& state, const Roaring& rows) const {
  Counts counts;
  const auto of_tenant = tenants_.find(tenant);
  if (of_tenant == tenants_.end()) return counts;
  for (const auto& [id, text] : of_tenant->second) {
    const auto row = state.memories.find(id);
    if (!row || !rows.contains(*row)) continue;
    if (state.memories.record(*row)->content_hash() != text.content_hash) continue;
    ++(text.why == Why::kRefused ? counts.refused : counts.blank);
  }
  return counts;
}

}  // namespace tulving::engine
