#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "core/base/files/file_system.h"
#include "tulving/result.h"

namespace tulving::storage {

/// The file in a log's directory that its writer locks.
inline constexpr std::string_view kLockName = "LOCK";

/// Holds the directory of a log against every other writer, of this process and of any other.
///
/// What is held is a directory, told by device and inode, so that no spelling of its path and no
/// link leads past. Three things hold it:
///  - a list in this process, of what its stores hold;
///  - an open-file-description lock on the file LOCK. fcntl's other kind, which RocksDB takes, is
///    the process's: it keeps nobody out within the process, and any descriptor of the file that is
///    closed, by a backup say, lets it go. The two kinds keep each other out, and so earlier
///    releases;
///  - flock(2) on the directory itself, which holds though someone removes LOCK. Left out where the
///    file system has none for directories.
/// The kernel lets go when the process ends, however it ends. A process forked off holds nothing.
///
/// Thread-safe.
class StoreLock {
 public:
  /// kBusy: someone else has it. kIo: LOCK cannot be made or locked. Makes LOCK if it is missing;
  /// it stays for good, since another may wait at it.
  static Result<std::unique_ptr<StoreLock>> take(FileSystem& files,
                                                 const std::filesystem::path& directory);
  ~StoreLock();
  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  /// Whether anyone holds the directory. Changes nothing.
  static bool is_held(FileSystem& files, const std::filesystem::path& directory);

 private:
  class Claim;
  StoreLock(std::unique_ptr<Claim> claim, Descriptor directory, Descriptor file);

  const std::unique_ptr<Claim> claim_;  // Goes last: who asks next finds the locks free.
  const Descriptor directory_;          // While it is open, its inode means no other directory.
  const Descriptor file_;
  const pid_t process_;
};

/// What a writer is told that finds the directory held.
[[nodiscard]] Error store_in_use(const std::filesystem::path& directory);

}  // namespace tulving::storage
