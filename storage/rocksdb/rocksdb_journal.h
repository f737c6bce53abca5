#pragma once

#include <filesystem>
#include <memory>

#include "core/base/files/file_system.h"
#include "storage/journal.h"

namespace tulving::storage {

struct RocksdbJournalOptions {
  bool create_if_missing = true;
  bool read_only = false;
  /// To be filled from elsewhere: the directory holds no store, or what an earlier such attempt
  /// left, which goes. Until close() it opens in no other way: a part of a store is none.
  bool restores = false;
  /// With read_only: where the log is damaged, shows what was written before; where two writers had
  /// it open at once, what the first one wrote.
  bool salvages = false;
};

/// Opens (or creates) the journal in `directory`, which RocksDB then owns: one journal at a time
/// may write, of all processes and by whatever path. What it makes can be read by its owner alone.
/// kNotFound, kBusy (another has it), kCorruption (the log or the manifest is not what was
/// written and synced, or two writers have written it; the file is named), kInvalidArgument (the
/// directory holds something else), kConflict (to be restored: it holds something), kIo.
Result<std::unique_ptr<Journal>> open_rocksdb_journal(const std::filesystem::path& directory,
                                                      const RocksdbJournalOptions& options);

/// Whether a journal may be restored into `directory`, which is not changed. kConflict: it holds
/// something else than what an earlier restore left.
Status check_restorable(FileSystem& files, const std::filesystem::path& directory);

/// Removes what a restore that failed, and is no longer open, left in `directory`, and the
/// directory if nothing else is in it. kBusy, and nothing is removed: another has taken it over.
Status discard_restore(FileSystem& files, const std::filesystem::path& directory);

}  // namespace tulving::storage
