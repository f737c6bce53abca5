#pragma once

#include <rocksdb/file_system.h>

#include "core/base/files/file_system.h"
#include "storage/rocksdb/rocksdb_journal.h"

namespace tulving::storage {

/// As the public open_rocksdb_journal(), on another file system than the machine's: for tests that
/// let a disk fail. `files` has the file TULVING, `rocksdb_files` what is RocksDB's own; both are
/// the same disk, and `files` outlives the journal.
Result<std::unique_ptr<Journal>> open_rocksdb_journal(
    const std::filesystem::path& directory, const RocksdbJournalOptions& options, FileSystem& files,
    const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files);

}  // namespace tulving::storage
