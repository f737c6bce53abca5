#pragma once

#include <array>
#include <filesystem>
#include <string>

#include "storage/snapshot/block_file.h"
#include "tulving/snapshot.h"

namespace tulving::storage {

/// The newest format. One without an incarnation is of format 1, which older releases read.
inline constexpr std::uint32_t kSnapshotFormat = 2;
inline constexpr std::string_view kManifestName = "manifest.json";

/// manifest.json: what the snapshot is and what its files must be.
struct Manifest {
  SnapshotInfo info;  ///< `bytes` counts the manifest too.
  std::array<BlockFileFacts, kTableCount> files;
};

/// The manifest's text, its own checksum in its last line. Sets info.bytes from it and the files.
[[nodiscard]] std::string render_manifest(Manifest& manifest);

/// Reads and verifies a manifest, not the files. kNotFound: there is none. kCorruption: it is
/// damaged or of a newer format.
Result<Manifest> read_manifest(FileSystem& files, const std::filesystem::path& directory);

}  // namespace tulving::storage
