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

std::shared_ptr<SharedTenant> Catalog::written(std::string_view id) const {
  const ReaderLock lock(mutex_);
  const auto found = registered_.find(id);
  return found == registered_.end() ? nullptr : found->second;
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
  next_tenant_number_ = std::max(next_tenant_number_, std::uint64_t{number} + 1);
}

void Catalog::unregister_tenant(std::string_view id) {
  const WriterLock lock(mutex_);
  const auto found = registered_.find(id);
  TULVING_DCHECK(found != registered_.end());
  if (found != registered_.end()) registered_.erase(found);
}

void Catalog::retire_number(std::uint32_t number) {
  const WriterLock lock(mutex_);
  next_tenant_number_ = std::max(next_tenant_number_, std::uint64_t{number} + 1);
}

std::uint64_t Catalog::next_tenant_number() const {
  const ReaderLock lock(mutex_);
  return next_tenant_number_;
}

std::optional<storage::ModelRow> Catalog::model(std::string_view name) const {
  const ReaderLock lock(mutex_);
  const auto number = model_numbers_.find(name);
  if (number == model_numbers_.end()) return std::nullopt;
  return models_.at(number->second);
}

std::optional<storage::ModelRow> Catalog::model(std::uint16_t number) const {
  const ReaderLock lock(mutex_);
  const auto found = models_.find(number);
  return found == models_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<storage::ModelRow> Catalog::models() const {
  const ReaderLock lock(mutex_);
  std::vector<storage::ModelRow> all;
  all.reserve(models_.size());
  for (const auto& [number, model] : models_) all.push_back(model);
  return all;
}

void Catalog::add_model(const storage::ModelRow& model) {
  const WriterLock lock(mutex_);
  TULVING_DCHECK(!models_.contains(model.number) && !model_numbers_.contains(model.name));
  models_.emplace(model.number, model);
  model_numbers_.emplace(model.name, model.number);
  if (model.tenant) ++models_of_tenants_[*model.tenant];
}

std::uint64_t Catalog::next_model_number() const {
  const ReaderLock lock(mutex_);
  return models_.empty() ? 0 : std::uint64_t{models_.rbegin()->first} + 1;
}

std::uint64_t Catalog::models_of(std::uint32_t tenant) const {
  const ReaderLock lock(mutex_);
  const auto found = models_of_tenants_.find(tenant);
  return found == models_of_tenants_.end() ? 0 : found->second;
}

}  // namespace tulving::engine
