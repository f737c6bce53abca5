#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "core/base/files/file_system.h"
#include "core/base/incarnations.h"
#include "core/base/mutex.h"
#include "core/engine/embed/embedding_worker.h"
#include "core/engine/follow/follow.h"
#include "core/engine/state/catalog.h"
#include "core/engine/store/change_feed.h"
#include "core/engine/store/memory_guard.h"
#include "core/engine/store/recovery.h"
#include "core/engine/write/transaction.h"
#include "storage/journal.h"
#include "tulving/store.h"

namespace tulving {

/// What a Store and its Tenant handles share. Invariants:
/// (1) One write at a time: write_mutex_ is held from the first check of a write until RAM has it.
/// (2) RAM follows the log: a change is applied only after its batch was appended; if applying
///     fails (no memory), RAM has a part of it, and the store refuses reads and writes.
/// (3) revision_ is the greatest revision in the log, durable_revision_ the greatest that is
///     fsynced; what leaves the store, by a snapshot or a page of changes, is of durable revisions.
/// (4) Lock order: write_mutex_, then a tenant's mutex, then the catalog's. Readers take the last
///     two only.
class Store::Impl {
 public:
  Impl(std::filesystem::path path, const StoreOptions& opened_with, const Thresholds& resolved,
       std::unique_ptr<storage::Journal> log, FileSystem& file_system);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  /// Reads the log into RAM, then starts background work.
  Status recover();
  /// After a recover() that failed: nothing is written any more, and no close in order promises
  /// what an fsync, which may have failed, was to keep.
  void abandon() { closed_ = true; }

  /// Stages and commits one write: `stage` fills the transaction. Nothing staged, or `dry_run`:
  /// nothing is written and the revision stays. What is made of what it changes follows in the same
  /// batch; `followed`, not null, is told of it.
  Status write(const std::shared_ptr<engine::SharedTenant>& tenant, bool dry_run,
               const std::function<Status(engine::Transaction&)>& stage,
               engine::Followed* followed = nullptr);

  /// See Store::drop_tenant().
  Result<std::uint64_t> drop_tenant(std::string_view id);

  Status close();
  /// For destructors: errors are lost.
  void close_quietly() noexcept;
  /// Takes on what must stop before the store closes. kConflict: there is one.
  Status attach(std::shared_ptr<Companion> companion);
  void detach();
  [[nodiscard]] std::shared_ptr<Companion> companion() const;
  Status make_durable();
  Status checkpoint() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  Status purge();
  Result<VerifyReport> verify();
  Result<SnapshotInfo> snapshot(const std::filesystem::path& to,
                                const std::optional<Position>& since);
  Result<ChangePage> changes(const Position& since, std::size_t limit);
  [[nodiscard]] StoreStats stats() const;
  void wait_for_indexing() const;

  /// The one gate: every call that reads or writes the store passes it first.
  /// kInvalidArgument: the store is closed, or is read-only and the call would write.
  enum class Access : std::uint8_t { kRead, kWrite };
  [[nodiscard]] Status enter(Access access) const;
  [[nodiscard]] Timestamp now() const { return options.clock ? options.clock() : system_now(); }
  /// Whether RAM has all of every write; asked while a tenant is held.
  [[nodiscard]] bool is_whole() const { return !is_torn_.load(); }
  /// Tells the indexer that `tenant` has vectors for its graph.
  void request_indexing();
  /// Null: the options name no embedder.
  [[nodiscard]] engine::EmbeddingWorker* embedding() const { return embedding_.get(); }

  const std::filesystem::path directory;  ///< Empty: in memory.
  const StoreOptions options;
  const Thresholds thresholds;
  engine::Catalog catalog;
  const std::unique_ptr<storage::Journal> journal;
  FileSystem& files;  ///< What is ours in `directory` lies on it, and snapshots.

  [[nodiscard]] const Uuid& id() const { return store_id_; }
  [[nodiscard]] std::uint64_t revision() const { return revision_.load(); }
  [[nodiscard]] std::uint64_t durable_revision() const { return durable_revision_.load(); }
  /// Where the store is, and whether it was at `position` once.
  [[nodiscard]] Position position() const;
  [[nodiscard]] bool contains(const Position& position) const;

 private:
  Status raise_format();
  [[nodiscard]] engine::LogHead log_head() const;
  Status recover_meta(const storage::JournalReader& reader);
  void remove_checkpoints_of_dropped();
  /// enter(), by whoever is about to append. kIo: an earlier write failed.
  [[nodiscard]] Status enter_to_append() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  /// Appends the batch of the next revision, with what every write adds to it, and then calls
  /// `apply`, which brings it into RAM.
  Status append(std::uint32_t tenant, storage::JournalBatch& batch,
                const std::function<void()>& apply) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  /// The store's row, as this opening's incarnation has it from `revision` on.
  [[nodiscard]] std::string row_of_new_incarnation(std::uint64_t revision)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  Status begin_first_incarnation();
  /// The log as of a write, which is durable, and that write's position.
  struct Cut {
    std::unique_ptr<storage::JournalReader> reader;
    Position position;
  };
  /// kInvalidArgument, kConflict: the store was never at `since`.
  Result<Cut> cut(const std::optional<Position>& since);
  [[nodiscard]] Status check_since(const Position& since, const Position& now) const;
  /// How many records there are. The caller holds write_mutex_.
  [[nodiscard]] std::uint64_t record_count() const;
  Status wait_durable(std::uint64_t wanted);
  void end_sync() ABSL_EXCLUSIVE_LOCKS_REQUIRED(sync_mutex_);
  Status checkpoint_if_it_fits() ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_);
  void poison();  ///< RAM and log may differ from now on: no more writes.
  [[nodiscard]] std::uint64_t ram_bytes() const;
  Status start_background();
  void stop_background();
  void sync_loop();
  void index_loop();
  bool index_once();
  /// True: it is damaged, and to be built.
  bool load_once(engine::SharedTenant& tenant, index::VectorIndex& index) const;
  /// A turn of building one index, on several threads where there is much to do. True while more
  /// work waits.
  bool build_for_a_turn(index::VectorIndex& index) const;
  [[nodiscard]] bool is_stopping() const;
  [[nodiscard]] bool indexing_caught_up() const;
  [[nodiscard]] std::uint64_t vectors_in_graphs() const;
  engine::EmbeddingHost embedding_host();

  mutable Mutex companion_mutex_;  ///< Before all other locks.
  std::shared_ptr<Companion> companion_ ABSL_GUARDED_BY(companion_mutex_);

  Mutex write_mutex_ ABSL_ACQUIRED_AFTER(companion_mutex_);
  bool poisoned_ ABSL_GUARDED_BY(write_mutex_) = false;
  /// Changes since the checkpoint.
  std::uint64_t checkpointed_changes_ ABSL_GUARDED_BY(write_mutex_) = 0;
  /// Vectors that the checkpoint's graphs have: building a year's anew takes 20 minutes.
  std::uint64_t checkpointed_in_graphs_ ABSL_GUARDED_BY(write_mutex_) = 0;
  std::atomic<bool> closed_ = false;
  std::atomic<bool> is_torn_ = false;  ///< RAM has a part of a write: see (2).
  std::atomic<std::uint64_t> revision_ = 0;
  std::atomic<std::uint64_t> durable_revision_ = 0;
  Uuid store_id_;                                         ///< Constant once recovered.
  bool has_begun_ ABSL_GUARDED_BY(write_mutex_) = false;  ///< This opening is an incarnation.
  mutable Mutex incarnations_mutex_;                      ///< Never held while another is taken.
  Incarnations incarnations_ ABSL_GUARDED_BY(incarnations_mutex_);
  engine::ChangeFeed feed_ ABSL_GUARDED_BY(write_mutex_){[this] { return record_count(); }};

  engine::MemoryGuard memory_ ABSL_GUARDED_BY(write_mutex_){options.memory_max,
                                                            [this] { return ram_bytes(); }};

  Mutex sync_mutex_;  ///< The group commit's queue. Never held while another is taken.
  ConditionVariable sync_done_;
  bool sync_running_ ABSL_GUARDED_BY(sync_mutex_) = false;

  mutable Mutex background_mutex_;  ///< Never held while another is taken.
  mutable ConditionVariable background_wake_;
  bool stopping_ ABSL_GUARDED_BY(background_mutex_) = false;
  bool indexing_requested_ ABSL_GUARDED_BY(background_mutex_) = false;
  bool indexing_busy_ ABSL_GUARDED_BY(background_mutex_) = false;
  bool indexing_failed_ ABSL_GUARDED_BY(background_mutex_) = false;  ///< A graph is half made.
  std::thread sync_thread_;
  std::thread index_thread_;
  const std::unique_ptr<engine::EmbeddingWorker> embedding_;
};

/// What a Tenant handle is: the store's shared part and this tenant. Its members go in through
/// read() and write().
class Tenant::Impl {
 public:
  Impl(std::shared_ptr<Store::Impl> shared_store,
       std::shared_ptr<engine::SharedTenant> shared_tenant)
      : store(std::move(shared_store)), tenant(std::move(shared_tenant)) {}

  /// The tenant as it is, which stays so while the result lives. As Store::Impl::enter().
  [[nodiscard]] Result<engine::SharedTenant::Reading> read() const;
  /// As Store::Impl::write().
  Status write(const std::function<Status(engine::Transaction&)>& stage, bool dry_run = false,
               engine::Followed* followed = nullptr) const {
    return store->write(tenant, dry_run, stage, followed);
  }

  /// Of a request whose text is embedded already, by `embedded_by` if it is not empty.
  [[nodiscard]] Result<SearchResponse> search(const SearchRequest& request,
                                              std::chrono::steady_clock::time_point started,
                                              const std::string& embedded_by) const;

  const std::shared_ptr<Store::Impl> store;
  const std::shared_ptr<engine::SharedTenant> tenant;

  static const Impl& of(const Tenant& tenant) { return *tenant.impl_; }
  static Status export_memories(const Tenant& tenant,
                                const std::function<Status(const Record&)>& visit,
                                bool with_embeddings);
};

}  // namespace tulving
