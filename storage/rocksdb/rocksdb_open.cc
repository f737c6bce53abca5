#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <system_error>
#include <thread>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/memory_room.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/options.h"
#include "storage/rocksdb/sound_logs.h"
#include "storage/rocksdb/status.h"

namespace tulving::storage {
namespace {

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

/// Removes log files in which nothing was sound: those of earlier opens that wrote nothing, and
/// those that hold only what was dropped. RocksDB keeps them until its next flush, so that a store
/// which is only ever read would gather one with each open, and read again what was dropped, whose
/// numbers the next writes have. They are ours to remove, since the lock is held, and the log in
/// use is not among them: it was made by this open.
Status remove_empty_logs(rocksdb::Env* env, const std::filesystem::path& directory,
                         const LogState& log) {
  bool has_dropped = false;
  rocksdb::Status status;
  for (const auto& file : log.files) {
    std::uint64_t bytes = 0;
    if (file.sound_bytes > 0 || !env->GetFileSize(file.path, &bytes).ok()) continue;
    if (file.bytes == 0 && bytes > 0) continue;
    const auto removed = env->DeleteFile(file.path);
    if (file.bytes == 0) continue;  // It does no harm if it stays.
    has_dropped = true;
    // RocksDB may have dropped it too, in the background; that it is gone is all that is wanted.
    if (status.ok() && !removed.IsPathNotFound() && !removed.IsNotFound()) status = removed;
  }
  std::unique_ptr<rocksdb::Directory> names;
  if (status.ok() && has_dropped) status = env->NewDirectory(directory.string(), &names);
  if (status.ok() && names) status = names->Fsync();
  if (!status.ok()) return to_error(status, "removing a log that was dropped", directory);
  return {};
}

Error corruption(const std::vector<std::string>& problems) {
  return {ErrorCode::kCorruption, fmt::format("{}", fmt::join(problems, "; "))};
}

/// The log must reach as far as the marker says that it did.
Status check_reach(const Database& database, const Marker& marker) {
  const std::uint64_t last = database.db->GetLatestSequenceNumber();
  if (last >= marker.sequence) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("the log in {} ends at write {}, but reached {} on disk: a .log file or "
                           "the MANIFEST was cut or lost; a salvage keeps what is there",
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
  if (last >= audit.last || !StoreLock::is_held(*database.files, database.directory)) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("the log in {} ends at write {}, but write {} was there: its writer "
                           "moves it",
                           database.directory.string(), last, audit.last)};
}

/// What is known of a directory, and done to it, before RocksDB opens it.
struct Ground {
  std::unique_ptr<StoreLock> lock;  ///< Null: read-only.
  Marker marker;
  bool has_database = true;
  LogAudit log;  ///< Of the database.
};

/// Clears what a creation or a restore that was cut short left. True: there is nothing now.
Result<bool> start_over(const std::filesystem::path& directory,
                        const RocksdbJournalOptions& options, FileSystem& files, rocksdb::Env* env,
                        const Marker& marker) {
  TULVING_DCHECK(!options.read_only);
  if (marker.state == Marker::State::kNew) {
    // Nothing is written before the marker says "ready", so the marker is wrong, and the records
    // are somebody's: they are kept, and read as any store's.
    const auto written = has_records(env, directory);
    if (!written) return written.error();
    if (*written && options.restores) {
      return Error{ErrorCode::kConflict, fmt::format("{} has records", directory.string())};
    }
    if (*written) return false;
  }
  if (auto cleared = clear_unfinished(env, directory); !cleared) return cleared.error();
  TULVING_KILL_POINT("open.cleared");
  if (options.restores && marker.state == Marker::State::kNew) {
    const Marker restoring{.state = Marker::State::kRestoring};
    if (auto status = write_marker(files, directory, restoring); !status) return status.error();
  }
  return true;
}

Result<Ground> prepare_ground(const std::filesystem::path& directory,
                              const RocksdbJournalOptions& options, FileSystem& files,
                              const std::shared_ptr<rocksdb::Env>& env) {
  Ground ground;
  if (!options.read_only) {
    if (auto status = prepare_directory(files, directory, options); !status) return status.error();
    auto lock = StoreLock::take(files, directory);
    if (!lock) return lock.error();
    ground.lock = *std::move(lock);
    TULVING_KILL_POINT("open.locked");
  }
  const auto marker = open_directory(files, directory, options);
  if (!marker) return marker.error();
  ground.marker = *marker;
  if (!marker->is_ready()) {
    const auto is_empty = start_over(directory, options, files, env.get(), *marker);
    if (!is_empty) return is_empty.error();
    ground.has_database = !*is_empty;
  }
  if (!ground.has_database) return ground;
  auto audit = audit_log(files, directory, marker->sequence);
  if (!audit) return audit.error();
  const bool is_salvaged = options.salvages && audit->can_be_salvaged;
  if (!audit->problems.empty() && !is_salvaged) return corruption(audit->problems);
  ground.log = *std::move(audit);
  if (!options.read_only) {
    TULVING_KILL_POINT("open.audited");
    if (auto synced = sync_logs(env.get(), directory, ground.log.state); !synced) {
      return synced.error();
    }
  }
  return ground;
}

/// RocksDB's failure to open, with what its tables say of it.
Error open_error(const rocksdb::Status& status, const Database& database) {
  Error error = to_open_error(status, database.directory);
  if (error.code == ErrorCode::kCorruption) {
    for (const auto& problem : damaged_tables(database.env.get(), database.directory)) {
      error.message += "; " + problem;
    }
  }
  return error;
}

Result<std::shared_ptr<Database>> open_once(const std::filesystem::path& directory,
                                            const RocksdbJournalOptions& options, FileSystem& files,
                                            const std::shared_ptr<rocksdb::Env>& env) {
  auto ground = prepare_ground(directory, options, files, env);
  if (!ground) return ground.error();
  auto database = Database::make();
  database->lock = std::move(ground->lock);
  database->directory = directory;
  database->is_read_only = options.read_only;
  database->files = &files;
  database->env = env;
  const LogAudit& log = ground->log;
  if (auto sound = sound_logs(env, log.state)) database->env = std::move(sound);
  const auto logs = options.read_only ? logs_in(*database) : std::vector<std::string>();
  TULVING_KILL_POINT("open.ready");
  const auto status =
      ground->has_database ? open_rocksdb(*database, log.state) : create_rocksdb(*database);
  if (!status.ok()) return open_error(status, *database);
  if (!options.salvages) {
    if (auto reach = check_reach(*database, ground->marker); !reach) return reach.error();
    // What the marker promised is there, so the next one may promise no less.
    TULVING_DCHECK(database->db->GetLatestSequenceNumber() >= ground->marker.sequence);
  }
  if (options.read_only) {
    if (auto whole = check_beside_writer(*database, log, logs); !whole) return whole.error();
    return database;
  }
  TULVING_DCHECK(database->lock != nullptr);  // No other writer's files are removed here.
  TULVING_KILL_POINT("open.opened");
  if (auto removed = remove_empty_logs(env.get(), directory, log.state); !removed) {
    return removed.error();
  }
  if (!ground->marker.is_ready() && !options.restores) {
    TULVING_KILL_POINT("open.marker");
    ground->marker.state = Marker::State::kReady;
    if (auto written = write_marker(files, directory, ground->marker); !written) {
      return written.error();
    }
  }
  database->marker = ground->marker;
  return database;
}

/// The one path of a directory that no spelling, link or change of the working directory leads
/// away from: RocksDB opens files by path for as long as it runs.
std::filesystem::path true_path(const std::filesystem::path& directory) {
  if (TULVING_SABOTAGE(kLockBySpelling)) return directory;
  std::error_code failure;
  auto path = std::filesystem::absolute(directory, failure);
  if (!failure) path = std::filesystem::weakly_canonical(path, failure);
  return failure ? directory : path;
}

/// RocksDB goes on neither without memory nor without its threads, so both are asked for before.
Status check_means() {
  constexpr std::uint64_t kRoom = 48U << 20U;  // Tables in memory and threads' stacks.
  if (!has_memory_room(kRoom)) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("the system gives this process no {} bytes more of memory, which "
                             "opening a store may need",
                             kRoom)};
  }
  std::array<std::thread, 2> threads;  // As many at once as RocksDB starts.
  std::string cause;
  try {
    for (std::thread& thread : threads) thread = std::thread([] {});
  } catch (const std::system_error& error) {
    cause = error.what();
  }
  for (std::thread& thread : threads) {
    if (thread.joinable()) thread.join();
  }
  if (cause.empty()) return {};
  return Error{ErrorCode::kResourceExhausted,
               fmt::format("no threads for the store's log: {}", cause)};
}

}  // namespace

Result<std::shared_ptr<Database>> open_database(const std::filesystem::path& given,
                                                const RocksdbJournalOptions& options,
                                                FileSystem& files,
                                                const std::shared_ptr<rocksdb::Env>& env) {
  // Beside a writer, a file that it has just replaced may be gone before we reach it: look again.
  // One that replaces them all the time needs many looks; two seconds are enough.
  constexpr int attempts_max = 100;
  if (auto status = check_means(); !status) return status.error();
  const auto directory = true_path(given);
  for (int attempt = 1;; ++attempt) {
    auto database = open_once(directory, options, files, env);
    if (database || !options.read_only || attempt == attempts_max) return database;
    const ErrorCode code = database.error().code;
    const bool may_be_moving = code == ErrorCode::kCorruption || code == ErrorCode::kIo;
    const bool was_moving = code == ErrorCode::kBusy;  // Its writer may be gone by now.
    if (!was_moving && !(may_be_moving && StoreLock::is_held(files, directory))) return database;
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min(5 * attempt, 20)));
  }
}

}  // namespace tulving::storage
