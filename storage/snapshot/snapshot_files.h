#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/files/file_system.h"
#include "storage/journal.h"
#include "tulving/result.h"
#include "tulving/snapshot.h"
#include "tulving/uuid.h"

namespace tulving::storage {

/// What a snapshot is taken of.
struct SnapshotSource {
  Uuid store_id;
  std::uint64_t revision = 0;          ///< Greatest revision in the reader.
  std::optional<std::uint64_t> since;  ///< Only rows with a greater revision, tombstones included.
  std::uint64_t records = 0;           ///< How many there are, about: to choose how to find them.
  Uuid incarnation = {};               ///< Of the revision; nil: not known.
};

/// Writes every row the reader shows into the new directory `to`: one file per journal table, then
/// the manifest, each fsynced; the manifest comes last and makes the snapshot whole. Deterministic:
/// the same rows give the same bytes. Tables, tenants and models are written whole even with
/// `since`.
Result<SnapshotInfo> write_snapshot(const JournalReader& reader, const SnapshotSource& source,
                                    const std::filesystem::path& to,
                                    FileSystem& files = FileSystem::machine());

/// Whether a block of entries is wanted, by the keys of its first and its last one.
using BlockChoice = std::function<bool(std::string_view first_key, std::string_view last_key)>;

/// A snapshot opened for reading: manifest and every checksum verified by open().
class SnapshotReader {
 public:
  /// kNotFound: no manifest. kCorruption: a file is missing, cut, altered or of a newer format.
  /// `seen`, where given, is called with every row, for what else is to be learnt in that pass.
  using Seen = std::function<Status(Table table, std::string_view key, std::string_view value)>;
  static Result<SnapshotReader> open(const std::filesystem::path& directory,
                                     FileSystem& files = FileSystem::machine(),
                                     const Seen& seen = {});
  SnapshotReader(SnapshotReader&&) noexcept;
  SnapshotReader& operator=(SnapshotReader&&) noexcept;
  ~SnapshotReader();

  [[nodiscard]] const SnapshotInfo& info() const;
  /// Visits the rows of a table in key order, as JournalReader::scan does.
  Status scan(Table table, const ScanVisitor& visit) const;
  /// Visits those in blocks that are wanted (and their neighbours there), which are read alone.
  /// Each block was verified by open(); its checksum is not computed again.
  Status scan(Table table, const BlockChoice& is_wanted, const ScanVisitor& visit) const;

 private:
  class Impl;
  explicit SnapshotReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace tulving::storage
