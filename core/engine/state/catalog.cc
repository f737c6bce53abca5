#include "core/engine/state/catalog.h"

#include <algorithm>

#include "core/base/check.h"

namespace tulving::engine {
namespace {

constexpr std::size_t kSweepMin = 64;

}  // namespace

std::shared_ptr<SharedTenant> Catalog::tenant(std::string_view id,
                                              const VectorIndexOptions& options) {
  {
    const ReaderLock lock(mutex_);
    if (auto found = find(id)) return found;
  }
  const WriterLock lock(mutex_);
  if (auto found = find(id)) return found;  // Somebody was faster.
  if (unwritten_.size() >= sweep_at_) {
    std::erase_if(unwritten_, [](const auto& one) { return one.second.expired(); });
    sweep_at_ = std::max(kSweepMin, 2 * unwritten_.size());
  }
  auto tenant = std::make_shared<SharedTenant>(std::string(id), options);
  unwritten_.insert_or_assign(std::string(id), tenant);
  return tenant;
}

std::shared_ptr<SharedTenant> Catalog::find(std::string_view id) const {
  if (const auto found = registered_.find(id); found != registered_.end()) return found->second;
  const auto found = unwritten_.find(id);
  auto tenant = found == unwritten_.end() ? nullptr : found->second.lock();
  TULVING_DCHECK(!tenant || tenant->id() == id);
  return tenant;
}

std::size_t Catalog::unwritten() const {
  const ReaderLock lock(mutex_);
  return unwritten_.size();
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
  TULVING_DCHECK(find(tenant->id()) == tenant);  // There is one state a tenant: tenant() made it.
  registered_[tenant->id()] = tenant;
  unwritten_.erase(tenant->id());
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
