#pragma once

#include <rocksdb/file_system.h>

#include <memory>

#include "core/base/files/file_system.h"

namespace tulving::storage {

/// RocksDB's file system, on one of ours: so that one disk lies under the log and under our own
/// files, and both lose power at once. Locks, and what only looks at names, are the machine's.
/// `files` must outlive it.
std::shared_ptr<rocksdb::FileSystem> files_of_rocksdb(FileSystem& files);

}  // namespace tulving::storage
