#include "core/engine/store/store_impl.h"

#include <fmt/format.h>

#include <chrono>
#include <new>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/engine/record/not_found.h"
#include "core/engine/store/index_checkpoint.h"
#include "core/engine/store/store_format.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving {

namespace {

// Of the sabotage, all but the erased rows comes first.
Status append_batch(storage::Journal& journal, const storage::JournalBatch& batch) {
  if (!TULVING_SABOTAGE(kDeleteLoggedLate)) return journal.append(batch);
  storage::JournalBatch puts, erases;
  for (const auto& operation : batch.operations()) {
    if (operation.is_put) puts.put(operation.table, operation.key, operation.value());
    if (!operation.is_put) erases.erase(operation.table, operation.key);
  }
  if (auto status = journal.append(puts); !status || erases.empty()) return status;
  TULVING_KILL_POINT("sabotage.between");
  return journal.append(erases);
}

}  // namespace

Store::Impl::Impl(std::filesystem::path path, const StoreOptions& opened_with,
                  const Thresholds& resolved, std::unique_ptr<storage::Journal> log,
                  FileSystem& file_system)
    : directory(std::move(path)),
      options(opened_with),
      thresholds(resolved),
      journal(std::move(log)),
      files(file_system),
      embedding_(options.embedders.empty()
                     ? nullptr
                     : std::make_unique<engine::EmbeddingWorker>(embedding_host())) {}

engine::EmbeddingHost Store::Impl::embedding_host() {
  return {options, catalog, [this] { return is_whole(); },
          [this](const std::shared_ptr<engine::SharedTenant>& tenant,
                 const std::function<Status(engine::Transaction&)>& stage) {
            return write(tenant, false, stage);
          }};
}

Store::Impl::~Impl() {
  // Errors were the caller's to ask for through close(); what was acknowledged is in the log
  // already.
  close_quietly();
}

void Store::Impl::close_quietly() noexcept {
  try {
    static_cast<void>(close().has_value());
  } catch (const std::exception&) {
    // Without memory for an error either. The members close what is open.
  }
}

Status Store::Impl::enter(Access access) const {
  if (closed_.load(std::memory_order_relaxed)) {
    return Error{ErrorCode::kInvalidArgument, "the store is closed"};
  }
  if (is_torn_.load(std::memory_order_relaxed)) {
    return Error{ErrorCode::kResourceExhausted,
                 "memory ran out while a write came into RAM, which has a part of it now and the "
                 "log all; open the store again"};
  }
  if (access == Access::kWrite && options.read_only) {
    return Error{ErrorCode::kInvalidArgument, "the store was opened read-only"};
  }
  return {};
}

Result<engine::SharedTenant::Reading> Tenant::Impl::read() const {
  if (auto status = store->enter(Store::Impl::Access::kRead); !status) {
    return status.error();
  }
  auto reading = tenant->read();
  // Again: who waited for a write may have waited for one that tore.
  if (auto status = store->enter(Store::Impl::Access::kRead); !status) return status.error();
  if (tenant->is_dropped()) return engine::dropped(tenant->id());
  return reading;
}

Status Store::Impl::write(const std::shared_ptr<engine::SharedTenant>& tenant, bool dry_run,
                          const std::function<Status(engine::Transaction&)>& stage,
                          engine::Followed* followed) {
  std::uint64_t written = 0;
  bool has_work_for_indexer = false;
  std::vector<engine::RecordPtr> without_vector;
  {
    const MutexLock lock(write_mutex_);
    if (auto status = enter_to_append(); !status) return status;
    if (tenant->is_dropped()) return engine::dropped(tenant->id());
    engine::Transaction transaction({catalog, *journal, options, now(), revision_.load() + 1},
                                    tenant);
    if (auto status = stage(transaction); !status) return status;
    auto following = engine::follow(transaction);
    if (!following) return following.error();
    if (followed != nullptr) *followed = *std::move(following);
    if (dry_run || transaction.empty()) return {};
    if (auto status = transaction.check_room(); !status) return status;
    if (auto status = memory_.check(transaction.growth(), transaction.batch().bytes()); !status) {
      return status;
    }
    if (embedding_) without_vector = engine::without_vector(transaction);
    auto status = append(transaction.tenant_number(), transaction.batch(),
                         [&] { transaction.apply(is_torn_); });
    if (!status) return status;
    // What an opening would have to replay: a batch counts as the memories in it.
    checkpointed_changes_ += std::max<std::size_t>(1, transaction.memory_changes().size());
    written = revision_.load();
    has_work_for_indexer = transaction.wants_building();
  }
  if (has_work_for_indexer) request_indexing();
  if (options.durability == Durability::kDurable) {
    if (auto status = wait_durable(written); !status) return status;
    TULVING_KILL_POINT("write.durable");
  }
  if (!without_vector.empty()) embedding_->after_write(tenant, without_vector);
  return {};
}

Status Store::Impl::enter_to_append() const {
  // In the lock: who waited for it beside a close() is refused here, not by a closed log.
  if (auto status = enter(Access::kWrite); !status) return status;
  if (!poisoned_) return {};
  return Error{ErrorCode::kIo,
               "an earlier write failed; the store refuses writes until it is opened again"};
}

Status Store::Impl::append(std::uint32_t tenant, storage::JournalBatch& batch,
                           const std::function<void()>& apply) {
  TULVING_DCHECK(!poisoned_);
  const std::uint64_t revision = revision_.load() + 1;  // (1): nobody comes between.
  poisoned_ = true;  // Until all is done: an exception may leave from anywhere.
  if (auto status = feed_.stage(*journal, tenant, revision, batch); !status) {
    poisoned_ = false;
    return status;
  }
  // In the same batch: a write and the incarnation that it is of are there together or not at all.
  if (!has_begun_) {
    batch.put(storage::Table::kMeta, storage::store_key(), row_of_new_incarnation(revision));
  }
  if (TULVING_SABOTAGE(kApplyBeforeLog)) apply();
  TULVING_KILL_POINT("write.staged");
  if (auto status = append_batch(*journal, batch); !status) return status;
  TULVING_KILL_POINT("write.appended");
  if (!TULVING_SABOTAGE(kApplyBeforeLog)) apply();  // (2)
  revision_.store(revision);
  poisoned_ = false;
  TULVING_KILL_POINT("write.applied");
  return {};
}

std::string Store::Impl::row_of_new_incarnation(std::uint64_t revision) {
  TULVING_DCHECK(!has_begun_);
  has_begun_ = true;
  const MutexLock lock(incarnations_mutex_);
  incarnations_.begin(Uuid::random(), revision_.load());
  return storage::encode_store({engine::kFormat, store_id_, revision, incarnations_});
}

// The revision first: one that it has come to is of the incarnation that is read after it, or is
// where that began.
Position Store::Impl::position() const {
  const std::uint64_t at = revision_.load();
  const MutexLock lock(incarnations_mutex_);
  return {at, incarnations_.newest()};
}

bool Store::Impl::contains(const Position& position) const {
  const std::uint64_t at = revision_.load();
  const MutexLock lock(incarnations_mutex_);
  return incarnations_.contains(position, at);
}

Status Store::Impl::make_durable() {
  if (auto status = enter(Access::kRead); !status) return status;
  if (options.read_only) return {};
  return wait_durable(revision_.load());
}

void Store::Impl::poison() {
  const MutexLock lock(write_mutex_);
  poisoned_ = true;
}

void Store::Impl::end_sync() {
  sync_running_ = false;
  sync_done_.notify_all();
}

// Group commit: one thread fsyncs for all that wait; those that come during an fsync share the
// next.
Status Store::Impl::wait_durable(std::uint64_t wanted) {
  MutexLock lock(sync_mutex_);
  while (durable_revision_.load() < wanted) {
    if (sync_running_) {
      sync_done_.wait(sync_mutex_);
      continue;
    }
    sync_running_ = true;
    lock.unlock();
    const std::uint64_t covered = revision_.load();
    TULVING_DCHECK(covered >= wanted);  // What is waited for was appended before.
    Status status;
    try {
      status = journal->make_durable();
    } catch (const std::exception&) {  // No memory: whoever waits must still be woken.
      lock.lock();
      end_sync();
      lock.unlock();
      poison();
      throw;
    }
    lock.lock();
    end_sync();
    if (!status) {
      // close() synced what was appended before it, then closed the log under us.
      if (durable_revision_.load() >= wanted) return {};
      lock.unlock();
      poison();
      lock.lock();
      return status;
    }
    if (covered > durable_revision_.load()) durable_revision_.store(covered);
    TULVING_DCHECK(durable_revision_.load() <= revision_.load());  // (3)
  }
  return {};
}

Status Store::Impl::attach(std::shared_ptr<Companion> companion) {
  const MutexLock lock(companion_mutex_);
  if (auto status = enter(Access::kRead); !status) return status;
  if (companion_) return Error{ErrorCode::kConflict, "the store's maintenance runs already"};
  TULVING_DCHECK(companion != nullptr);
  companion_ = std::move(companion);
  return {};
}

void Store::Impl::detach() {
  std::shared_ptr<Companion> companion;
  const MutexLock lock(companion_mutex_);
  if (companion_) companion_->stop();
  companion.swap(companion_);
}

std::shared_ptr<Store::Companion> Store::Impl::companion() const {
  const MutexLock lock(companion_mutex_);
  return companion_;
}

Status Store::Impl::close() {
  std::shared_ptr<Companion> companion;  // Goes after the lock: it has a handle on this.
  {
    const MutexLock lock(companion_mutex_);
    if (companion_) companion_->stop();
    companion.swap(companion_);
    if (closed_.exchange(true)) return {};
  }
  if (embedding_) embedding_->stop();
  stop_background();
  const MutexLock lock(write_mutex_);
  if (options.read_only) return journal->close();
  TULVING_KILL_POINT("close.begin");
  // The log first: a checkpoint must not outlive what it was made of.
  Status result = journal->make_durable();
  if (result) {
    durable_revision_.store(revision_.load());  // Before the log goes: wait_durable() may ask.
    if (!poisoned_) result = checkpoint_if_it_fits();
  }
  TULVING_KILL_POINT("close.checkpoints");
  if (auto status = journal->close(); !status && result) result = status;
  TULVING_KILL_POINT("close.closed");
  return result;
}

// A checkpoint saves work, no more: the log must be closed in order without one too.
Status Store::Impl::checkpoint_if_it_fits() {
  try {
    return checkpoint();
  } catch (const std::bad_alloc&) {
    return {};  // What was written of it bears no end, or another revision.
  }
}

Status Store::Impl::purge() {
  const MutexLock lock(write_mutex_);
  if (auto status = enter(Access::kWrite); !status) return status;
  // Checkpoints may hold terms and codes of what was erased; they are rebuilt at close().
  checkpointed_changes_ = ~std::uint64_t{0} / 2;
  if (!directory.empty()) {
    // An open file is not gone when its name is.
    for (const auto& tenant : catalog.tenants()) {
      const auto state = tenant->write();
      for (const auto& [model, index] : state->vectors) index->finish_loading();
    }
    if (auto status = engine::remove_checkpoints(files, directory); !status) return status;
  }
  TULVING_KILL_POINT("purge.no_checkpoints");
  return journal->purge();
}

Status Store::Impl::check_since(const Position& since, const Position& now) const {
  // Without an incarnation it is of the history that the store has, if it can be at all.
  const bool is_bare = since.incarnation.is_nil();
  if (is_bare ? since.revision <= now.revision : contains(since)) return {};
  if (is_bare) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("since is {}; the store is at revision {}", since.revision, now.revision),
        "since"};
  }
  return Error{ErrorCode::kConflict,
               fmt::format("since is {}; this store is at {} and was never there: take all of it "
                           "anew",
                           since.to_string(), now.to_string()),
               "since"};
}

// The lock is held for the moment of the cut only; what is read of it is read beside reads and
// writes. Whoever gets something has it for good, so it must not go with a power loss: then the
// store would be behind those that follow it.
Result<Store::Impl::Cut> Store::Impl::cut(const std::optional<Position>& since) {
  if (auto status = enter(Access::kRead); !status) return status.error();
  Cut cut;
  {
    const MutexLock lock(write_mutex_);
    cut = {journal->snapshot(), position()};
  }
  TULVING_DCHECK(cut.reader != nullptr && cut.position.revision <= revision_.load());
  if (since) {
    if (auto status = check_since(*since, cut.position); !status) return status.error();
  }
  if (!options.read_only) {
    if (auto status = wait_durable(cut.position.revision); !status) return status.error();
  }
  TULVING_DCHECK(durable_revision_.load() >= cut.position.revision);  // (3)
  return cut;
}

std::uint64_t Store::Impl::record_count() const {
  std::uint64_t records = 0;
  for (const auto& tenant : catalog.tenants()) {
    const engine::TenantState& state = tenant->seen_by_writer();
    records += state.memories.size() + state.plans.size() + state.erased_ids.size();
    kinds::PlainKinds::each(
        [&]<class Record>(kinds::Tag<Record>) { records += state.records.of<Record>().size(); });
  }
  return records;
}

Result<SnapshotInfo> Store::Impl::snapshot(const std::filesystem::path& to,
                                           const std::optional<Position>& since) {
  auto from = cut(since);
  if (!from) return from.error();
  std::uint64_t records = 0;
  if (since) {
    const MutexLock lock(write_mutex_);
    records = record_count();
  }
  const auto since_revision = since ? std::optional(since->revision) : std::nullopt;
  return storage::write_snapshot(
      *from->reader,
      {store_id_, from->position.revision, since_revision, records, from->position.incarnation}, to,
      files);
}

}  // namespace tulving
