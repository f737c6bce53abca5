#include "core/engine/store/store_files.h"

#include <fmt/format.h>

#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "core/base/check.h"
#include "core/engine/store/store_impl.h"
#include "core/model/rules/rules.h"
#include "core/model/rules/thresholds.h"
#include "storage/keys.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;
using storage::Table;

// A directory that is there and is no store is left alone: nothing is written into it.
Status check_directory(const fs::path& directory, const StoreOptions& options) {
  std::error_code error;
  if (!fs::exists(directory, error)) {
    if (options.create_if_missing && !options.read_only) return {};
    return Error{ErrorCode::kNotFound, fmt::format("{}: there is no store", directory.string())};
  }
  if (!fs::is_directory(directory, error)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a directory", directory.string()), "directory"};
  }
  if (fs::exists(StoreFiles::log_directory(directory), error)) return {};
  if (!fs::is_empty(directory, error)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} is not a Tulving store and not empty", directory.string()),
                 "directory"};
  }
  if (options.create_if_missing && !options.read_only) return {};
  return Error{ErrorCode::kNotFound, fmt::format("{}: there is no store", directory.string())};
}

// What a restore that was cut short left is as good as nothing: the log knows it.
Status check_new_directory(FileSystem& files, const fs::path& directory) {
  std::error_code error;
  if (!fs::exists(directory, error)) return {};
  bool is_empty = fs::is_directory(directory, error);
  for (auto entry = fs::directory_iterator(directory, error); entry != fs::end(entry);
       entry.increment(error)) {
    is_empty = is_empty && entry->path() == StoreFiles::log_directory(directory);
  }
  if (is_empty && !error) {
    return storage::check_restorable(files, StoreFiles::log_directory(directory));
  }
  return Error{ErrorCode::kConflict, fmt::format("{} exists and is not empty", directory.string()),
               "directory"};
}

// The one path of a directory that no spelling, link or change of the working directory leads away
// from: a store opens files by path for as long as it is open.
fs::path absolute_path(const fs::path& directory) {
  std::error_code error;
  auto path = fs::absolute(directory, error);
  if (!error) path = fs::weakly_canonical(path, error);
  return error ? directory : path;
}

// Rows go over in batches: small enough for any memory, large enough to be quick.
Status copy_rows(const storage::SnapshotReader& snapshot, storage::Journal& journal) {
  constexpr std::size_t kBatchBytes = std::size_t{4} << 20;
  storage::JournalBatch batch;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Status {
    if (batch.empty()) return {};
    auto status = journal.append(batch);
    batch.clear();
    bytes = 0;
    return status;
  };
  // The store row last: without it no release takes the directory for a store.
  std::optional<std::string> store_row;
  for (const Table table : {Table::kRecords, Table::kVectors, Table::kHistory, Table::kMeta}) {
    auto status = snapshot.scan(table, [&](std::string_view key, std::string_view value) -> Status {
      if (table == Table::kMeta && key == storage::store_key()) {
        store_row = std::string(value);
        return {};
      }
      batch.put(table, std::string(key), std::string(value));
      bytes += key.size() + value.size();
      return bytes < kBatchBytes ? Status() : flush();
    });
    if (!status) return status;
  }
  if (auto status = flush(); !status) return status;
  if (auto status = journal.make_durable(); !status) return status;
  TULVING_DCHECK(batch.empty());  // The store row goes in alone, when all else is durable.
  if (!store_row) return Error{ErrorCode::kCorruption, "the snapshot has no store row"};
  batch.put(Table::kMeta, storage::store_key(), *std::move(store_row));
  if (auto status = journal.append(batch); !status) return status;
  return journal.make_durable();
}

}  // namespace

StoreFiles::StoreFiles()
    : files_(FileSystem::machine()),
      open_journal_([](const fs::path& directory, const storage::RocksdbJournalOptions& options) {
        return storage::open_rocksdb_journal(directory, options);
      }) {}
StoreFiles::StoreFiles(FileSystem& files, OpenJournal open_journal)
    : files_(files), open_journal_(std::move(open_journal)) {}

FileSystem& StoreFiles::of(const Tenant& tenant) { return tenant.impl_->store->files; }

Result<Store> StoreFiles::open(const fs::path& directory, const StoreOptions& options) const {
  if (auto status = model::check_options(options); !status) return status.error();
  auto thresholds = model::resolve_thresholds(options.thresholds, model::process_environment);
  if (!thresholds) return thresholds.error();
  if (auto status = check_directory(directory, options); !status) return status.error();
  const auto path = absolute_path(directory);
  auto journal = open_journal_(log_directory(path), {options.create_if_missing, options.read_only});
  if (!journal) return journal.error();
  auto impl =
      std::make_shared<Store::Impl>(path, options, *thresholds, *std::move(journal), files_);
  try {
    if (auto status = impl->recover(); !status) return status.error();
  } catch (const std::system_error&) {
    throw std::bad_alloc();  // No room for a thread: to a caller the same.
  }
  return Store(std::move(impl));
}

Result<SnapshotInfo> StoreFiles::restore(const fs::path& from, const fs::path& directory) const {
  if (auto status = check_new_directory(files_, directory); !status) return status.error();
  auto snapshot = storage::SnapshotReader::open(from, files_);
  if (!snapshot) return snapshot.error();
  if (snapshot->info().since) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("{} holds only what changed after revision {}; a restore needs a full "
                             "snapshot",
                             from.string(), *snapshot->info().since),
                 "from"};
  }
  const auto log = log_directory(absolute_path(directory));
  std::error_code error;
  const bool is_new = !fs::exists(directory, error);
  Status status = fill(*snapshot, log);
  if (status) return snapshot->info();
  // Nothing of it is left, or the next try would find it. Another that has taken it over keeps it.
  (void)storage::discard_restore(files_, log).has_value();
  if (is_new) (void)files_.remove(AT_FDCWD, log.parent_path().string(), true);
  return status.error();
}

Status StoreFiles::fill(const storage::SnapshotReader& snapshot, const fs::path& log) const {
  auto journal = open_journal_(log, {.restores = true});
  if (!journal) return journal.error();
  if (auto status = copy_rows(snapshot, **journal); !status) return status;
  return (*journal)->close();  // From here on it is a store.
}

}  // namespace tulving
