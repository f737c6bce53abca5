#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/files/file_system.h"
#include "storage/rocksdb/rocksdb_journal.h"

namespace tulving::storage {

// The file TULVING says that a directory is a store, of which format, and how far its log must
// reach. It is text with a checksum, replaced as a whole (FORMAT.md).

inline constexpr std::uint32_t kDirectoryFormat = 1;

struct Marker {
  bool is_ready = false;       ///< False: being created; nothing was ever acknowledged.
  std::uint64_t sequence = 0;  ///< RocksDB's number of the last write before the last clean close.
};

/// Reads the marker of the store in `directory`; with `create_if_missing`, makes an empty or
/// missing directory into one that is being created. Anything else in there is left as it is.
/// kNotFound: no store. kInvalidArgument: the directory holds something else. kCorruption: the
/// marker is damaged or of a newer format.
Result<Marker> open_directory(FileSystem& files, const std::filesystem::path& directory,
                              const RocksdbJournalOptions& options);

/// Replaces the marker, durably.
Status write_marker(FileSystem& files, const std::filesystem::path& directory,
                    const Marker& marker);

}  // namespace tulving::storage
