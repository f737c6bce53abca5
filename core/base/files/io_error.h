#pragma once

#include <string_view>

#include "tulving/result.h"

namespace tulving {

// What a failed call of a FileSystem is told as.

/// "cannot write /v/note.md: No space left on device", kIo.
[[nodiscard]] Error io_error(std::string_view what, std::string_view name, int cause);

/// As io_error(), but a disk or a quota that is full is kResourceExhausted: for the store's own
/// files, as RocksDB's are told of.
[[nodiscard]] Error disk_error(std::string_view what, std::string_view name, int cause);

}  // namespace tulving
