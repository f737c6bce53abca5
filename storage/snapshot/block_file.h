#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/files/file_system.h"
#include "storage/journal.h"

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

/// Visits the entries of a file and verifies it against `facts`: size, every checksum, every
/// length, the order of keys, the number of entries. kCorruption names the file.
Status read_block_file(FileSystem& files, const std::filesystem::path& directory, Table table,
                       const BlockFileFacts& facts, const ScanVisitor& visit);

}  // namespace tulving::storage
