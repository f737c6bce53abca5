#pragma once

#include <filesystem>
#include <memory>

#include "storage/journal.h"

namespace tulving::storage {

struct RocksdbJournalOptions {
  bool create_if_missing = true;
  bool read_only = false;
};

/// Opens (or creates) the journal in `directory`, which RocksDB then owns: one process at a time
/// may write. kNotFound, kBusy (another process has it), kCorruption (a checksum failed before the
/// log's tail; the file is named), kInvalidArgument (the directory holds something else), kIo.
Result<std::unique_ptr<Journal>> open_rocksdb_journal(const std::filesystem::path& directory,
                                                      const RocksdbJournalOptions& options);

}  // namespace tulving::storage
