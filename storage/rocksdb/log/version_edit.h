#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tulving::storage {

/// A record of RocksDB's MANIFEST: what a flush, a compaction or an opening changed in one column
/// family. Its fields are RocksDB's, as far as it relies on them.
struct VersionEdit {
  struct Table {
    std::uint32_t level = 0;
    std::uint64_t number = 0;
    std::string smallest, largest;      ///< Internal keys: key, then number and type in 8 bytes.
    std::uint64_t first = 0, last = 0;  ///< The least and the greatest number of its writes.
  };
  struct DeletedTable {
    std::uint32_t level = 0;
    std::uint64_t number = 0;
  };
  struct Blobs {  ///< Of a blob file: all, or those that became garbage.
    std::uint64_t number = 0, count = 0, bytes = 0;
  };

  std::uint32_t family = 0;
  std::optional<std::string> added_family;  ///< Its name.
  std::optional<std::string> comparator;
  std::optional<std::uint64_t> log_number, previous_log_number, next_file_number,
      log_number_to_keep, last_sequence;
  std::optional<std::uint32_t> edits_left;  ///< Of a group that counts as a whole or not at all.
  std::vector<Table> added;
  std::vector<DeletedTable> deleted;
  std::vector<Blobs> blob_files, garbage;
};

/// Null: RocksDB would not read it, or it has a field that our databases do not write. What a later
/// RocksDB adds, and marks as to be passed over by an earlier one, is passed over.
[[nodiscard]] std::optional<VersionEdit> decode_version_edit(std::string_view record);

}  // namespace tulving::storage
