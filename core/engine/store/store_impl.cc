#include "core/engine/store/store_impl.h"

#include <fmt/format.h>

#include <chrono>
#include <new>

#include "core/base/check.h"
#include "core/base/files/directories.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving {
Store::Impl::Impl(std::filesystem::path path, const StoreOptions& opened_with,
                  const Thresholds& resolved, std::unique_ptr<storage::Journal> log,
                  FileSystem& file_system)
    : directory(std::move(path)),
      options(opened_with),
      thresholds(resolved),
      journal(std::move(log)),
      files(file_system) {}

Store::Impl::~Impl() {
  // Errors were the caller's to ask for through close(); what was acknowledged is in the log
  // already.
  try {
    const Status ignored = close();
    static_cast<void>(ignored);
  } catch (const std::bad_alloc&) {
    stop_background();  // Threads that still run would end the process.
  }
}

Status Store::Impl::enter(Access access) const {
  if (closed_.load(std::memory_order_relaxed)) {
    return Error{ErrorCode::kInvalidArgument, "the store is closed"};
  }
  if (broken_.load(std::memory_order_relaxed)) {
    return Error{ErrorCode::kResourceExhausted,
                 "memory ran out in the middle of a write, which the log has; close the store and "
                 "open it again"};
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
  return tenant->read();
}

Status Store::Impl::write(const std::shared_ptr<engine::SharedTenant>& tenant, bool dry_run,
                          const std::function<Status(engine::Transaction&)>& stage,
                          engine::Followed* followed) {
  std::uint64_t written = 0;
  {
    const MutexLock lock(write_mutex_);
    // In the lock: who waited for it beside a close() is refused here, not by a closed log.
    if (auto status = enter(Access::kWrite); !status) return status;
    if (poisoned_) {
      return Error{
          ErrorCode::kIo,
          "an earlier write failed, or memory ran out; the store refuses writes until it is "
          "opened again"};
    }
    const engine::Transaction::Context context{catalog, *journal, options, now(),
                                               revision_.load() + 1};
    auto transaction = std::make_unique<engine::Transaction>(context, tenant);
    try {
      if (auto status = stage(*transaction); !status) return status;
      auto following = engine::follow(*transaction);
      if (!following) return following.error();
      if (followed != nullptr) *followed = *std::move(following);
      if (dry_run || transaction->empty()) return {};
      if (auto status = transaction->check_room(); !status) return status;
      if (auto status = append(*transaction, tenant); !status) return status;
    } catch (const std::bad_alloc&) {
      // Left as it is: Abseil's hash tables that ran out of memory free what is none as they go.
      static_cast<void>(transaction.release());
      throw;
    }
    written = revision_.load();
  }
  request_indexing();
  if (options.durability == Durability::kDurable) return wait_durable(written);
  return {};
}

Status Store::Impl::append(engine::Transaction& transaction,
                           const std::shared_ptr<engine::SharedTenant>& tenant) {
  TULVING_DCHECK(!poisoned_);
  TULVING_DCHECK(transaction.revision() == revision_.load() + 1);  // (1): nobody came between.
  auto kept = std::make_unique<std::shared_ptr<engine::SharedTenant>>(tenant);
  poisoned_ = true;  // (2), until RAM has what the log has, whatever is thrown meanwhile.
  if (auto status = feed_.stage(*journal, transaction.tenant_number(), transaction.revision(),
                                transaction.batch());
      !status) {
    poisoned_ = false;
    return status;
  }
  if (auto status = journal->append(transaction.batch()); !status) return status;
  try {
    transaction.apply();
  } catch (const std::bad_alloc&) {
    broken_.store(true);
    static_cast<void>(kept.release());  // Its tables, too, are left as they are.
    throw;
  }
  poisoned_ = false;
  revision_.store(transaction.revision());
  ++checkpointed_changes_;
  return {};
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
    } catch (const std::bad_alloc&) {
      status = Error{ErrorCode::kResourceExhausted, "out of memory"};  // Short: it takes none.
    }
    lock.lock();
    sync_running_ = false;
    sync_done_.notify_all();
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
  stop_background();
  const MutexLock lock(write_mutex_);
  if (options.read_only) return journal->close();
  Status result;
  try {
    if (!poisoned_) result = checkpoint();
  } catch (const std::bad_alloc&) {
    // Its indexes are built anew by the next opening; what follows matters more.
  }
  if (auto status = journal->make_durable(); status) {
    durable_revision_.store(revision_.load());  // Before the log goes: wait_durable() may ask.
  } else if (result) {
    result = status;
  }
  if (auto status = journal->close(); !status && result) result = status;
  return result;
}

Status Store::Impl::purge() {
  const MutexLock lock(write_mutex_);
  if (auto status = enter(Access::kWrite); !status) return status;
  // Checkpoints may hold terms and codes of what was erased; they are rebuilt at close().
  if (!directory.empty()) (void)remove_all(files, directory / "index").has_value();
  checkpointed_changes_ = ~std::uint64_t{0} / 2;
  return journal->purge();
}

// Held for the moment of the cut only; what is read of it is read beside reads and writes.
Result<Store::Impl::Cut> Store::Impl::cut(std::optional<std::uint64_t> since) {
  if (auto status = enter(Access::kRead); !status) return status.error();
  Cut cut;
  {
    const MutexLock lock(write_mutex_);
    cut = {journal->snapshot(), revision_.load()};
  }
  TULVING_DCHECK(cut.reader != nullptr && cut.revision <= revision_.load());
  if (since && *since > cut.revision) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("since is {}; the store is at revision {}", *since, cut.revision),
                 "since"};
  }
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
                                           std::optional<std::uint64_t> since) {
  auto from = cut(since);
  if (!from) return from.error();
  std::uint64_t records = 0;
  if (since) {
    const MutexLock lock(write_mutex_);
    records = record_count();
  }
  return storage::write_snapshot(*from->reader, {store_id_, from->revision, since, records}, to,
                                 files);
}

}  // namespace tulving
