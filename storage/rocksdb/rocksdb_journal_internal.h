#pragma once

#include <rocksdb/file_system.h>

#include "storage/rocksdb/rocksdb_journal.h"

namespace tulving::storage {

/// As the public open_rocksdb_journal(), on another file system than the machine's: for tests that
/// let a disk fail.
Result<std::unique_ptr<Journal>> open_rocksdb_journal(
    const std::filesystem::path& directory, const RocksdbJournalOptions& options,
    const std::shared_ptr<rocksdb::FileSystem>& file_system);

}  // namespace tulving::storage
