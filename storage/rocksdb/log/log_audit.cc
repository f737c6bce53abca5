#include "storage/rocksdb/log/log_audit.h"

#include <algorithm>
#include <charconv>

#include "core/base/check.h"
#include "core/base/files/io_error.h"
#include "storage/rocksdb/log/log_file.h"
#include "storage/rocksdb/log/manifest_audit.h"
#include "storage/rocksdb/log/write_audit.h"

namespace tulving::storage {
namespace {

struct NumberedFile {
  std::uint64_t number = 0;
  std::string name;
};

/// The write-ahead logs, NNNNNN.log, in the order of their numbers.
Result<std::vector<NumberedFile>> log_files(const Descriptor& directory, const std::string& path) {
  std::vector<std::string> names;
  if (const int cause = directory.list(names); cause != 0) {
    return disk_error("list the files in", path, cause);
  }
  std::vector<NumberedFile> files;
  for (auto& name : names) {
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (failure == std::errc() && std::string_view(end) == ".log") {
      files.push_back({number, std::move(name)});
    }
  }
  std::sort(files.begin(), files.end(),
            [](const auto& a, const auto& b) { return a.number < b.number; });
  return files;
}

/// Has `writes` follow the logs. True: whether it must know what is in tables.
Result<bool> follow_writes(const Descriptor& directory, const std::filesystem::path& path,
                           const std::vector<NumberedFile>& logs, WriteAudit& writes,
                           LogAudit& audit) {
  for (const auto& log : logs) {
    const auto file_path = (path / log.name).string();
    if (log.number > kFileNumberMax) {
      audit.problems.push_back(file_path + " has a number that RocksDB gives to no file");
    }
    const auto file = directory.open(log.name, O_RDONLY);
    struct stat info {};
    int cause = file.is_open() ? file.stat(info) : file.cause();
    if (cause == 0) {
      const auto bytes = static_cast<std::uint64_t>(info.st_size);
      audit.state.files.push_back({file_path, bytes, bytes});
      writes.begin_file(log.number);
      cause = read_log(file, writes);
      writes.end_file();
    }
    if (cause != 0) return disk_error("read", file_path, cause);
  }
  writes.finish();
  return writes.must_know_tables();
}

}  // namespace

std::string durable_note(std::uint64_t sequence) {
  std::string note(kNoteStart.substr(2));
  for (unsigned shift = 0; shift < 64; shift += 8) {
    note.push_back(static_cast<char>(static_cast<unsigned char>(sequence >> shift)));
  }
  TULVING_DCHECK(note.size() == static_cast<std::size_t>(kNoteStart[1]));
  return note;
}

Result<LogAudit> audit_log(FileSystem& files, const std::filesystem::path& directory,
                           std::uint64_t sequence) {
  const auto open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  if (!open.is_open()) return disk_error("open", directory.string(), open.cause());
  const auto manifest = audit_manifest(open, directory.string());
  if (!manifest) return manifest.error();
  const auto logs = log_files(open, directory.string());
  if (!logs) return logs.error();
  std::optional<std::uint64_t> in_tables;
  while (true) {
    LogAudit audit;
    if (!manifest->problem.empty()) audit.problems.push_back(manifest->problem);
    audit.can_be_salvaged = manifest->problem.empty();
    WriteAudit writes(*manifest, sequence, in_tables, audit);
    const auto must_know_tables = follow_writes(open, directory, *logs, writes, audit);
    if (!must_know_tables) return must_know_tables.error();
    if (!*must_know_tables || in_tables || !audit.problems.empty()) return audit;
    in_tables = manifest->last;  // Asked once more, it has its answer.
  }
}

}  // namespace tulving::storage
