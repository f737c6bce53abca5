#include "core/engine/state/catalog.h"

#include <algorithm>
#include <mutex>

namespace tulving::engine {

std::shared_ptr<TenantState> Catalog::tenant(std::string_view id,
                                             const VectorIndexOptions& options) {
  {
    const std::shared_lock lock(mutex_);
    if (const auto found = states_.find(id); found != states_.end()) return found->second;
  }
  const std::unique_lock lock(mutex_);
  auto& state = states_[std::string(id)];
  if (!state) state = std::make_shared<TenantState>(std::string(id), options);
  return state;
}

std::vector<std::shared_ptr<TenantState>> Catalog::tenants() const {
  const std::shared_lock lock(mutex_);
  std::vector<std::shared_ptr<TenantState>> all;
  all.reserve(registered_.size());
  for (const auto& [id, state] : registered_) all.push_back(state);
  return all;
}

void Catalog::register_tenant(const std::shared_ptr<TenantState>& tenant, std::uint32_t number) {
  const std::unique_lock lock(mutex_);
  tenant->number = number;
  registered_[tenant->id] = tenant;
  tenant_count_ = std::max(tenant_count_, number + 1);
}

std::uint32_t Catalog::next_tenant_number() const {
  const std::shared_lock lock(mutex_);
  return tenant_count_;
}

std::optional<storage::ModelRow> Catalog::model(std::string_view name) const {
  const std::shared_lock lock(mutex_);
  for (const auto& model : models_) {
    if (model.name == name) return model;
  }
  return std::nullopt;
}

std::optional<storage::ModelRow> Catalog::model(std::uint16_t number) const {
  const std::shared_lock lock(mutex_);
  for (const auto& model : models_) {
    if (model.number == number) return model;
  }
  return std::nullopt;
}

void Catalog::add_model(const storage::ModelRow& model) {
  const std::unique_lock lock(mutex_);
  models_.push_back(model);
}

std::uint16_t Catalog::next_model_number() const {
  const std::shared_lock lock(mutex_);
  return static_cast<std::uint16_t>(models_.size());
}

}  // namespace tulving::engine
