#include "tulving/store.h"

#include <fmt/format.h>

#include <set>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/files/directories.h"
#include "core/engine/embed/query_embedder.h"
#include "core/engine/store/index_checkpoint.h"
#include "core/engine/store/recovery.h"
#include "core/engine/store/store_files.h"
#include "core/engine/store/store_format.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/rules.h"
#include "core/model/rules/thresholds.h"
#include "storage/memory/memory_journal.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;
using engine::kFormat;
using storage::Table;

}  // namespace

Status Store::Impl::recover_meta(const storage::JournalReader& reader) {
  auto row = reader.get(Table::kMeta, storage::store_key());
  if (!row) return row.error();
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
    TULVING_KILL_POINT("recover.new_store");
    return begin_first_incarnation();
  }
  auto store = storage::decode_store(**row);
  if (!store) return store.error();
  if (store->format > kFormat) {
    return Error{ErrorCode::kCorruption,
                 fmt::format("{}: format is {}; this library reads up to {}", directory.string(),
                             store->format, kFormat)};
  }
  store_id_ = store->store_id;
  revision_ = store->revision;
  {
    const MutexLock lock(incarnations_mutex_);
    incarnations_ = std::move(store->incarnations);
  }
  auto models =
      reader.scan(Table::kMeta, "m", [&](std::string_view key, std::string_view value) -> Status {
        auto model = storage::decode_model(value);
        if (!model) return model.error();
        if (storage::model_key(model->number) != key || catalog.model(model->name)) {
          return Error{ErrorCode::kCorruption,
                       fmt::format("embedding model \"{}\" has another's row", model->name)};
        }
        revision_ = std::max(revision_.load(), model->revision);
        catalog.add_model(*model);
        return {};
      });
  if (!models) return models;
  auto dropped = reader.scan(
      Table::kMeta, storage::kDroppedPrefix,
      [&](std::string_view key, std::string_view value) -> Status {
        const auto tenant = storage::decode_tenant(value);
        if (!tenant) return tenant.error();
        if (storage::dropped_key(tenant->tenant_id) != key) {
          return Error{ErrorCode::kCorruption,
                       fmt::format("dropped tenant \"{}\" has another's row", tenant->tenant_id)};
        }
        revision_ = std::max(revision_.load(), tenant->revision);
        catalog.retire_number(tenant->number);
        return {};
      });
  if (!dropped) return dropped;
  return reader.scan(
      Table::kMeta, "t", [&](std::string_view key, std::string_view value) -> Status {
        auto tenant = storage::decode_tenant(value);
        if (!tenant) return tenant.error();
        revision_ = std::max(revision_.load(), tenant->revision);
        const auto shared = catalog.tenant(tenant->tenant_id, options.vectors);
        if (storage::tenant_key(tenant->number) != key || shared->read()->number) {
          return Error{ErrorCode::kCorruption,
                       fmt::format("tenant \"{}\" has another's row", tenant->tenant_id)};
        }
        shared->write()->vaults = std::move(tenant->vaults);
        catalog.register_tenant(shared, tenant->number);
        return {};
      });
}

// Of a store that is new, or was written by releases that knew none: so whatever leaves a store
// that is written to says of which history it is.
Status Store::Impl::begin_first_incarnation() {
  const MutexLock lock(write_mutex_);  // Nobody else is here yet.
  storage::JournalBatch batch;
  batch.put(Table::kMeta, storage::store_key(), row_of_new_incarnation(revision_.load()));
  return journal->append(batch);
}

// From here on an older release would misread what is written.
Status Store::Impl::raise_format() {
  if (options.read_only) return {};
  const auto row = journal->get(Table::kMeta, storage::store_key());
  if (!row) return row.error();
  if (!*row) return {};  // A new store; or what is missing is told by recover_meta().
  const auto store = storage::decode_store(**row);
  if (!store) return store.error();
  return store->format < kFormat ? engine::raise_format(*journal, *store) : Status();
}

// What a drop that was cut short left of them.
void Store::Impl::remove_checkpoints_of_dropped() {
  if (directory.empty() || options.read_only) return;
  std::set<std::uint32_t> living;
  for (const auto& tenant : catalog.tenants()) {
    if (const auto number = tenant->read()->number) living.insert(*number);
  }
  engine::remove_checkpoints_but(files, directory, living);
}

Status Store::Impl::recover() {
  TULVING_DCHECK(revision_.load() == 0 && catalog.tenants().empty());
  if (auto status = raise_format(); !status) return status;
  TULVING_KILL_POINT("recover.format");
  const auto reader = journal->snapshot();
  if (auto status = recover_meta(*reader); !status) return status;
  remove_checkpoints_of_dropped();
  if (const auto model = catalog.model(options.default_model);
      model && options.embedding_dim != 0 && model->dim != options.embedding_dim) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("embedding_dim is {}; model \"{}\" has {} in this store",
                             options.embedding_dim, model->name, model->dim),
                 "embedding_dim"};
  }
  if (auto status = engine::check_dimensions(options.embedders, catalog); !status) return status;
  auto recovered =
      engine::recover_tenants(*journal, *reader, log_head(), catalog, files, directory, options);
  if (!recovered) return recovered.error();
  revision_ = std::max(revision_.load(), recovered->revision);
  {
    const MutexLock lock(write_mutex_);  // Nobody else is here yet.
    if (auto status = feed_.open(*reader, revision_.load()); !status) return status;
    checkpointed_changes_ = recovered->replayed;
    checkpointed_in_graphs_ = vectors_in_graphs();
  }
  TULVING_KILL_POINT("recover.tenants");
  if (!options.read_only && position().incarnation.is_nil()) {
    if (auto status = begin_first_incarnation(); !status) return status;
  }
  if (!directory.empty()) {
    // What recovery read may be in the operating system's hands only, after a kill. Made durable as
    // it lies, whoever wrote it, it lets durable_revision() start at revision().
    if (auto status = sync_files(files, StoreFiles::log_directory(directory), "LOCK"); !status)
      return status;
  }
  durable_revision_ = revision_.load();
  TULVING_KILL_POINT("recover.durable");
  if (auto status = start_background(); !status) return status;
  request_indexing();
  return embedding_ ? embedding_->start() : Status();
}

engine::LogHead Store::Impl::log_head() const {
  const MutexLock lock(incarnations_mutex_);
  return {store_id_, incarnations_, revision_.load()};
}

std::uint64_t Store::Impl::vectors_in_graphs() const {
  std::uint64_t vectors = 0;
  for (const auto& tenant : catalog.tenants()) {
    const auto state = tenant->read();
    for (const auto& [model, index] : state->vectors) vectors += index->counts().in_graph;
  }
  return vectors;
}

// Written when reading it back saves real work: a tenth of the store, or some thousand memories,
// were written or joined a graph; or when the one that is there was found damaged.
Status Store::Impl::checkpoint() {
  if (directory.empty() || options.read_only) return {};
  {
    const MutexLock lock(background_mutex_);
    if (indexing_failed_) return {};
  }
  std::uint64_t memories = 0;
  std::uint64_t changes = checkpointed_changes_;
  bool is_damaged = false;
  const auto tenants = catalog.tenants();
  for (const auto& tenant : tenants) {
    const auto state = tenant->read();
    memories += state->memories.size();
    static_cast<void>(state->text());  // A late one says what it took.
    changes += state->texts_made_anew();
    for (const auto& [model, index] : state->vectors) {
      is_damaged = is_damaged || index->counts().damaged != 0;
    }
  }
  const std::uint64_t in_graphs = vectors_in_graphs();
  changes += in_graphs - std::min(in_graphs, checkpointed_in_graphs_);
  if (!is_damaged && changes < std::max<std::uint64_t>(memories / 10, 1000)) return {};
  const Position now = position();
  TULVING_DCHECK(durable_revision_.load() == now.revision);  // Or it might outlive what it is of.
  for (const auto& tenant : tenants) {
    const engine::TenantState& state = tenant->seen_by_writer();
    TULVING_DCHECK(state.number.has_value());  // The catalog lists who has been written to.
    const auto to = engine::checkpoint_directory(directory, *state.number);
    auto status = engine::save_checkpoint(
        files, to, state, {now.revision, now.incarnation, store_id_, *state.number, 0});
    if (!status) return status;
    TULVING_KILL_POINT("checkpoint.tenant");
  }
  checkpointed_changes_ = 0;
  checkpointed_in_graphs_ = in_graphs;
  return {};
}

Store::Store(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&& other) noexcept {
  if (this != &other) {
    if (impl_ && closes_) impl_->close_quietly();
    impl_ = std::move(other.impl_);
    closes_ = other.closes_;
  }
  return *this;
}
Store::~Store() {
  if (impl_ && closes_) impl_->close_quietly();
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
  return StoreFiles().open(directory, options);
}

Result<Store> Store::open_in_memory(const StoreOptions& options) {
  if (auto status = model::check_options(options); !status) return status.error();
  auto thresholds = model::resolve_thresholds(options.thresholds, model::process_environment);
  if (!thresholds) return thresholds.error();
  auto impl = std::make_shared<Impl>(fs::path(), options, *thresholds,
                                     storage::open_memory_journal(), FileSystem::machine());
  if (auto status = impl->recover(); !status) return status.error();
  return Store(std::move(impl));
}

Result<Tenant> Store::tenant(std::string_view id) const {
  if (auto status = impl_->enter(Impl::Access::kRead); !status) return status.error();
  if (auto status = model::check_tenant_id(id); !status) return status.error();
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
Uuid Store::id() const { return impl_->id(); }
Position Store::position() const { return impl_->position(); }
bool Store::contains(const Position& position) const { return impl_->contains(position); }
std::uint64_t Store::revision() const { return impl_->revision(); }
std::uint64_t Store::durable_revision() const { return impl_->durable_revision(); }
Status Store::make_durable() { return impl_->make_durable(); }
Result<VerifyReport> Store::verify() const { return impl_->verify(); }
Result<SnapshotInfo> Store::snapshot(const fs::path& to, std::optional<Position> since) const {
  return impl_->snapshot(to, since);
}
Result<ChangePage> Store::changes(const Position& since, std::size_t limit) const {
  return impl_->changes(since, limit);
}
Status Store::purge() { return impl_->purge(); }
void Store::wait_for_indexing() const { impl_->wait_for_indexing(); }
Status Store::wait_for_embedding() const {
  return impl_->embedding() != nullptr ? impl_->embedding()->wait() : Status();
}
Result<ReembedReport> Store::reembed(const ReembedOptions& options) {
  if (auto status = impl_->enter(Impl::Access::kWrite); !status) return status.error();
  if (impl_->embedding() == nullptr) {
    return Error{ErrorCode::kInvalidArgument,
                 "embedders: the store was opened with none, which reembed needs", "embedders"};
  }
  return impl_->embedding()->reembed(options);
}
Status Store::close() { return impl_->close(); }

Result<SnapshotInfo> Store::restore(const fs::path& from, const fs::path& directory) {
  return StoreFiles().restore(from, directory);
}

}  // namespace tulving
