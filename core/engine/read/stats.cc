#include <functional>
#include <numeric>

#include "core/base/check.h"
#include "core/engine/embed/wanting_rows.h"
#include "core/engine/read/model_choice.h"
#include "core/engine/store/store_impl.h"
#include "tulving/json.h"

namespace tulving {
namespace {

std::uint64_t attribute_bytes(const engine::TenantState& tenant) {
  return tenant.attributes.bytes() + tenant.created.bytes() + tenant.updated.bytes() +
         tenant.last_used.bytes() + tenant.expires.bytes() + tenant.graph.bytes() +
         tenant.turns.bytes();
}

TenantStats stats_of(const engine::TenantState& tenant, const engine::Catalog& catalog) {
  TenantStats stats;
  stats.tenant_id = tenant.id;
  stats.memories = tenant.memories.size();
  for (const auto status : {MemoryStatus::kActive, MemoryStatus::kPromoted, MemoryStatus::kArchived,
                            MemoryStatus::kDeleted}) {
    const auto* rows = tenant.attributes.find(engine::number_of(Field::kStatus), to_string(status));
    if (rows != nullptr) stats.by_status[std::string(to_string(status))] = rows->cardinality();
  }
  // Each memory has one status.
  TULVING_DCHECK(std::transform_reduce(stats.by_status.begin(), stats.by_status.end(),
                                       std::uint64_t{0}, std::plus<>(), [](const auto& status) {
                                         return status.second;
                                       }) == stats.memories);
  stats.without_vector = engine::rows_without_vector(tenant).cardinality();
  kinds::PlainKinds::each([&]<class Record>(kinds::Tag<Record>) {
    stats.records[std::string(kinds::Kind<Record>::plural)] = tenant.records.of<Record>().size();
  });
  stats.terms = tenant.text().terms();
  TULVING_DCHECK(stats.without_vector <= stats.memories);
  stats.record_bytes = tenant.memories.bytes();
  stats.text_bytes = tenant.text().bytes();
  stats.attribute_bytes = attribute_bytes(tenant);
  for (const auto& [number, index] : tenant.vectors) {
    const auto counts = index->counts();
    const auto model = catalog.model(number);
    TULVING_DCHECK(model.has_value());  // An index is of a model that the catalog has.
    stats.vectors.push_back({model ? model->name : std::string(), index->dim(), counts.vectors,
                             counts.in_graph, counts.tombstones, counts.bytes, counts.damaged});
  }
  return stats;
}

std::uint64_t bytes_of(const TenantStats& stats) {
  std::uint64_t bytes = stats.record_bytes + stats.text_bytes + stats.attribute_bytes;
  for (const auto& vectors : stats.vectors) bytes += vectors.bytes;
  return bytes;
}

}  // namespace

TenantStats Tenant::stats() const {
  const auto tenant = impl_->tenant->read();
  if (!impl_->store->is_whole()) return {};  // There is nothing true to say; see enter().
  return stats_of(*tenant, impl_->store->catalog);
}

std::string Tenant::usual_model() const {
  const auto tenant = impl_->tenant->read();
  if (!impl_->store->is_whole()) return {};
  const auto chosen =
      engine::choose_model(*tenant, impl_->store->catalog, {}, impl_->store->options.default_model);
  if (!chosen || !chosen->row) return {};
  return engine::has_vectors(*tenant, chosen->row->number) ? chosen->name : std::string();
}

std::uint64_t Store::Impl::ram_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& shared : catalog.tenants()) {
    const engine::TenantState& tenant = shared->seen_by_writer();
    bytes += tenant.memories.bytes() + tenant.text().bytes() + attribute_bytes(tenant);
    for (const auto& [number, index] : tenant.vectors) bytes += index->counts().bytes;
  }
  return bytes;
}

StoreStats Store::Impl::stats() const {
  StoreStats stats;
  const Position now = position();
  stats.revision = now.revision;
  stats.incarnation = now.incarnation;
  stats.durable_revision = durable_revision();
  for (const auto& shared : catalog.tenants()) {
    const auto tenant = shared->read();
    if (!is_whole()) break;
    stats.tenants.push_back(stats_of(*tenant, catalog));
    stats.memories += stats.tenants.back().memories;
    stats.without_vector += stats.tenants.back().without_vector;
    stats.ram_bytes += bytes_of(stats.tenants.back());
    stats.tombstones += tenant->erased_ids.size();
  }
  if (stats.memories > 0) {
    stats.bytes_per_memory =
        static_cast<double>(stats.ram_bytes) / static_cast<double>(stats.memories);
  }
  stats.disk_bytes = closed_.load() ? 0 : journal->disk_bytes();
  stats.indexing_caught_up = indexing_caught_up();
  if (embedding_) stats.embedding = embedding_->stats();
  return stats;
}

}  // namespace tulving
