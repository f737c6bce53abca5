#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "tulving/result.h"

namespace tulving::storage {

/// A file of a snapshot, open to be written or read; closed when it goes. Errors name it.
class File {
 public:
  /// Creates the file, which must not be there.
  static Result<File> create(const std::filesystem::path& path);
  /// Opens a file or a directory to be read, or synced.
  static Result<File> open(const std::filesystem::path& path);
  File(File&& other) noexcept;
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  File& operator=(File&&) = delete;
  ~File();

  Status write(std::string_view bytes);
  /// Fills `bytes`, or less of it at the file's end; the count.
  Result<std::size_t> read(std::string& bytes);
  Status fsync();

 private:
  File(std::filesystem::path path, int descriptor);

  std::filesystem::path path_;
  int descriptor_ = -1;
};

/// Writes `bytes` as the new file `path` and fsyncs it.
Status write_durably(const std::filesystem::path& path, std::string_view bytes);
/// Fsyncs a directory: the names in it.
Status fsync_directory(const std::filesystem::path& directory);

}  // namespace tulving::storage
