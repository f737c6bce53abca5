#pragma once

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include <string>
#include <vector>

#include "storage/journal.h"

namespace tulving::storage {

/// What is known of the log before it is opened.
struct LogState {
  struct File {
    std::string path;
    std::uint64_t bytes = 0;
    std::uint64_t sound_bytes = 0;  ///< As many from the first on are what was written, in order.
  };
  std::vector<File> files;  ///< In the order of their numbers.
  bool is_torn = false;     ///< The last write was cut off, as by a power loss.

  [[nodiscard]] std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const auto& file : files) sum += file.bytes;
    return sum;
  }
};

/// Above these an open or a close moves the log into tables, so that the next open need not replay
/// it; below, replaying is quicker than writing tables.
inline constexpr std::uint64_t kReplayBytesMax = 4U << 20U;
inline constexpr std::size_t kReplayFilesMax = 8;

[[nodiscard]] rocksdb::DBOptions db_options(rocksdb::Env* env, const LogState& log);
/// One column family a table, in the tables' order.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> column_families();
/// For reads of one row.
[[nodiscard]] rocksdb::ReadOptions point_read_options();
/// For reads of many: they pass by the block cache, which nobody would read again.
[[nodiscard]] rocksdb::ReadOptions scan_options();
[[nodiscard]] rocksdb::WriteOptions write_options();

}  // namespace tulving::storage
