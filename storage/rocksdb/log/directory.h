#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

#include "core/base/files/file_system.h"
#include "storage/rocksdb/rocksdb_journal.h"

namespace tulving::storage {

// The file TULVING says that a directory is a store, of which format, and how far its log must
// reach. It is text with a checksum, replaced as a whole (FORMAT.md).

inline constexpr std::uint32_t kDirectoryFormat = 1;

struct Marker {
  enum class State : std::uint8_t {
    kNew,        ///< Being created; nothing was ever acknowledged.
    kRestoring,  ///< Being filled; it becomes a store as a whole or never.
    kReady
  };
  State state = State::kNew;
  std::uint64_t sequence = 0;  ///< RocksDB's number of the last write before the last clean close.

  [[nodiscard]] bool is_ready() const { return state == State::kReady; }
};

// A writer calls prepare_directory(), takes the StoreLock, then calls open_directory(): what was
// there before the lock may be another's work of a moment ago, and is judged only under it.

/// With `create_if_missing`, makes the directory if it is missing. kNotFound: no store, and none is
/// to be made. kInvalidArgument: the directory holds something else, which is left as it is.
Status prepare_directory(FileSystem& files, const std::filesystem::path& directory,
                         const RocksdbJournalOptions& options);

/// Reads the marker of the store in `directory`; with `create_if_missing`, makes an empty directory
/// into one that is being created or filled. Anything else in there is left as it is. kNotFound,
/// kInvalidArgument: as above. kConflict: there is a store, and one is to be restored.
/// kCorruption: the marker is damaged or of a newer format, or a restore was cut short.
Result<Marker> open_directory(FileSystem& files, const std::filesystem::path& directory,
                              const RocksdbJournalOptions& options);

/// Whether RocksDB gives a file of its own this name. LOCK, which is ours to lock, is none.
[[nodiscard]] bool is_rocksdb_file(std::string_view name);

/// Replaces the marker, durably.
Status write_marker(FileSystem& files, const std::filesystem::path& directory,
                    const Marker& marker);

}  // namespace tulving::storage
