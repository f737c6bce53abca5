#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/files/file_system.h"
#include "tulving/result.h"

namespace tulving::storage {

/// What RocksDB's MANIFEST says, as far as the logs are judged by it.
struct ManifestFacts {
  struct Family {
    std::string name;
    std::uint64_t log_number = 0;  ///< Logs with lesser numbers are in its tables.
    bool has_tables = false;
  };
  std::map<std::uint32_t, Family> families;  ///< By id.
  std::uint64_t last = 0;                    ///< Number of the last write that is in tables.
  std::string problem;                       ///< A sentence that names the file; empty: none.

  /// The number of the first log that any family still needs.
  [[nodiscard]] std::uint64_t first_log() const;
  /// From this log on, none has anything that is in tables.
  [[nodiscard]] std::uint64_t newest_log() const;
  /// A family has tables of what was written after log `number`: RocksDB synced that before.
  [[nodiscard]] bool has_tables_beyond(std::uint64_t number) const;
};

/// Reads CURRENT and the manifest that it names, and follows its edits as RocksDB does, which
/// believes what the checksums cover: numbers past its limits, levels that are none, tables and
/// blobs counted wrongly, a group of edits of any size. An Error: a file could not be read.
Result<ManifestFacts> audit_manifest(const Descriptor& directory, const std::string& path);

}  // namespace tulving::storage
