#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/check.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/options.h"
#include "storage/rocksdb/status.h"

namespace tulving::storage {
namespace {

/// Whether another owner has the directory, found by taking RocksDB's lock and giving it back.
bool is_locked(rocksdb::Env* env, const std::filesystem::path& directory) {
  rocksdb::FileLock* lock = nullptr;
  if (!env->LockFile((directory / "LOCK").string(), &lock).ok()) return true;
  (void)env->UnlockFile(lock).ok();
  return false;
}

rocksdb::Status open_rocksdb(Database& database, const LogState& log) {
  const auto options = db_options(database.env.get(), log);
  const std::string path = database.directory.string();
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  rocksdb::Status status =
      database.is_read_only
          ? rocksdb::DB::OpenForReadOnly(options, path, column_families(), &handles, &db)
          : rocksdb::DB::Open(options, path, column_families(), &handles, &db);
  if (!status.ok()) return status;
  database.db.reset(db);
  TULVING_DCHECK(handles.size() == kTableCount);
  std::copy(handles.begin(), handles.end(), database.families.begin());
  TULVING_DCHECK(database.family(Table::kVectors)->GetName() == "vectors");
  TULVING_DCHECK(database.family(Table::kHistory)->GetName() == "history");
  return status;
}

/// One column family after the other: `create_missing_column_families` would do it, but in 7.8 it
/// loses a handle when the disk fails at the wrong moment, and then aborts the process.
rocksdb::Status create_rocksdb(Database& database) {
  auto options = db_options(database.env.get(), {});
  options.create_if_missing = true;
  const auto families = column_families();
  TULVING_DCHECK(families.size() == kTableCount);
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* db = nullptr;
  auto status =
      rocksdb::DB::Open(options, database.directory.string(), {families.front()}, &handles, &db);
  if (!status.ok()) return status;
  database.db.reset(db);
  database.families.front() = handles.front();
  for (std::size_t i = 1; i < families.size() && status.ok(); ++i) {
    // The handle may be set though the call fails; ~Database() gives it back.
    status = db->CreateColumnFamily(families[i].options, families[i].name, &database.families[i]);
  }
  return status;
}

/// Syncs the log that the last process left. If it was killed, its last writes are in the system's
/// cache alone; RocksDB replays them, but its SyncWAL() knows of the files it made itself only, so
/// that what make_durable() promises would not be true of them.
Status sync_logs(rocksdb::Env* env, const std::filesystem::path& directory, const LogState& log) {
  rocksdb::Status status;
  for (const auto& file : log.files) {
    if (file.bytes == 0) continue;
    std::unique_ptr<rocksdb::WritableFile> handle;
    if (status.ok()) status = env->ReopenWritableFile(file.path, &handle, rocksdb::EnvOptions());
    if (status.ok()) status = handle->Sync();
  }
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok() && log.bytes() > 0) status = env->NewDirectory(directory.string(), &names);
  if (status.ok() && names) status = names->Fsync();
  if (!status.ok()) return to_error(status, "syncing the log", directory);
  return {};
}

/// Removes log files of earlier opens that wrote nothing. RocksDB keeps them until its next flush,
/// so that a store which is only ever read would gather one with each open. They are ours to
/// remove, since the lock is held, and the log in use is not among them: it was made by this open.
void remove_empty_logs(rocksdb::Env* env, const LogState& log) {
  for (const auto& file : log.files) {
    std::uint64_t bytes = 0;
    if (file.bytes == 0 && env->GetFileSize(file.path, &bytes).ok() && bytes == 0) {
      (void)env->DeleteFile(file.path).ok();
    }
  }
}

Error corruption(const std::vector<std::string>& problems) {
  return {ErrorCode::kCorruption, fmt::format("{}", fmt::join(problems, "; "))};
}

/// The log must reach as far as it did when the store was last closed in order.
Status check_reach(const Database& database, const Marker& marker) {
  const std::uint64_t last = database.db->GetLatestSequenceNumber();
  if (last >= marker.sequence) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("the log in {} ends at write {}, but reached {} when it was closed: a "
                           ".log file or the MANIFEST was cut or lost",
                           database.directory.string(), last, marker.sequence)};
}

/// The names of the write-ahead logs that are there, in order.
std::vector<std::string> logs_in(const Database& database) {
  std::vector<std::string> names;
  if (!database.env->GetChildren(database.directory.string(), &names).ok()) names.clear();
  std::erase_if(names, [](const std::string& name) { return !name.ends_with(".log"); });
  std::ranges::sort(names);
  return names;
}

/// A writer that moves its log into tables after RocksDB has read the MANIFEST, and deletes the log
/// before RocksDB reads that, leaves it with neither. The writes may be missing from the end, or,
/// when there are newer ones by then, from before those: so no log of `logs`, which were there
/// before it opened, may be gone. Logs go in the order in which they came; one that came and went
/// in between took one of these along.
Status check_beside_writer(const Database& database, const LogAudit& audit,
                           const std::vector<std::string>& logs) {
  if (!std::ranges::includes(logs_in(database), logs)) {
    return Error{ErrorCode::kBusy, fmt::format("the log in {} is being moved by its writer",
                                               database.directory.string())};
  }
  const std::uint64_t last = database.db->GetLatestSequenceNumber();
  if (last >= audit.last || !is_locked(database.env.get(), database.directory)) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("the log in {} ends at write {}, but write {} was there: its writer "
                           "moves it",
                           database.directory.string(), last, audit.last)};
}

/// Removes what a creation that was cut short left behind. RocksDB may find that it cannot read its
/// own half-written files; nothing was ever acknowledged from them.
Status clear_half_created(rocksdb::Env* env, const std::filesystem::path& directory) {
  const rocksdb::Options options(db_options(env, {}), rocksdb::ColumnFamilyOptions());
  const auto status = rocksdb::DestroyDB(directory.string(), options);
  if (!status.ok()) return to_open_error(status, directory);
  return {};
}

/// Shows a directory without its write-ahead logs.
class WithoutLogs final : public rocksdb::EnvWrapper {
 public:
  explicit WithoutLogs(rocksdb::Env* base) : EnvWrapper(base) {}
  const char* Name() const override { return "tulving.WithoutLogs"; }
  rocksdb::Status GetChildren(const std::string& directory,
                              std::vector<std::string>* names) override {
    auto status = EnvWrapper::GetChildren(directory, names);
    std::erase_if(*names, [](const std::string& name) { return name.ends_with(".log"); });
    return status;
  }
};

/// The number of the last write that the manifest knows to be in tables. Changes nothing.
Result<std::uint64_t> reach_of_tables(const std::filesystem::path& directory,
                                      const std::shared_ptr<rocksdb::Env>& env) {
  Database database;
  database.directory = directory;
  database.is_read_only = true;
  database.env = std::make_shared<WithoutLogs>(env.get());
  const auto status = open_rocksdb(database, {});
  if (!status.ok()) return to_open_error(status, directory);
  return database.db->GetLatestSequenceNumber();
}

Result<std::shared_ptr<Database>> open_once(const std::filesystem::path& directory,
                                            const RocksdbJournalOptions& options, FileSystem& files,
                                            std::shared_ptr<rocksdb::Env> env) {
  const auto marker = open_directory(files, directory, options);
  if (!marker) return marker.error();
  LogAudit log;
  if (marker->is_ready) {
    auto found = audit_directory(directory, env, marker->sequence);
    const bool failed = !found || !found->problems.empty();
    if (failed && !options.read_only && is_locked(env.get(), directory)) {
      // The owner changed the files while we read them, so what we saw means nothing.
      return to_open_error(rocksdb::Status::IOError("/LOCK"), directory);
    }
    if (!found) return found.error();
    if (failed) return corruption(found->problems);
    log = *std::move(found);
    if (!options.read_only) {
      auto synced = sync_logs(env.get(), directory, log.state);
      if (!synced) return synced.error();
    }
  } else if (!options.read_only) {
    if (auto cleared = clear_half_created(env.get(), directory); !cleared) return cleared.error();
  }
  auto database = std::make_shared<Database>();
  database->directory = directory;
  database->is_read_only = options.read_only;
  database->files = &files;
  database->env = std::move(env);
  const auto logs = options.read_only ? logs_in(*database) : std::vector<std::string>();
  const auto status = marker->is_ready || options.read_only ? open_rocksdb(*database, log.state)
                                                            : create_rocksdb(*database);
  if (!status.ok()) {
    Error error = to_open_error(status, directory);
    if (error.code == ErrorCode::kCorruption) {
      for (const auto& problem : damaged_tables(database->env.get(), directory)) {
        error.message += "; " + problem;
      }
    }
    return error;
  }
  if (auto reach = check_reach(*database, *marker); !reach) return reach.error();
  if (options.read_only) {
    if (auto whole = check_beside_writer(*database, log, logs); !whole) return whole.error();
  }
  // What the marker promised is there, so the next close may promise no less.
  TULVING_DCHECK(database->db->GetLatestSequenceNumber() >= marker->sequence);
  if (!options.read_only) remove_empty_logs(database->env.get(), log.state);
  if (!marker->is_ready && !options.read_only) {
    const Marker ready{.is_ready = true, .sequence = 0};
    if (auto written = write_marker(files, directory, ready); !written) {
      return written.error();
    }
  }
  return database;
}

}  // namespace

Result<LogAudit> audit_directory(const std::filesystem::path& directory,
                                 const std::shared_ptr<rocksdb::Env>& env, std::uint64_t sequence) {
  auto found = audit_log(env.get(), directory, sequence);
  if (!found || !found->problems.empty() || !found->must_know_tables) return found;
  const auto in_tables = reach_of_tables(directory, env);
  if (!in_tables) return in_tables.error();
  return audit_log(env.get(), directory, sequence, *in_tables);
}

Result<std::shared_ptr<Database>> open_database(const std::filesystem::path& directory,
                                                const RocksdbJournalOptions& options,
                                                FileSystem& files,
                                                const std::shared_ptr<rocksdb::Env>& env) {
  // Beside a writer, a file that it has just replaced may be gone before we reach it: look again.
  // One that replaces them all the time needs many looks; two seconds are enough.
  constexpr int attempts_max = 100;
  for (int attempt = 1;; ++attempt) {
    auto database = open_once(directory, options, files, env);
    if (database || !options.read_only || attempt == attempts_max) return database;
    const ErrorCode code = database.error().code;
    const bool may_be_moving = code == ErrorCode::kCorruption || code == ErrorCode::kIo;
    const bool was_moving = code == ErrorCode::kBusy;  // Its writer may be gone by now.
    if (!was_moving && !(may_be_moving && is_locked(env.get(), directory))) return database;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(5 * attempt, 20)));
  }
}

}  // namespace tulving::storage
