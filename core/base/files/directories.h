#pragma once

#include <filesystem>
#include <string_view>

#include "core/base/files/file_system.h"
#include "core/base/files/io_error.h"
#include "tulving/result.h"

namespace tulving {

// Whole directories, by path.

/// Makes the directory and what is missing above it, for their owner alone (mode 0700); each of the
/// new names is fsynced. True: it was not there.
Result<bool> create_directories(FileSystem& files, const std::filesystem::path& directory,
                                Error (*error_of)(std::string_view, std::string_view,
                                                  int) = io_error);

/// Removes what is in the directory. The first error is told; the rest is removed all the same.
Status remove_contents(FileSystem& files, const std::filesystem::path& directory);
/// Removes a file, a link, or a directory with all that is in it. It is no error that there is
/// none.
Status remove_all(FileSystem& files, const std::filesystem::path& path);

/// Fsyncs every file of `directory`, but for the one named `except`: a lock file, say, of which
/// nothing need last. A file that goes away meanwhile, or may not be read, is passed over. kIo: the
/// directory cannot be read, or a file not be fsynced.
Status sync_files(FileSystem& files, const std::filesystem::path& directory,
                  std::string_view except);

}  // namespace tulving
