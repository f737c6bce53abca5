#include "storage/rocksdb/rocksdb_journal.h"

#include <fmt/format.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/files/io_error.h"
#include "core/base/mutex.h"
#include "storage/closed_reader.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/options.h"
#include "storage/rocksdb/owned_files.h"
#include "storage/rocksdb/rocksdb_journal_internal.h"
#include "storage/rocksdb/status.h"

// Invariants:
//  (1) After a failed append or sync `failure_` is set, and no later one reaches RocksDB: what is
//  on
//      disk is unknown, and a second fsync may report success for pages the first one dropped.
//  (2) `durable_` is a sequence number whose write, and all before it, were synced.
//  (3) After an exception of RocksDB's the journal has failed, too: see Database::is_lost.
//  (4) `database_` is null from close() on; everything else holds `lifetime_` shared while it uses
//      it.
//  (5) `noted_` <= `durable_`: the marker promises nothing that was not synced.

namespace tulving::storage {
namespace {

rocksdb::Slice slice(std::string_view bytes) { return {bytes.data(), bytes.size()}; }

/// Bytes that a batch takes at most in RocksDB's form, with its header and note.
std::size_t room_for(const JournalBatch& batch) {
  constexpr std::size_t frame_bytes = 64;
  constexpr std::size_t operation_bytes = 1 + 3 * 5;  // A tag, a family, two lengths.
  return frame_bytes + batch.operations().size() * operation_bytes + batch.bytes();
}

class RocksdbJournal final : public Journal {
 public:
  explicit RocksdbJournal(std::shared_ptr<Database> database)
      : directory_(database->directory),
        database_(std::move(database)),
        durable_(database_->db->GetLatestSequenceNumber()),
        noted_(database_->marker.sequence) {
    TULVING_DCHECK(database_->files != nullptr);  // It has the marker.
  }

  Status append(const JournalBatch& batch) override {
    const ReaderLock lock(lifetime_);
    if (auto status = check_writable(); !status) return status;
    const MutexLock write_lock(write_mutex_);
    rocksdb::WriteBatch& write = empty_batch(room_for(batch));
    fill(write, batch);
    // The log numbers operations: what is beside them in a batch counts for none.
    TULVING_DCHECK(static_cast<std::size_t>(write.Count()) == batch.operations().size());
    TULVING_KILL_POINT("log.append");
    rocksdb::DB& db = *database_->db;  // Named here, that clang sees the lock held.
    const auto status = call([&] { return db.Write(write_options(), &write); });
    TULVING_KILL_POINT("log.appended");
    if (!status.ok()) return fail(status, "an append");
    // (2). Read in this order: another thread may append and sync in between.
    [[maybe_unused]] const std::uint64_t durable = durable_.load();
    TULVING_DCHECK(db.GetLatestSequenceNumber() >= durable);
    return {};
  }

  Status make_durable() override {
    const ReaderLock lock(lifetime_);
    if (auto status = check_writable(); !status) return status;
    return sync(database_->db->GetLatestSequenceNumber());
  }

  Status note_durable() override {
    const ReaderLock lock(lifetime_);
    if (auto status = check_writable(); !status) return status;
    // A store that is being restored opens for nobody until close() says that it is whole.
    if (!database_->marker.is_ready()) return {};
    const MutexLock marker_lock(marker_mutex_);
    const std::uint64_t durable = durable_.load();
    return durable > noted_ ? note(durable) : Status();
  }

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    const ReaderLock lock(lifetime_);
    if (!database_) return journal_closed();
    return get_value(*database_, point_read_options(), table, key);
  }

  std::unique_ptr<JournalReader> snapshot() const override {
    const ReaderLock lock(lifetime_);
    if (!database_) return std::make_unique<ClosedReader>();
    return read_database(database_);
  }

  Status purge() override {
    const ReaderLock lock(lifetime_);
    if (auto status = check_writable(); !status) return status;
    std::uint64_t snapshots = 0;
    if (database_->db->GetIntProperty(rocksdb::DB::Properties::kNumSnapshots, &snapshots) &&
        snapshots > 0) {
      return Error{ErrorCode::kBusy,
                   fmt::format("{} cannot be purged while readers ({}) hold an earlier state",
                               directory_.string(), snapshots)};
    }
    const Database& database = *database_;
    const auto status = call([&] { return rewrite_tables(database); });
    if (status.IsMemoryLimit()) return fail(status, "a purge");
    if (!status.ok()) return to_error(status, "a purge", directory_);
    // RocksDB promises none after it removed files, which a power cut would then bring back.
    const auto names = Descriptor::open(*database_->files, directory_, O_RDONLY | O_DIRECTORY);
    const int cause = names.is_open() ? names.fsync() : names.cause();
    return cause == 0 ? Status() : Status(disk_error("fsync", directory_.string(), cause));
  }

  Result<std::vector<std::string>> verify() const override {
    const ReaderLock lock(lifetime_);
    if (!database_) return journal_closed();
    // It would write what is not in tables yet.
    if (has_failed_.load() && database_->is_lost.load()) return failure();
    return verify_database(*database_);
  }

  std::uint64_t disk_bytes() const override {
    std::uint64_t bytes = 0;
    std::error_code failure;
    for (std::filesystem::recursive_directory_iterator file(directory_, failure), end;
         !failure && file != end; file.increment(failure)) {
      std::error_code ignored;  // A file that goes while we look counts as nothing.
      const auto size = file->is_regular_file(ignored) ? file->file_size(ignored) : 0;
      if (!ignored) bytes += size;
    }
    return bytes;
  }

  Status close() override {
    const WriterLock lock(lifetime_);
    if (!database_) return journal_closed();
    Status status = database_->is_read_only || has_failed_.load() ? Status() : finish();
    database_.reset();
    return status;
  }

 private:
  [[nodiscard]] Status check_writable() const ABSL_SHARED_LOCKS_REQUIRED(lifetime_) {
    if (!database_) return journal_closed();
    if (has_failed_.load()) return failure();
    if (database_->is_read_only) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("{} is open for reading only", directory_.string())};
    }
    return {};
  }

  /// The one before, for its memory, unless that is too little, or a long write left too much.
  /// Made with all its room: a WriteBatch that runs out of memory within a call asserts.
  rocksdb::WriteBatch& empty_batch(std::size_t room) ABSL_EXCLUSIVE_LOCKS_REQUIRED(write_mutex_) {
    constexpr std::size_t kKeptBytesMax = std::size_t{1} << 20U;
    const std::size_t capacity = write_.Data().capacity();
    if (capacity < room || capacity > kKeptBytesMax) {
      write_ = rocksdb::WriteBatch(room);
    } else {
      write_.Clear();
    }
    return write_;
  }

  void fill(rocksdb::WriteBatch& write, const JournalBatch& batch) const
      ABSL_SHARED_LOCKS_REQUIRED(lifetime_) {
    (void)write.PutLogData(durable_note(durable_.load(std::memory_order_relaxed))).ok();
    for (const auto& operation : batch.operations()) {
      auto* const family = database_->family(operation.table);
      // They fail only on a batch made with a size limit, which this one is not.
      if (operation.is_put) {
        const rocksdb::Slice key = slice(operation.key);
        const std::array value = {slice(operation.front), slice(operation.rest)};
        (void)write.Put(family, {&key, 1}, {value.data(), static_cast<int>(value.size())}).ok();
      } else {
        (void)write.Delete(family, slice(operation.key)).ok();
      }
    }
  }

  /// Callers wait for one another here, so that one sync serves all who came while it ran.
  Status sync(std::uint64_t sequence) ABSL_SHARED_LOCKS_REQUIRED(lifetime_) {
    if (durable_.load() >= sequence) return {};
    const MutexLock lock(sync_mutex_);
    if (durable_.load() >= sequence) return {};
    if (has_failed_.load()) return failure();
    const std::uint64_t appended = database_->db->GetLatestSequenceNumber();
    TULVING_DCHECK(appended >= sequence);  // One sync serves all who came before it.
    TULVING_KILL_POINT("log.sync");
    rocksdb::DB& db = *database_->db;
    const auto status =
        call([&] { return TULVING_SABOTAGE(kNoFsync) ? rocksdb::Status() : db.SyncWAL(); });
    if (!status.ok()) return fail(status, "a sync");
    TULVING_KILL_POINT("log.synced");
    durable_.store(appended);
    return {};
  }

  /// Calls RocksDB so that it writes. See (3).
  template <class Call>
  rocksdb::Status call(const Call& rocksdb_call) ABSL_SHARED_LOCKS_REQUIRED(lifetime_) {
    try {
      return database_->call(rocksdb_call);
    } catch (const std::exception&) {
      has_failed_.store(true);
      return rocksdb::Status::MemoryLimit();
    }
  }

  /// Keeps the first failure for good.
  Status fail(const rocksdb::Status& status, std::string_view attempted) {
    const MutexLock lock(failure_mutex_);
    TULVING_DCHECK(!failure_ || has_failed_.load());  // (1)
    has_failed_.store(true);  // Before words are found for it, which takes memory.
    if (!failure_) failure_ = to_error(status, attempted, directory_);
    return *failure_;
  }
  [[nodiscard]] Error failure() const {
    const MutexLock lock(failure_mutex_);
    if (failure_) return *failure_;
    return {ErrorCode::kResourceExhausted, "memory ran out while the log was written"};
  }

  static rocksdb::Status rewrite_tables(const Database& database) {
    auto& db = *database.db;
    rocksdb::Status status;
    for (auto* family : database.families) {
      if (status.ok()) status = db.Flush(rocksdb::FlushOptions(), family);
      TULVING_KILL_POINT("purge.flushed");
    }
    rocksdb::CompactRangeOptions everything;
    everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    everything.blob_garbage_collection_policy = rocksdb::BlobGarbageCollectionPolicy::kForce;
    everything.blob_garbage_collection_age_cutoff = 1.0;
    for (auto* family : database.families) {
      if (status.ok()) status = db.CompactRange(everything, family, nullptr, nullptr);
      TULVING_KILL_POINT("purge.compacted");
    }
    // Enabling deletions looks through the directory, so that no obsolete file waits for its turn.
    if (status.ok()) status = db.DisableFileDeletions();
    if (status.ok()) status = db.EnableFileDeletions();
    TULVING_KILL_POINT("purge.deleted");
    return status;
  }

  /// A close in order: all synced, a long log moved into tables, and the marker says how far it
  /// reaches.
  Status finish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(lifetime_) {
    auto& db = *database_->db;
    const std::uint64_t sequence = db.GetLatestSequenceNumber();
    if (auto status = sync(sequence); !status) return status;
    rocksdb::VectorLogPtr logs;
    std::uint64_t bytes = 0;
    if (db.GetSortedWalFiles(logs).ok()) {
      for (const auto& log : logs) bytes += log->SizeFileBytes();
    }
    if (bytes > kReplayBytesMax) {
      for (auto* family : database_->families) {
        const auto status = call([&] { return db.Flush(rocksdb::FlushOptions(), family); });
        if (!status.ok()) return to_error(status, "closing the log", directory_);
      }
    }
    TULVING_KILL_POINT("log.closing");
    const MutexLock marker_lock(marker_mutex_);
    return note(sequence);
  }

  /// The marker says from now on that the log reaches to `sequence`. A failure leaves it as it was.
  Status note(std::uint64_t sequence) ABSL_SHARED_LOCKS_REQUIRED(lifetime_)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(marker_mutex_) {
    TULVING_DCHECK(durable_.load() >= sequence);  // The marker promises it.
    TULVING_DCHECK(sequence >= noted_);           // It never takes a promise back.
    auto status = write_marker(*database_->files, directory_, {Marker::State::kReady, sequence});
    if (status) noted_ = sequence;
    return status;
  }

  const std::filesystem::path directory_;
  mutable SharedMutex lifetime_;
  std::shared_ptr<Database> database_ ABSL_GUARDED_BY(lifetime_);
  Mutex write_mutex_ ABSL_ACQUIRED_AFTER(lifetime_);
  rocksdb::WriteBatch write_ ABSL_GUARDED_BY(write_mutex_);
  Mutex sync_mutex_ ABSL_ACQUIRED_AFTER(lifetime_);
  std::atomic<std::uint64_t> durable_;
  Mutex marker_mutex_ ABSL_ACQUIRED_AFTER(lifetime_);
  std::uint64_t noted_ ABSL_GUARDED_BY(marker_mutex_);  ///< The marker's sequence.
  std::atomic<bool> has_failed_{false};  ///< failure_ is set, where there was memory for it.
  mutable Mutex failure_mutex_ ABSL_ACQUIRED_AFTER(sync_mutex_);
  std::optional<Error> failure_ ABSL_GUARDED_BY(failure_mutex_);
};

}  // namespace

Result<std::unique_ptr<Journal>> open_rocksdb_journal(
    const std::filesystem::path& directory, const RocksdbJournalOptions& options, FileSystem& files,
    const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files) {
  auto database = open_database(directory, options, files,
                                rocksdb::NewCompositeEnv(owned_files(files, rocksdb_files)));
  if (!database) return database.error();
  return std::unique_ptr<Journal>(std::make_unique<RocksdbJournal>(*std::move(database)));
}

Result<std::unique_ptr<Journal>> open_rocksdb_journal(const std::filesystem::path& directory,
                                                      const RocksdbJournalOptions& options) {
  return open_rocksdb_journal(directory, options, FileSystem::machine(),
                              rocksdb::FileSystem::Default());
}

}  // namespace tulving::storage
