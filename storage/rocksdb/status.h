#pragma once

#include <rocksdb/status.h>

#include <filesystem>
#include <string_view>

#include "tulving/result.h"

namespace tulving::storage {

/// RocksDB's failure as ours: `attempted` ("append") on `directory`. A rocksdb::Status may be
/// dropped without a warning, so none leaves this folder.
[[nodiscard]] Error to_error(const rocksdb::Status& status, std::string_view attempted,
                             const std::filesystem::path& directory);

/// As to_error(), for an open: a file that is missing is kCorruption.
[[nodiscard]] Error to_open_error(const rocksdb::Status& status,
                                  const std::filesystem::path& directory);

}  // namespace tulving::storage
