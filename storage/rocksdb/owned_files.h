#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "core/base/files/file_system.h"

namespace tulving::storage {

/// RocksDB's file system for a log whose StoreLock its opener holds: `rocksdb_files`, but
///  - RocksDB's own lock is always had, as ours stands for it;
///  - a file that it makes can be read by its owner alone (mode 0600): RocksDB asks for 0644. It
///    comes into being through `files`, which is the same disk and outlives it;
///  - once a write to a manifest has failed nothing is removed any more: some of it may be on the
///    disk, and name tables that RocksDB takes for unnamed. The next opening knows which are.
std::shared_ptr<rocksdb::FileSystem> owned_files(
    FileSystem& files, const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files);

}  // namespace tulving::storage
