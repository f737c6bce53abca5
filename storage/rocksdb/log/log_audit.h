#pragma once

#include <rocksdb/env.h>

#include <cstdint>
#include <filesystem>
#include <optional>
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
  std::uint64_t last = 0;             ///< Number of the last write before any gap; 0: none.
  /// Writes are missing before the first record of some file, and whether they are in the tables
  /// decides what that means: audit again with `in_tables`.
  bool must_know_tables = false;
  /// Two writers had the log open at once: the place in state.files of the first file of the second
  /// one. What is before it is sound. Among the problems.
  std::optional<std::size_t> second_writer;
};

/// Reads CURRENT, the manifest and every write-ahead log, as RocksDB does at recovery, and tells
/// what a crash explains from what it does not:
///  - a gap with a later record that says the gap's writes were on disk is damage, be it in a file
///    or one or more whole files;
///  - a gap before write `sequence`, the last of a clean close, is damage;
///  - a number that two records have is damage: two writers had the log open at once;
///  - any other gap is a torn tail: writes that no one promised to outlive a power loss.
/// Writes up to `in_tables`, where given, are in tables and not missed.
/// An Error: a file could not be read.
Result<LogAudit> audit_log(rocksdb::Env* env, const std::filesystem::path& directory,
                           std::uint64_t sequence,
                           std::optional<std::uint64_t> in_tables = std::nullopt);

}  // namespace tulving::storage
