#include "tulving/salvage.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/store/store_files.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"

namespace tulving {
namespace {

using storage::Table;

/// Leaves out what hangs on rows that are not there: where the log is damaged, one table may lie in
/// files that go further than the sound part of the log, which has the rest of its writes.
class WithoutOrphans final : public storage::JournalReader {
 public:
  explicit WithoutOrphans(const JournalReader& reader) : reader_(reader) {}

  Result<std::optional<std::string>> get(Table table, std::string_view key) const override {
    return reader_.get(table, key);
  }
  Status scan(Table table, std::string_view prefix,
              const storage::ScanVisitor& visit) const override {
    if (table == Table::kMeta) return reader_.scan(table, prefix, visit);
    return reader_.scan(table, prefix, [&](std::string_view key, std::string_view value) -> Status {
      const auto is_whole = hangs_together(table, key);
      if (!is_whole) return is_whole.error();
      return *is_whole ? visit(key, value) : Status();
    });
  }

 private:
  // A key that is none of ours is kept: the reader of the snapshot tells of it.
  Result<bool> hangs_together(Table table, std::string_view key) const {
    if (table == Table::kRecords) {
      const auto record = storage::parse_record_key(key);
      return record ? has(Table::kMeta, storage::tenant_key(record->tenant)) : Result<bool>(true);
    }
    if (table == Table::kVectors) {
      const auto vector = storage::parse_vector_key(key);
      if (!vector) return true;
      const auto has_model = has(Table::kMeta, storage::model_key(vector->model));
      return has_model && *has_model ? has_memory(vector->tenant, vector->memory) : has_model;
    }
    const auto history = storage::parse_history_key(key);
    return history ? has_memory(history->tenant, history->memory) : Result<bool>(true);
  }
  Result<bool> has_memory(std::uint32_t tenant, const Uuid& memory) const {
    const auto has_tenant = has(Table::kMeta, storage::tenant_key(tenant));
    if (!has_tenant || !*has_tenant) return has_tenant;
    return has(Table::kRecords, storage::record_key(tenant, storage::RecordKind::kMemory, memory));
  }
  Result<bool> has(Table table, const std::string& key) const {
    const auto row = reader_.get(table, key);
    if (!row) return row.error();
    return row->has_value();
  }

  const JournalReader& reader_;
};

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
  const auto snapshot = (*journal)->snapshot();
  const WithoutOrphans reader(*snapshot);
  const auto row = reader.get(Table::kMeta, storage::store_key());
  if (!row) return row.error();
  if (!*row) {
    return Error{ErrorCode::kCorruption, fmt::format("{} has no store row", directory.string())};
  }
  const auto store = storage::decode_store(**row);
  if (!store) return store.error();
  const auto revision = greatest_revision(reader);
  if (!revision) return revision.error();
  return storage::write_snapshot(
      reader, {store->store_id, *revision, {}, 0, store->incarnations.newest()}, to, files_);
}

Result<SnapshotInfo> salvage(const std::filesystem::path& directory,
                             const std::filesystem::path& to) {
  return StoreFiles().salvage(directory, to);
}

}  // namespace tulving
