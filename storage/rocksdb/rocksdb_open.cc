#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <set>
#include <system_error>
#include <thread>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/memory_room.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/options.h"
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
  if (last >= audit.last || !StoreLock::is_held(*database.files, database.directory)) return {};
  return Error{ErrorCode::kCorruption,
               fmt::format("the log in {} ends at write {}, but write {} was there: its writer "
                           "moves it",
                           database.directory.string(), last, audit.last)};
}

/// Shows a directory with the first `count` of its write-ahead logs alone.
class FirstLogs final : public rocksdb::EnvWrapper {
 public:
  FirstLogs(std::shared_ptr<rocksdb::Env> base, const LogState& log, std::size_t count)
      : EnvWrapper(base.get()), base_(std::move(base)) {
    for (std::size_t i = 0; i < count; ++i) {
      shown_.insert(std::filesystem::path(log.files[i].path).filename().string());
    }
  }
  const char* Name() const override { return "tulving.FirstLogs"; }
  rocksdb::Status GetChildren(const std::string& directory,
                              std::vector<std::string>* names) override {
    auto status = EnvWrapper::GetChildren(directory, names);
    std::erase_if(*names, [this](const std::string& name) {
      return name.ends_with(".log") && !shown_.contains(name);
    });
    return status;
  }

 private:
  const std::shared_ptr<rocksdb::Env> base_;
  std::set<std::string> shown_;
};

/// The number of the last write that the manifest knows to be in tables. Changes nothing.
Result<std::uint64_t> reach_of_tables(const std::filesystem::path& directory,
                                      const std::shared_ptr<rocksdb::Env>& env) {
  Database database;
  database.directory = directory;
  database.is_read_only = true;
  database.env = std::make_shared<FirstLogs>(env, LogState(), 0);
  const auto status = open_rocksdb(database, {});
  if (!status.ok()) return to_open_error(status, directory);
  return database.db->GetLatestSequenceNumber();
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
  auto audit = audit_directory(directory, env, marker->sequence);
  if (!audit) return audit.error();
  const bool is_salvaged = options.salvages && audit->second_writer && audit->problems.size() == 1;
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
  if (log.second_writer) {
    database->env = std::make_shared<FirstLogs>(env, log.state, *log.second_writer);
  }
  const auto logs = options.read_only ? logs_in(*database) : std::vector<std::string>();
  TULVING_KILL_POINT("open.ready");
  const auto status =
      ground->has_database ? open_rocksdb(*database, log.state) : create_rocksdb(*database);
  if (!status.ok()) return open_error(status, *database);
  if (log.second_writer) return database;  // Both promised how far the log reaches.
  if (auto reach = check_reach(*database, ground->marker); !reach) return reach.error();
  // What the marker promised is there, so the next close may promise no less.
  TULVING_DCHECK(database->db->GetLatestSequenceNumber() >= ground->marker.sequence);
  if (options.read_only) {
    if (auto whole = check_beside_writer(*database, log, logs); !whole) return whole.error();
    return database;
  }
  TULVING_DCHECK(database->lock != nullptr);  // No other writer's files are removed here.
  TULVING_KILL_POINT("open.opened");
  remove_empty_logs(database->env.get(), log.state);
  if (!ground->marker.is_ready() && !options.restores) {
    TULVING_KILL_POINT("open.marker");
    const Marker ready{.state = Marker::State::kReady};
    if (auto written = write_marker(files, directory, ready); !written) return written.error();
  }
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
Status check_means(rocksdb::Env& env) {
  constexpr std::uint64_t kRoom = 48U << 20U;  // Tables in memory and threads' stacks.
  if (!has_memory_room(kRoom)) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("the system gives this process no {} bytes more of memory, which "
                             "opening a store may need",
                             kRoom)};
  }
  try {
    env.IncBackgroundThreadsIfNeeded(1, rocksdb::Env::HIGH);
    env.IncBackgroundThreadsIfNeeded(1, rocksdb::Env::LOW);
  } catch (const std::system_error& error) {
    return Error{ErrorCode::kResourceExhausted,
                 fmt::format("no threads for the store's log: {}", error.what())};
  }
  return {};
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

Result<std::shared_ptr<Database>> open_database(const std::filesystem::path& given,
                                                const RocksdbJournalOptions& options,
                                                FileSystem& files,
                                                const std::shared_ptr<rocksdb::Env>& env) {
  // Beside a writer, a file that it has just replaced may be gone before we reach it: look again.
  // One that replaces them all the time needs many looks; two seconds are enough.
  constexpr int attempts_max = 100;
  if (auto status = check_means(*env); !status) return status.error();
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
