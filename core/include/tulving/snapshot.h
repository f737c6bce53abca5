#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "tulving/result.h"

namespace tulving {

/// What a snapshot directory holds: its manifest. The same revision gives the same bytes.
struct SnapshotInfo {
  std::string store_id;                ///< UUID of the store it was taken from.
  std::uint64_t revision = 0;          ///< Everything up to this revision is in it.
  std::string incarnation = {};        ///< UUID, of which `revision` is. Empty: not known.
  std::optional<std::uint64_t> since;  ///< Set: only what changed after this revision.
  std::map<std::string, std::uint64_t>
      counts;  ///< Records by kind: "memory", "consolidation_task", "plan", "embedding", ...
  std::uint64_t bytes = 0;  ///< Of all its files.
};

/// Reads a snapshot's manifest and verifies every file's size and checksum. kNotFound: no manifest
/// there. kCorruption: a file is missing, cut or altered.
Result<SnapshotInfo> inspect_snapshot(const std::filesystem::path& directory);

}  // namespace tulving
