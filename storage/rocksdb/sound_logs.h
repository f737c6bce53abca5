#pragma once

#include <rocksdb/env.h>

#include <memory>

#include "storage/rocksdb/options.h"

namespace tulving::storage {

/// Shows RocksDB of each write-ahead log in `log` what is sound of it and no more: its recovery
/// neither reads what is behind, nor goes on past it. What it then moves into tables it removes as
/// a whole. Null: all of all are sound, and `base` will do.
[[nodiscard]] std::shared_ptr<rocksdb::Env> sound_logs(const std::shared_ptr<rocksdb::Env>& base,
                                                       const LogState& log);

}  // namespace tulving::storage
