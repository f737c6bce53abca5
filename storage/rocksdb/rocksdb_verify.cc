#include <fmt/format.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/metadata.h>
#include <rocksdb/sst_file_reader.h>

#include <algorithm>

#include "storage/rocksdb/database.h"
#include "storage/rocksdb/log/log_audit.h"
#include "storage/rocksdb/status.h"

namespace tulving::storage {
namespace {

/// The checksum of a whole file, as RocksDB computed it when it wrote the file.
Result<std::string> checksum_of(const Database& database, const std::string& path) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  auto status = database.env->NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (!status.ok()) return to_error(status, "reading a file", database.directory);
  const auto generator =
      rocksdb::GetFileChecksumGenCrc32cFactory()->CreateFileChecksumGenerator({});
  std::string buffer(1U << 20U, '\0');
  for (rocksdb::Slice chunk;;) {
    status = file->Read(buffer.size(), &chunk, buffer.data());
    if (!status.ok()) return to_error(status, "reading " + path, database.directory);
    if (chunk.empty()) break;
    generator->Update(chunk.data(), chunk.size());
  }
  generator->Finalize();
  return generator->GetChecksum();
}

bool is_table(const rocksdb::LiveFileStorageInfo& file) {
  return file.file_type == rocksdb::kTableFile || file.file_type == rocksdb::kBlobFile;
}

/// Table and blob files: the manifest holds the checksum of each.
void verify_tables(const Database& database, const std::vector<rocksdb::LiveFileStorageInfo>& files,
                   std::vector<std::string>& problems) {
  for (const auto& file : files) {
    if (!is_table(file)) continue;
    const auto path = (std::filesystem::path(file.directory) / file.relative_filename).string();
    const auto checksum = checksum_of(database, path);
    if (!checksum) {
      problems.push_back(fmt::format("{} cannot be read: {}", path, checksum.error().message));
    } else if (*checksum != file.file_checksum) {
      problems.push_back(fmt::format("{} is damaged: its checksum differs", path));
    }
  }
}

/// What RocksDB holds live; it deletes none of these until EnableFileDeletions().
Status list_files(const Database& database, std::vector<rocksdb::LiveFileStorageInfo>& files) {
  rocksdb::LiveFilesStorageInfoOptions options;
  options.include_checksum_info = true;
  const auto status = database.db->GetLiveFilesStorageInfo(options, &files);
  if (!status.ok()) return to_error(status, "listing the files", database.directory);
  return {};
}

}  // namespace

Result<std::vector<std::string>> verify_database(const Database& database) {
  if (!database.is_read_only) {
    const auto status = database.db->DisableFileDeletions();
    if (!status.ok()) return to_error(status, "verifying", database.directory);
  }
  std::vector<std::string> problems;
  std::vector<rocksdb::LiveFileStorageInfo> files;
  auto listed = list_files(database, files);
  if (listed) {
    verify_tables(database, files, problems);
    const auto marker = open_directory(*database.files, database.directory,
                                       {.create_if_missing = false, .read_only = true});
    if (!marker) problems.push_back(marker.error().message);
    const auto audit =
        audit_log(*database.files, database.directory, marker ? marker->sequence : 0);
    if (!audit) {
      problems.push_back(audit.error().message);
    } else {
      problems.insert(problems.end(), audit->problems.begin(), audit->problems.end());
    }
  }
  if (!database.is_read_only) (void)database.db->EnableFileDeletions().ok();
  if (!listed) return listed.error();
  return problems;
}

std::vector<std::string> damaged_tables(rocksdb::Env* env, const std::filesystem::path& directory) {
  std::vector<std::string> names;
  std::vector<std::string> problems;
  if (!env->GetChildren(directory.string(), &names).ok()) return problems;
  rocksdb::Options options;
  options.env = env;
  for (const auto& name : names) {
    if (!name.ends_with(".sst")) continue;
    const std::string path = (directory / name).string();
    rocksdb::SstFileReader table(options);
    auto status = table.Open(path);
    if (status.ok()) status = table.VerifyChecksum();
    if (!status.ok()) problems.push_back(fmt::format("{} is damaged: {}", path, status.ToString()));
  }
  return problems;
}

}  // namespace tulving::storage
