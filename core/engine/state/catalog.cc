#include "core/engine/state/catalog.h"

#include <algorithm>

#include "core/base/check.h"

namespace tulving::engine {

std::shared_ptr<SharedTenant> Catalog::tenant(std::string_view id,
                                              const VectorIndexOptions& options) {
  {
    const ReaderLock lock(mutex_);
    if (const auto found = tenants_.find(id); found != tenants_.end()) return found->second;
  }
  const WriterLock lock(mutex_);
  auto& tenant = tenants_[std::string(id)];
  if (!tenant) tenant = std::make_shared<SharedTenant>(std::string(id), options);
  TULVING_DCHECK(tenant->id() == id);
  return tenant;
}

std::vector<std::shared_ptr<SharedTenant>> Catalog::tenants() const {
  const ReaderLock lock(mutex_);
  std::vector<std::shared_ptr<SharedTenant>> all;
  all.reserve(registered_.size());
  for (const auto& [id, tenant] : registered_) all.push_back(tenant);
  return all;
}

void Catalog::register_tenant(const std::shared_ptr<SharedTenant>& tenant, std::uint32_t number) {
  tenant->write()->number = number;
  const WriterLock lock(mutex_);
  TULVING_DCHECK(
      tenants_.contains(tenant->id()));  // There is one state a tenant: tenant() made it.
  registered_[tenant->id()] = tenant;
  tenant_count_ = std::max(tenant_count_, number + 1);
}

std::uint32_t Catalog::next_tenant_number() const {
  const ReaderLock lock(mutex_);
  return tenant_count_;
}

std::optional<storage::ModelRow> Catalog::model(std::string_view name) const {
  const ReaderLock lock(mutex_);
  for (const auto& model : models_) {
    if (model.name == name) return model;
  }
  return std::nullopt;
}

std::optional<storage::ModelRow> Catalog::model(std::uint16_t number) const {
  const ReaderLock lock(mutex_);
  for (const auto& model : models_) {
    if (model.number == number) return model;
  }
  return std::nullopt;
}

void Catalog::add_model(const storage::ModelRow& model) {
  const WriterLock lock(mutex_);
  models_.push_back(model);
}

std::uint16_t Catalog::next_model_number() const {
  const ReaderLock lock(mutex_);
  return static_cast<std::uint16_t>(models_.size());
}

}  // namespace tulving::engine
