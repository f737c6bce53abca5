#include <algorithm>

#include "core/engine/select/filter_rows.h"
#include "core/engine/store/store_impl.h"
#include "core/engine/write/memory_writes.h"
#include "core/model/rules/filter_rules.h"

// Tenant's writes to whatever a filter lets through.

namespace tulving {
namespace {

// Of forgotten memories erase() alone means those.
std::vector<Uuid> ids_where(const engine::Transaction& transaction, const Filter& filter,
                            DecayModel decay_model, bool deleted) {
  const engine::TenantState& tenant = transaction.tenant_before();
  Roaring rows = engine::filter_rows(filter, {tenant, transaction.now(), decay_model});
  engine::TenantState::Visibility shown;
  shown.archived = shown.expired = true;
  shown.deleted = deleted;
  rows &= tenant.visible_rows(shown);
  std::vector<Uuid> ids;
  for (const std::uint32_t row : rows) ids.push_back(tenant.memories.record(row)->id());
  std::ranges::sort(ids);
  return ids;
}

}  // namespace

Result<std::vector<Uuid>> Tenant::forget_where(const Filter& filter) {
  if (auto status = model::check_filter(filter); !status) return status.error();
  std::vector<Uuid> ids;
  auto status = impl_->write([&](engine::Transaction& transaction) -> Status {
    ids = ids_where(transaction, filter, impl_->store->options.decay_model, false);
    for (const Uuid& id : ids) {
      if (auto staged = engine::stage_forget(transaction, id); !staged) return staged;
    }
    return {};
  });
  if (!status) return status.error();
  return ids;
}

Result<std::vector<Uuid>> Tenant::erase_where(const Filter& filter) {
  if (auto status = model::check_filter(filter); !status) return status.error();
  std::vector<Uuid> ids;
  auto status = impl_->write([&](engine::Transaction& transaction) -> Status {
    ids = ids_where(transaction, filter, impl_->store->options.decay_model, true);
    for (const Uuid& id : ids) {
      if (auto staged = engine::stage_erase(transaction, id); !staged) return staged;
    }
    return {};
  });
  if (!status) return status.error();
  return ids;
}

}  // namespace tulving
