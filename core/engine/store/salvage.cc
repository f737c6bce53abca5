#include "tulving/salvage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/store/store_files.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"

namespace tulving {
namespace {

using storage::Table;

/// The greatest revision that a row bears.
Result<std::uint64_t> greatest_revision(const storage::JournalReader& reader) {
  std::uint64_t greatest = 0;
  for (const Table table : {Table::kMeta, Table::kRecords, Table::kVectors, Table::kHistory}) {
    auto status =
        reader.scan(table, "", [&](std::string_view /*key*/, std::string_view value) -> Status {
          const auto revision = storage::row_revision(value);
          if (!revision) return revision.error();
          greatest = std::max(greatest, *revision);
          return {};
        });
    if (!status) return status.error();
  }
  return greatest;
}

}  // namespace

Result<SnapshotInfo> StoreFiles::salvage(const std::filesystem::path& directory,
                                         const std::filesystem::path& to) const {
  const auto journal = open_journal_(
      log_directory(directory), {.create_if_missing = false, .read_only = true, .salvages = true});
  if (!journal) return journal.error();
  const auto reader = (*journal)->snapshot();
  const auto row = reader->get(Table::kMeta, storage::store_key());
  if (!row) return row.error();
  if (!*row) {
    return Error{ErrorCode::kCorruption, fmt::format("{} has no store row", directory.string())};
  }
  const auto store = storage::decode_store(**row);
  if (!store) return store.error();
  const auto revision = greatest_revision(*reader);
  if (!revision) return revision.error();
  return storage::write_snapshot(
      *reader, {store->store_id, *revision, {}, 0, store->incarnations.newest()}, to, files_);
}

Result<SnapshotInfo> salvage(const std::filesystem::path& directory,
                             const std::filesystem::path& to) {
  return StoreFiles().salvage(directory, to);
}

}  // namespace tulving
