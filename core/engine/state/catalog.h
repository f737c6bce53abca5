#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/mutex.h"
#include "core/engine/state/limits.h"
#include "core/engine/state/shared_tenant.h"
#include "storage/codec/codec.h"

namespace tulving::engine {

/// Which tenants and embedding models a store has. Thread-safe; only the store's one writer adds.
class Catalog {
 public:
  explicit Catalog(const Limits& limits = {}) : limits_(limits) {}

  [[nodiscard]] const Limits& limits() const { return limits_; }
  /// The tenant `id`, made when it is not there. One that was written to stays for the store's
  /// life, any other as long as somebody holds it.
  std::shared_ptr<SharedTenant> tenant(std::string_view id, const VectorIndexOptions& options);
  /// Likewise, but null where it was not written to.
  [[nodiscard]] std::shared_ptr<SharedTenant> written(std::string_view id) const;
  /// Tenants that have been written to, ordered by id.
  [[nodiscard]] std::vector<std::shared_ptr<SharedTenant>> tenants() const;
  /// Marks a tenant as written to, with its key prefix.
  void register_tenant(const std::shared_ptr<SharedTenant>& tenant, std::uint32_t number);
  /// Takes one out that is dropped: who asks for its id from now on gets another.
  void unregister_tenant(std::string_view id);
  /// A dropped tenant had this number, so no other gets it, nor one below it.
  void retire_number(std::uint32_t number);
  /// One more than the greatest that was ever in use; Limits::tenants and more: there is none left.
  [[nodiscard]] std::uint64_t next_tenant_number() const;
  /// Names that are kept for tenants which nobody wrote to.
  [[nodiscard]] std::size_t unwritten() const;

  [[nodiscard]] std::optional<storage::ModelRow> model(std::string_view name) const;
  [[nodiscard]] std::optional<storage::ModelRow> model(std::uint16_t number) const;
  /// All, by number.
  [[nodiscard]] std::vector<storage::ModelRow> models() const;
  /// Of a number and name that no other has.
  void add_model(const storage::ModelRow& model);
  /// As next_tenant_number(), for Limits::models.
  [[nodiscard]] std::uint64_t next_model_number() const;
  /// How many a tenant has brought into the store.
  [[nodiscard]] std::uint64_t models_of(std::uint32_t tenant) const;

 private:
  mutable SharedMutex mutex_;  ///< After a tenant's.
  [[nodiscard]] std::shared_ptr<SharedTenant> find(std::string_view id) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);

  std::map<std::string, std::shared_ptr<SharedTenant>, std::less<>> registered_
      ABSL_GUARDED_BY(mutex_);
  const Limits limits_;
  /// Asked for, and not written to: names that do not exist may be asked for without end.
  std::map<std::string, std::weak_ptr<SharedTenant>, std::less<>> unwritten_
      ABSL_GUARDED_BY(mutex_);
  std::size_t sweep_at_ ABSL_GUARDED_BY(mutex_) = 64;  ///< As many of them, and the gone leave.
  std::uint64_t next_tenant_number_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<std::uint16_t, storage::ModelRow> models_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::uint16_t, std::less<>> model_numbers_ ABSL_GUARDED_BY(mutex_);
  std::map<std::uint32_t, std::uint64_t> models_of_tenants_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace tulving::engine
