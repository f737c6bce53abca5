#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "core/base/flat_hash.h"
#include "core/engine/state/shared_tenant.h"

namespace tulving::engine {

/// Memories that are not embedded though they have no vector, as long as they say what they said:
/// the embedder refused it, or there is no text. In RAM alone: the next opening tries again.
class SkippedTexts {
 public:
  enum class Why : std::uint8_t { kRefused, kBlank };

  void add(const std::shared_ptr<SharedTenant>& tenant, const storage::MemoryRecord& record,
           Why why);
  [[nodiscard]] bool has(const std::shared_ptr<SharedTenant>& tenant,
                         const storage::MemoryRecord& record) const;
  /// Of a tenant that was dropped.
  void forget(const std::shared_ptr<SharedTenant>& tenant) { tenants_.erase(tenant); }

  struct Counts {
    std::uint64_t refused = 0;
    std::uint64_t blank = 0;
  };
  /// Of a tenant's `rows`, which have no vector.
  [[nodiscard]] Counts count(const std::shared_ptr<SharedTenant>& tenant, const TenantState& state,
                             const Roaring& rows) const;

 private:
  struct Skipped {
    std::string content_hash;
    Why why = Why::kRefused;
  };
  std::map<std::shared_ptr<SharedTenant>, std::unordered_map<Uuid, Skipped, UuidHash>> tenants_;
};

}  // namespace tulving::engine
