// drop_tenant(): one batch takes every row of a tenant out of the log, so that a crash leaves all
// of it or nothing, and leaves one row in its place: the mark by which who follows the store learns
// of it, and which keeps the number, by which rows and checkpoints are told apart, from being given
// again.

#include <fmt/format.h>

#include "core/base/check.h"
#include "core/base/errors.h"
#include "core/base/fault_points.h"
#include "core/base/files/directories.h"
#include "core/engine/store/index_checkpoint.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/rules.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"

namespace tulving {
namespace {

using storage::Table;

Status erase_rows(const storage::JournalReader& reader, Table table, const std::string& prefix,
                  storage::JournalBatch& batch) {
  return reader.scan(table, prefix, [&](std::string_view key, std::string_view) -> Status {
    batch.erase(table, std::string(key));
    return {};
  });
}

/// Takes out every row of the tenant, and puts the mark.
Result<storage::JournalBatch> batch_that_drops(const engine::TenantState& tenant,
                                               const storage::JournalReader& reader,
                                               std::uint64_t revision) {
  TULVING_DCHECK(tenant.number.has_value());
  const std::uint32_t number = *tenant.number;
  storage::JournalBatch batch;
  auto status = erase_rows(reader, Table::kRecords, storage::record_prefix(number), batch);
  if (status) status = erase_rows(reader, Table::kHistory, storage::history_prefix(number), batch);
  if (!status) return status.error();
  // A scan would read each of them, and they are most of the store; RAM knows which there are.
  for (const auto& [model, index] : tenant.vectors) {
    for (const std::uint32_t row : index->rows()) {
      const engine::RecordPtr record = tenant.memories.record(row);
      TULVING_DCHECK(record != nullptr);
      batch.erase(Table::kVectors, storage::vector_key(number, record->id(), model));
    }
  }
  batch.erase(Table::kMeta, storage::tenant_key(number));
  batch.put(Table::kMeta, storage::dropped_key(tenant.id),
            storage::encode_tenant({number, revision, tenant.id}));
  return batch;
}

Status check_size(const engine::Limits& limits, const std::string& id, std::uint64_t bytes) {
  if (bytes <= limits.write_bytes) return {};
  return Error{ErrorCode::kResourceExhausted,
               fmt::format("dropping tenant \"{}\" is a write of {} bytes; at most {} are allowed: "
                           "erase some of its memories before",
                           id, bytes, limits.write_bytes)};
}

}  // namespace

Result<std::uint64_t> Store::Impl::drop_tenant(std::string_view id) {
  if (auto status = enter(Access::kWrite); !status) return status.error();
  if (auto status = model::check_tenant_id(id); !status) return status.error();
  std::shared_ptr<engine::SharedTenant> tenant;
  std::unique_ptr<engine::TenantState> gone;  // Freed when nobody waits for it any more.
  std::uint64_t written = 0;
  {
    const MutexLock lock(write_mutex_);
    if (auto status = enter_to_append(); !status) return status.error();
    tenant = catalog.written(id);
    if (!tenant) {
      return Error{ErrorCode::kNotFound, fmt::format("there is no tenant \"{}\"", id), "tenant_id"};
    }
    const engine::TenantState& state = tenant->seen_by_writer();
    const std::uint32_t number = state.number.value();
    auto batch = batch_that_drops(state, *journal->snapshot(), revision_.load() + 1);
    if (!batch) return batch.error();
    if (auto status = check_size(catalog.limits(), tenant->id(), batch->bytes()); !status) {
      return status.error();
    }
    if (auto status = memory_.check(0, batch->bytes()); !status) return status.error();
    // Nothing here takes memory, so RAM cannot tear.
    auto status = append(number, *batch, [&] {
      catalog.unregister_tenant(id);
      gone = tenant->drop();
    });
    if (!status) return status.error();
    written = revision_.load();
    TULVING_KILL_POINT("drop.checkpoint");
    // Should it stay, the next opening takes it away: nothing reads it.
    if (!directory.empty()) {
      (void)remove_all(files, engine::checkpoint_directory(directory, number)).has_value();
    }
  }
  if (embedding_) embedding_->forget(tenant);
  if (options.durability == Durability::kDurable) {
    if (auto status = wait_durable(written); !status) return status.error();
  }
  return gone->memories.size();
}

Result<std::uint64_t> Store::drop_tenant(std::string_view id) { return impl_->drop_tenant(id); }

}  // namespace tulving
