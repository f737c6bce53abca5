#pragma once

#include <filesystem>
#include <string_view>

#include "tulving/result.h"

namespace tulving {

/// Fsyncs every file of `directory`, but for the one named `except`: closing any descriptor of a
/// file gives up this process's POSIX locks on it, so a lock file must not be opened here. A file
/// that goes away meanwhile is passed over. kIo: a file could not be fsynced.
Status sync_files(const std::filesystem::path& directory, std::string_view except);

}  // namespace tulving
