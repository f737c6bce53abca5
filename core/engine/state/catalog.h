#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mutex.h"
#include "core/engine/state/shared_tenant.h"
#include "storage/codec/codec.h"

namespace tulving::engine {

/// Which tenants and embedding models a store has. Thread-safe; only the store's one writer adds.
class Catalog {
 public:
  /// The tenant `id`, made when it is not there; it stays for the store's life.
  std::shared_ptr<SharedTenant> tenant(std::string_view id, const VectorIndexOptions& options);
  /// Tenants that have been written to, ordered by id.
  [[nodiscard]] std::vector<std::shared_ptr<SharedTenant>> tenants() const;
  /// Marks a tenant as written to, with its key prefix.
  void register_tenant(const std::shared_ptr<SharedTenant>& tenant, std::uint32_t number);
  [[nodiscard]] std::uint32_t next_tenant_number() const;

  [[nodiscard]] std::optional<storage::ModelRow> model(std::string_view name) const;
  [[nodiscard]] std::optional<storage::ModelRow> model(std::uint16_t number) const;
  void add_model(const storage::ModelRow& model);
  [[nodiscard]] std::uint16_t next_model_number() const;

 private:
  mutable SharedMutex mutex_;  ///< After a tenant's.
  std::map<std::string, std::shared_ptr<SharedTenant>, std::less<>> tenants_
      ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::shared_ptr<SharedTenant>, std::less<>> registered_
      ABSL_GUARDED_BY(mutex_);
  std::uint32_t tenant_count_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<storage::ModelRow> models_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tulving::engine
