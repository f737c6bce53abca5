#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "core/base/files/file_system.h"
#include "storage/rocksdb/options.h"
#include "tulving/result.h"

namespace tulving::storage {

/// What the log carries beside a batch, first in it (WriteBatch::PutLogData): the number of the
/// last write that was known to be on disk when it was appended.
[[nodiscard]] std::string durable_note(std::uint64_t sequence);

struct LogAudit {
  LogState state;
  std::vector<std::string> problems;  ///< One sentence each, naming the file.
  std::uint64_t last = 0;             ///< Number of the last write before any gap; 0: none.
  /// The problems are of the logs alone: what is sound before them (LogState) can be salvaged.
  bool can_be_salvaged = true;
};

/// Reads CURRENT, the manifest and every write-ahead log, as RocksDB does at recovery, and tells
/// what a crash explains from what it does not:
///  - a gap with a later record that says the gap's writes were on disk is damage, be it in a file
///    or one or more whole files;
///  - a gap before write `sequence`, which the marker says was on disk, is damage, and so is one
///    before a log that tables were made of, or one that no crash leaves (LogGap);
///  - a record that is not a batch of ours, or leaves numbers out, is damage;
///  - a number that two records have is damage: two writers had the log open at once;
///  - any other gap is a torn tail: writes that no one promised to outlive a power loss.
/// An Error: a file could not be read.
Result<LogAudit> audit_log(FileSystem& files, const std::filesystem::path& directory,
                           std::uint64_t sequence);

}  // namespace tulving::storage
