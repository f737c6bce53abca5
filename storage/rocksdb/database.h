#pragma once

#include <rocksdb/db.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/check.h"
#include "storage/journal.h"
#include "storage/rocksdb/log/directory.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/log/store_lock.h"
#include "storage/rocksdb/rocksdb_journal.h"

namespace tulving::storage {

/// An open RocksDB with what it needs to live; closes it when it goes. The journal and its readers
/// share it, so that a reader may outlive the journal's close().
///
/// An exception that leaves RocksDB, which throws none itself, is memory that ran out half way
/// through: it holds locks then, waits for writers that are gone, or asserts at the next call. So
/// it is called no more, not even to be closed: it stays as it is, with its lock, until the process
/// ends.
struct Database : std::enable_shared_from_this<Database> {
  std::unique_ptr<StoreLock> lock;  ///< Null: read-only. Goes when RocksDB is closed.
  std::filesystem::path directory;  ///< Its one true path, as it was when it was opened.
  bool is_read_only = false;
  FileSystem* files = nullptr;        ///< Has the marker.
  Marker marker;                      ///< As it was when the database was opened to be written.
  std::shared_ptr<rocksdb::Env> env;  ///< Outlives db.
  std::unique_ptr<rocksdb::DB> db;
  std::array<rocksdb::ColumnFamilyHandle*, kTableCount> families{};

  /// Of a database that broke down: itself, so that nothing destroys it.
  mutable std::shared_ptr<const Database> itself;
  mutable std::atomic<bool> is_broken = false;
  /// What outlives one that breaks down as it is closed; made while there is memory.
  struct Remains {
    std::unique_ptr<StoreLock> lock;
    std::shared_ptr<rocksdb::Env> env;
    std::unique_ptr<rocksdb::DB> db;
  };
  std::unique_ptr<Remains> remains = std::make_unique<Remains>();

  /// What a call of RocksDB answers. std::bad_alloc leaves it, and the database is broken.
  template <class Call>
  auto guard(const Call& call) const {
    try {
      return call();
    } catch (...) {
      if (!is_broken.exchange(true)) itself = shared_from_this();
      throw;
    }
  }
  /// kResourceExhausted: it is broken.
  [[nodiscard]] Status check_sound() const;

  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  ~Database();
  [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Table table) const {
    auto* const family = families[static_cast<std::size_t>(table)];
    TULVING_DCHECK(family != nullptr);  // All are there, or it is not open.
    return family;
  }
};

/// Opens or creates the database of a directory, after the checks that RocksDB leaves out.
Result<std::shared_ptr<Database>> open_database(const std::filesystem::path& directory,
                                                const RocksdbJournalOptions& options,
                                                FileSystem& files,
                                                const std::shared_ptr<rocksdb::Env>& env);

// Creating one; the caller holds its StoreLock. See rocksdb_create.cc.

/// Whether something was ever written into the log of a directory, whatever its marker says.
Result<bool> has_records(rocksdb::Env* env, const std::filesystem::path& directory);
/// Removes RocksDB's files, which an earlier creation or restore left.
Status clear_unfinished(rocksdb::Env* env, const std::filesystem::path& directory);
/// Makes and opens the database.
rocksdb::Status create_rocksdb(Database& database);

/// The value under `key`, if there is one.
Result<std::optional<std::string>> get_value(const Database& database,
                                             const rocksdb::ReadOptions& options, Table table,
                                             std::string_view key);

/// A reader of the database as of now.
std::unique_ptr<JournalReader> read_database(std::shared_ptr<const Database> database);

/// Compares every file with its checksum. One sentence for each that differs, naming it.
Result<std::vector<std::string>> verify_database(const Database& database);

/// The tables of a directory that cannot be opened, as above. RocksDB blames the manifest at times.
std::vector<std::string> damaged_tables(rocksdb::Env* env, const std::filesystem::path& directory);

}  // namespace tulving::storage
