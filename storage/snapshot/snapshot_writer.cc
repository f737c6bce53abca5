#include <fmt/format.h>

#include <array>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/files/directories.h"
#include "core/base/files/temporary_file.h"
#include "core/base/files/temporary_folder.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"
#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/snapshot/block_file.h"
#include "storage/snapshot/manifest.h"
#include "storage/snapshot/row_facts.h"
#include "storage/snapshot/snapshot_files.h"
#include "storage/snapshot/snapshot_rows.h"

namespace tulving::storage {
namespace {

/// Writes one table's rows and counts them.
class TableWriter {
 public:
  TableWriter(const JournalReader& reader, const SnapshotSource& source, Table table,
              SnapshotInfo& info)
      : reader_(reader), since_(source.since), table_(table), info_(info) {}

  Result<BlockFileFacts> write(FileSystem& files, const SnapshotRows& rows,
                               const std::filesystem::path& directory) {
    auto file = BlockFileWriter::create(files, directory, table_);
    if (!file) return file.error();
    file_ = &*file;
    auto status =
        rows.visit(table_, [this](auto key, auto value) -> Status { return take(key, value); });
    if (status && last_) status = take_last();
    if (!status) return status.error();
    return file->finish();
  }

 private:
  struct HistoryRow {
    std::string key;
    std::string value;
  };

  // What is old enough to be left out is not decoded.
  Status take(std::string_view key, std::string_view value) {
    if (!since_ || table_ == Table::kMeta) return add(key, value);
    if (table_ != Table::kHistory) {
      const auto is_new = is_newer(value);
      if (!is_new) return is_new.error();
      return *is_new ? add(key, value) : Status();
    }
    // A history row bears the revision of the version in it, which is older than the write that
    // put it there: the one that wrote the next version.
    if (last_) {
      const bool same_memory = std::string_view(last_->key).substr(0, kMemoryPrefixBytes) ==
                               key.substr(0, kMemoryPrefixBytes);
      auto status = same_memory ? add_if_written_with(value) : take_last();
      if (!status) return status;
    }
    last_ = HistoryRow{std::string(key), std::string(value)};
    return {};
  }

  /// The last history row of a memory, whose next version is the present one.
  Status take_last() {
    std::string key = last_->key.substr(0, sizeof(std::uint32_t));
    key.push_back(static_cast<char>(RecordKind::kMemory));
    key += last_->key.substr(sizeof(std::uint32_t), sizeof(Uuid::bytes));
    auto value = reader_.get(Table::kRecords, key);
    if (!value) return value.error();
    return *value ? add_if_written_with(**value) : add(last_->key, last_->value);
  }

  /// `next`: the version that was written with it.
  Status add_if_written_with(std::string_view next) {
    TULVING_DCHECK(since_ && last_);  // A full snapshot keeps no row waiting.
    const auto is_new = is_newer(next);
    if (!is_new) return is_new.error();
    return *is_new ? add(last_->key, last_->value) : Status();
  }

  [[nodiscard]] Result<bool> is_newer(std::string_view value) const {
    const auto revision = row_revision(value);
    if (!revision) return revision.error();
    return *revision > *since_;
  }

  Status add(std::string_view key, std::string_view value) {
    TULVING_DCHECK(file_ != nullptr);
    const auto facts = row_facts(table_, key, value);
    if (!facts) return facts.error();
    if (!facts->kind.empty()) ++info_.counts[std::string(facts->kind)];
    return file_->add(key, value);
  }

  static constexpr std::size_t kMemoryPrefixBytes = sizeof(std::uint32_t) + sizeof(Uuid::bytes);

  const JournalReader& reader_;
  const std::optional<std::uint64_t> since_;
  const Table table_;
  SnapshotInfo& info_;
  BlockFileWriter* file_ = nullptr;
  std::optional<HistoryRow> last_;  ///< Waits for the row after it. With `since` only.
};

/// Where a snapshot goes.
struct Place {
  std::filesystem::path parent;
  std::string name;
};

/// Refuses at once what the naming at the end would refuse. Makes what is missing above the place.
Result<Place> prepare(FileSystem& files, const std::filesystem::path& to) {
  std::error_code failure;
  // Behind the links at its end, as a name that is a link cannot be taken.
  auto path = std::filesystem::absolute(to, failure);
  if (!failure) path = std::filesystem::weakly_canonical(path, failure);
  if (!failure && !path.has_filename()) path = path.parent_path();  // A slash at the end.
  if (failure || !path.has_filename()) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is no directory's name", to.string()), "directory"};
  }
  if (std::filesystem::exists(path, failure) && !std::filesystem::is_empty(path, failure)) {
    return Error{
        ErrorCode::kConflict,
        fmt::format("{} exists and is not empty; a snapshot needs a new directory", to.string())};
  }
  auto created = create_directories(files, path.parent_path(), disk_error);
  if (!created) return created.error();
  return Place{path.parent_path(), path.filename().string()};
}

Status write_manifest(FileSystem& files, const std::filesystem::path& to, std::string_view text) {
  const std::string name(kManifestName);
  const auto directory = Descriptor::open(files, to, O_RDONLY | O_DIRECTORY);
  if (!directory.is_open()) return disk_error("open", to.string(), directory.cause());
  auto file = TemporaryFile::create(directory, name + ".new", O_EXCL, 0600, (to / name).string(),
                                    disk_error);
  if (!file) return file.error();
  if (auto status = (*file)->write(text); !status) return status;
  return (*file)->commit(name);
}

Result<SnapshotInfo> write_files(FileSystem& files, const JournalReader& reader,
                                 const SnapshotSource& source, const std::filesystem::path& to) {
  Manifest manifest;
  manifest.info.store_id = source.store_id.to_string();
  manifest.info.revision = source.revision;
  if (!source.incarnation.is_nil()) manifest.info.incarnation = source.incarnation.to_string();
  manifest.info.since = source.since;
  kinds::RecordKinds::each([&]<class Record>(kinds::Tag<Record>) {
    manifest.info.counts[std::string(kinds::Kind<Record>::name)] = 0;
  });
  for (const char* kind : {"tenant", "plan", "embedding", "tombstone", "history"}) {
    manifest.info.counts[kind] = 0;
  }
  const auto rows = SnapshotRows::choose(reader, source);
  if (!rows) return rows.error();
  for (std::size_t i = 0; i < kTableCount; ++i) {
    auto file =
        TableWriter(reader, source, static_cast<Table>(i), manifest.info).write(files, *rows, to);
    if (!file) return file.error();
    manifest.files[i] = *std::move(file);
    TULVING_KILL_POINT("snapshot.table");
  }
  // Each row is counted once, under its kind.
  TULVING_DCHECK(manifest.files[2].entries == manifest.info.counts["embedding"]);
  TULVING_DCHECK(manifest.files[3].entries == manifest.info.counts["history"]);
  TULVING_KILL_POINT("snapshot.manifest");
  auto status = write_manifest(files, to, render_manifest(manifest));
  if (!status) return status.error();
  return manifest.info;
}

}  // namespace

Result<SnapshotInfo> write_snapshot(const JournalReader& reader, const SnapshotSource& source,
                                    const std::filesystem::path& to, FileSystem& files) {
  const auto place = prepare(files, to);
  if (!place) return place.error();
  // Whoever else makes a snapshot of that name has another folder, and one of the two the name.
  const auto folder = TemporaryFolder::create(files, place->parent, place->name, disk_error);
  if (!folder) return folder.error();
  auto info = write_files(files, reader, source, (*folder)->path());
  if (!info) return info;
  if (auto status = (*folder)->commit(); !status) return status.error();
  return info;
}

}  // namespace tulving::storage
