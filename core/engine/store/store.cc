#include "tulving/store.h"

#include <fmt/format.h>

#include "core/base/files/file_sync.h"
#include "core/engine/store/index_checkpoint.h"
#include "core/engine/store/recovery.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/rules.h"
#include "core/model/rules/thresholds.h"
#include "storage/memory/memory_journal.h"
#include "storage/rocksdb/rocksdb_journal.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;
using storage::Table;

/// The format of records and keys, in the store row. Raised when a reader of the older one could
/// not cope.
constexpr std::uint32_t kFormat = 1;

fs::path log_directory(const fs::path& store) { return store / "log"; }

// A directory that is there and is no store is left alone: nothing is written into it.
Status check_directory(const fs::path& directory, const StoreOptions& options) {
  std::error_code error;
  if (!fs::exists(directory, error)) {
    if (options.create_if_missing && !options.read_only) return {};
    return Error{ErrorCode::kNotFound, fmt::format("{}: there is no store", directory.string())};
  }
  if (!fs::is_directory(directory, error)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a directory", directory.string()), "directory"};
  }
  if (fs::exists(log_directory(directory), error)) return {};
  if (!fs::is_empty(directory, error)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a Tulving store and not empty", directory.string()),
                 "directory"};
  }
  if (options.create_if_missing && !options.read_only) return {};
  return Error{ErrorCode::kNotFound, fmt::format("{}: there is no store", directory.string())};
}

Status check_new_directory(const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory, error) || fs::is_empty(directory, error)) return {};
  return Error{ErrorCode::kConflict, fmt::format("{} exists and is not empty", directory.string()),
               "directory"};
}

// Rows go over in batches: small enough for any memory, large enough to be quick.
Status copy_rows(const storage::SnapshotReader& snapshot, storage::Journal& journal) {
  constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
  storage::JournalBatch batch;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Status {
    if (batch.empty()) return {};
    auto status = journal.append(batch);
    batch.clear();
    bytes = 0;
    return status;
  };
  // The store row last: until it is there, the directory is no whole store.
  std::optional<std::string> store_row;
  for (const Table table : {Table::kRecords, Table::kVectors, Table::kHistory, Table::kMeta}) {
    auto status = snapshot.scan(table, [&](std::string_view key, std::string_view value) -> Status {
      if (table == Table::kMeta && key == storage::store_key()) {
        store_row = std::string(value);
        return {};
      }
      batch.put(table, std::string(key), std::string(value));
      bytes += key.size() + value.size();
      return bytes < kBatchBytes ? Status() : flush();
    });
    if (!status) return status;
  }
  if (auto status = flush(); !status) return status;
  if (auto status = journal.make_durable(); !status) return status;
  if (!store_row) return Error{ErrorCode::kCorruption, "the snapshot has no store row"};
  batch.put(Table::kMeta, storage::store_key(), *std::move(store_row));
  if (auto status = journal.append(batch); !status) return status;
  return journal.make_durable();
}

}  // namespace

Status Store::Impl::recover_meta(const storage::JournalReader& reader) {
  auto row = reader.get(Table::kMeta, storage::store_key());
  if (!row) return std::move(row).error();
  if (!*row) {
    bool is_empty = true;
    auto status = reader.scan(Table::kRecords, "", [&](std::string_view, std::string_view) {
      is_empty = false;
      return Status();
    });
    if (!status) return status;
    if (!is_empty || options.read_only) {
      return Error{ErrorCode::kCorruption,
                   fmt::format("{}: the store row is missing; a restore may have been cut short",
                               directory.string())};
    }
    store_id_ = Uuid::random();
    storage::JournalBatch batch;
    batch.put(Table::kMeta, storage::store_key(), storage::encode_store({kFormat, store_id_, 0}));
    return journal->append(batch);
  }
  auto store = storage::decode_store(**row);
  if (!store) return std::move(store).error();
  if (store->format > kFormat) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{}: format is {}; this library reads up to {}", directory.string(),
                             store->format, kFormat)};
  }
  store_id_ = store->store_id;
  revision_ = store->revision;
  auto models =
      reader.scan(Table::kMeta, "m", [&](std::string_view, std::string_view value) -> Status {
        auto model = storage::decode_model(value);
        if (!model) return std::move(model).error();
        revision_ = std::max(revision_.load(), model->revision);
        catalog.add_model(*model);
        return {};
      });
  if (!models) return models;
  return reader.scan(Table::kMeta, "t", [&](std::string_view, std::string_view value) -> Status {
    auto tenant = storage::decode_tenant(value);
    if (!tenant) return std::move(tenant).error();
    revision_ = std::max(revision_.load(), tenant->revision);
    const auto shared = catalog.tenant(tenant->tenant_id, options.vectors);
    shared->write()->vaults = std::move(tenant->vaults);
    catalog.register_tenant(shared, tenant->number);
    return {};
  });
}

Status Store::Impl::recover() {
  const auto reader = journal->snapshot();
  if (auto status = recover_meta(*reader); !status) return status;
  if (const auto model = catalog.model(options.default_model);
      model && options.embedding_dim != 0 && model->dim != options.embedding_dim) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("embedding_dim is {}; model \"{}\" has {} in this store",
                             options.embedding_dim, model->name, model->dim),
                 "embedding_dim"};
  }
  auto recovered = engine::recover_tenants(*reader, catalog, directory, options);
  if (!recovered) return std::move(recovered).error();
  revision_ = std::max(revision_.load(), recovered->revision);
  if (!directory.empty()) {
    // What recovery read may be in the operating system's hands only, after a kill. Made durable as
    // it lies, whoever wrote it, it lets durable_revision() start at revision().
    if (auto status = sync_files(log_directory(directory), "LOCK"); !status) return status;
  }
  durable_revision_ = revision_.load();
  checkpointed_changes_ = recovered->replayed;
  start_background();
  request_indexing();
  return {};
}

// Written when reading it back saves real work: a tenth of the store, or some thousand memories.
Status Store::Impl::checkpoint() {
  if (directory.empty() || options.read_only) return {};
  std::uint64_t memories = 0;
  const auto tenants = catalog.tenants();
  for (const auto& tenant : tenants) memories += tenant->read()->memories.size();
  if (checkpointed_changes_ < std::max<std::uint64_t>(memories / 10, 1000)) return {};
  for (const auto& tenant : tenants) {
    const engine::TenantState& state = tenant->seen_by_writer();
    auto status = engine::save_checkpoint(engine::checkpoint_directory(directory, *state.number),
                                          state, revision_.load());
    if (!status) return status;
  }
  checkpointed_changes_ = 0;
  return {};
}

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&& other) noexcept {
  if (this != &other) {
    if (impl_ && closes_) static_cast<void>(impl_->close().has_value());
    impl_ = std::move(other.impl_);
    closes_ = other.closes_;
  }
  return *this;
}
Store::~Store() {
  if (impl_ && closes_) static_cast<void>(impl_->close().has_value());
}

Store Store::share() const {
  Store handle(impl_);
  handle.closes_ = false;
  return handle;
}
Status Store::attach(std::shared_ptr<Companion> companion) {
  return impl_->attach(std::move(companion));
}
void Store::detach() { impl_->detach(); }
std::shared_ptr<Store::Companion> Store::companion() const { return impl_->companion(); }

Result<Store> Store::open(const fs::path& directory, const StoreOptions& options) {
  if (auto status = model::check_options(options); !status) return std::move(status).error();
  auto thresholds = model::resolve_thresholds(options.thresholds, model::process_environment);
  if (!thresholds) return std::move(thresholds).error();
  if (auto status = check_directory(directory, options); !status) return std::move(status).error();
  auto journal = storage::open_rocksdb_journal(log_directory(directory),
                                               {options.create_if_missing, options.read_only});
  if (!journal) return std::move(journal).error();
  auto impl = std::make_shared<Impl>(directory, options, *thresholds, *std::move(journal));
  if (auto status = impl->recover(); !status) return std::move(status).error();
  return Store(std::move(impl));
}

Result<Store> Store::open_in_memory(const StoreOptions& options) {
  if (auto status = model::check_options(options); !status) return std::move(status).error();
  auto thresholds = model::resolve_thresholds(options.thresholds, model::process_environment);
  if (!thresholds) return std::move(thresholds).error();
  auto impl =
      std::make_shared<Impl>(fs::path(), options, *thresholds, storage::open_memory_journal());
  if (auto status = impl->recover(); !status) return std::move(status).error();
  return Store(std::move(impl));
}

Result<Tenant> Store::tenant(std::string_view id) const {
  if (auto status = impl_->enter(Impl::Access::kRead); !status) return std::move(status).error();
  if (auto status = model::check_tenant_id(id); !status) return std::move(status).error();
  return Tenant(
      std::make_shared<Tenant::Impl>(impl_, impl_->catalog.tenant(id, impl_->options.vectors)));
}

Tenant::Tenant(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

std::vector<std::string> Store::tenants() const {
  std::vector<std::string> ids;
  for (const auto& tenant : impl_->catalog.tenants()) ids.push_back(tenant->id());
  return ids;
}

StoreStats Store::stats() const { return impl_->stats(); }
std::uint64_t Store::revision() const { return impl_->revision(); }
std::uint64_t Store::durable_revision() const { return impl_->durable_revision(); }
Status Store::make_durable() { return impl_->make_durable(); }
Result<VerifyReport> Store::verify() const { return impl_->verify(); }
Result<SnapshotInfo> Store::snapshot(const fs::path& to, std::optional<std::uint64_t> since) const {
  return impl_->snapshot(to, since);
}
Status Store::purge() { return impl_->purge(); }
void Store::wait_for_indexing() const { impl_->wait_for_indexing(); }
Status Store::close() { return impl_->close(); }

Result<SnapshotInfo> Store::restore(const fs::path& from, const fs::path& directory) {
  if (auto status = check_new_directory(directory); !status) return std::move(status).error();
  auto snapshot = storage::SnapshotReader::open(from);
  if (!snapshot) return std::move(snapshot).error();
  if (snapshot->info().since) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} holds only what changed after revision {}; a restore needs a full "
                             "snapshot",
                             from.string(), *snapshot->info().since),
                 "from"};
  }
  auto journal = storage::open_rocksdb_journal(log_directory(directory), {});
  if (!journal) return std::move(journal).error();
  Status status = copy_rows(*snapshot, **journal);
  if (auto closed = (*journal)->close(); !closed && status) status = closed;
  if (!status) return std::move(status).error();
  return snapshot->info();
}

}  // namespace tulving
