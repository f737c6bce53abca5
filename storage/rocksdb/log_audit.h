#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "storage/rocksdb/options.h"
#include "tulving/result.h"

namespace tulving::storage {

/// What the log carries beside a batch, first in it (WriteBatch::PutLogData): the number of the
/// last write that was known to be on disk when it was appended.
[[nodiscard]] std::string durable_note(std::uint64_t sequence);

struct LogAudit {
  LogState state;
  std::vector<std::string> problems;  ///< One sentence each, naming the file.
  /// Above 0: a log file begins with a gap of unknown writes, and a later record says that all up
  /// to this number were on disk. Where recovery ends before, they were in the gap.
  std::uint64_t must_reach = 0;
  std::uint64_t last = 0;  ///< Number of the last write in the logs before any gap; 0: none.
  std::string gap_file;    ///< That file's path; set with must_reach.
};

/// Reads CURRENT, the manifest and every write-ahead log, as RocksDB does at recovery, and tells
/// what a crash explains from what it does not:
///  - a gap with a later record that says the gap's writes were on disk is damage;
///  - a gap before write `sequence`, the last of a clean close, is damage;
///  - any other gap is a torn tail: writes that no one promised to outlive a power loss.
/// An Error: a file could not be read.
Result<LogAudit> audit_log(rocksdb::Env* env, const std::filesystem::path& directory,
                           std::uint64_t sequence);

}  // namespace tulving::storage
