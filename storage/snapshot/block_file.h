#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/files/file_system.h"
#include "storage/journal.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving::storage {

// One table's rows in a snapshot: a header, then blocks of whole entries in key order (FORMAT.md).

/// What the manifest says of a file.
struct BlockFileFacts {
  std::string name;
  std::uint64_t bytes = 0;
  std::uint64_t entries = 0;
  std::uint64_t checksum = 0;  ///< XXH3 of the file header and all block headers, which hold their
                               ///< blocks' own: so it covers every byte.
};

[[nodiscard]] std::string_view block_file_name(Table table);

class BlockFileWriter {
 public:
  /// Creates the file of `table` in `directory`; it must not be there.
  static Result<BlockFileWriter> create(FileSystem& files, const std::filesystem::path& directory,
                                        Table table);
  BlockFileWriter(BlockFileWriter&&) noexcept;
  BlockFileWriter& operator=(BlockFileWriter&&) noexcept;
  ~BlockFileWriter();

  /// Entries must come in key order.
  Status add(std::string_view key, std::string_view value);
  /// Writes the last block and fsyncs.
  Result<BlockFileFacts> finish();

 private:
  class Impl;
  explicit BlockFileWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// A block of a file that was verified.
struct VerifiedBlock {
  std::uint64_t offset = 0;  ///< Of its first entry.
  std::uint32_t length = 0;
  std::uint32_t entries = 0;  ///< At least one.
  std::string first_key, last_key;
};

/// Visits the entries of a file and verifies it against `facts`: size, every checksum, every
/// length, the order of keys, the number of entries. kCorruption names the file. `blocks`, not
/// null, is told what it consists of.
Status read_block_file(FileSystem& files, const std::filesystem::path& directory, Table table,
                       const BlockFileFacts& facts, const ScanVisitor& visit,
                       std::vector<VerifiedBlock>* blocks = nullptr);

/// Visits the entries of some blocks of a file once more, without computing their checksums again.
Status read_blocks(FileSystem& files, const std::filesystem::path& directory, Table table,
                   const std::vector<VerifiedBlock>& blocks, const BlockChoice& is_wanted,
                   const ScanVisitor& visit);

}  // namespace tulving::storage
