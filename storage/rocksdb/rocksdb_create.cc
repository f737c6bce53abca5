#include <algorithm>
#include <cerrno>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/files/io_error.h"
#include "storage/rocksdb/database.h"
#include "storage/rocksdb/options.h"
#include "storage/rocksdb/status.h"

namespace tulving::storage {
namespace {

/// RocksDB's files in a directory.
Result<std::vector<std::string>> rocksdb_files_in(rocksdb::Env* env,
                                                  const std::filesystem::path& directory) {
  std::vector<std::string> names;
  if (const auto status = env->GetChildren(directory.string(), &names); !status.ok()) {
    return to_error(status, "listing the files", directory);
  }
  std::erase_if(names, [](const std::string& name) { return !is_rocksdb_file(name); });
  return names;
}

}  // namespace

Result<bool> has_records(rocksdb::Env* env, const std::filesystem::path& directory) {
  const auto names = rocksdb_files_in(env, directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (name.ends_with(".sst") || name.ends_with(".blob")) return true;
    std::uint64_t bytes = 0;
    if (!name.ends_with(".log")) continue;
    const auto status = env->GetFileSize((directory / name).string(), &bytes);
    if (!status.ok()) return to_error(status, "reading " + name, directory);
    if (bytes > 0) return true;
  }
  return false;
}

// DestroyDB() would do it, but lets go of LOCK and removes it, and so lets another writer in.
Status clear_unfinished(rocksdb::Env* env, const std::filesystem::path& directory) {
  const auto names = rocksdb_files_in(env, directory);
  if (!names) return names.error();
  for (const std::string& name : *names) {
    TULVING_KILL_POINT("create.clearing");
    const auto status = env->DeleteFile((directory / name).string());
    if (!status.ok()) return to_error(status, "removing " + name, directory);
  }
  return {};
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
    TULVING_KILL_POINT("create.family");
    // The handle may be set though the call fails; ~Database() gives it back.
    status = db->CreateColumnFamily(families[i].options, families[i].name, &database.families[i]);
  }
  return status;
}

Status discard_restore(FileSystem& files, const std::filesystem::path& directory) {
  const auto lock = StoreLock::take(files, directory);
  if (!lock) return lock.error();
  if (auto status = check_restorable(files, directory); !status) return status;
  const auto open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  std::vector<std::string> names;
  if (!open.is_open()) return disk_error("open", directory.string(), open.cause());
  struct stat info {};
  if (open.stat("TULVING", info) == 0) {  // Or it did not come so far: a full disk has no room.
    const auto marker = open_directory(files, directory, {.restores = true});
    if (!marker) return marker.error();
    if (marker->state != Marker::State::kRestoring) return {};
  }
  if (const int cause = open.list(names); cause != 0) {
    return disk_error("list the files in", directory.string(), cause);
  }
  // The marker last: what is there without one is somebody else's, and is in every restore's way.
  std::erase_if(names, [](const std::string& name) { return !is_rocksdb_file(name); });
  for (const char* name : {"LOCK", "TULVING.new", "TULVING"}) names.emplace_back(name);
  for (const std::string& name : names) {
    const int cause = open.remove(name);
    if (cause != 0 && cause != ENOENT) {
      return disk_error("remove", (directory / name).string(), cause);
    }
  }
  (void)files.remove(AT_FDCWD, directory.string(), true);  // Unless something else is in it.
  return {};
}

}  // namespace tulving::storage
