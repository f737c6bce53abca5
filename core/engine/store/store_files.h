#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "core/base/files/file_system.h"
#include "storage/journal.h"
#include "storage/rocksdb/rocksdb_journal.h"
#include "storage/snapshot/snapshot_files.h"
#include "tulving/store.h"

namespace tulving {

/// What a store's files lie on: the machine's file system, unless a test puts another in its place,
/// under RocksDB and under our own files, so that both lose power or fail at once. Not public.
class StoreFiles {
 public:
  using OpenJournal = std::function<Result<std::unique_ptr<storage::Journal>>(
      const std::filesystem::path& directory, const storage::RocksdbJournalOptions& options)>;

  StoreFiles();  ///< The machine's.
  /// `files` must outlive all stores that are opened.
  StoreFiles(FileSystem& files, OpenJournal open_journal);

  /// As Store::open().
  Result<Store> open(const std::filesystem::path& directory, const StoreOptions& options) const;
  /// As Store::restore(). The snapshot lies there too. Over what a restore that was cut short left;
  /// one that fails leaves nothing.
  Result<SnapshotInfo> restore(const std::filesystem::path& from,
                               const std::filesystem::path& directory) const;

  /// As salvage(). The snapshot is written there, too.
  Result<SnapshotInfo> salvage(const std::filesystem::path& directory,
                               const std::filesystem::path& to) const;

  /// What the files lie on of the store that has the tenant.
  static FileSystem& of(const Tenant& tenant);
  /// Where the log is of the store in `directory`.
  [[nodiscard]] static std::filesystem::path log_directory(const std::filesystem::path& directory) {
    return directory / "log";
  }

 private:
  /// Makes the log of a new store of a snapshot.
  Status fill(const storage::SnapshotReader& snapshot, const std::filesystem::path& log) const;
  /// Whether a log that was filled from elsewhere is a store: opens it as every opening does, to
  /// read, and verifies it. Writes nothing and leaves the log open. kCorruption: it is none; the
  /// row and the rule are named. In time and memory as an opening and a verify().
  Status check_restored(storage::Journal& journal) const;

  FileSystem& files_;
  const OpenJournal open_journal_;
};

}  // namespace tulving
