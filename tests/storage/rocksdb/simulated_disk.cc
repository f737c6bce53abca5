#include "tests/storage/rocksdb/simulated_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/storage/storage_testing.h"

namespace tulving::storage {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// A file open for writing.
class SimulatedFile final : public rocksdb::FSWritableFile {
 public:
  SimulatedFile(SimulatedDisk& disk, std::shared_ptr<SimulatedDisk::File> file)
      : disk_(disk), file_(std::move(file)) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& bytes, const IOOptions&, IODebugContext*) override {
    return disk_.append(*file_, {bytes.data(), bytes.size()});
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_.sync(*file_); }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    const std::lock_guard lock(disk_.mutex_);
    return file_->synced_bytes + file_->unsynced.size();
  }

 private:
  SimulatedDisk& disk_;
  const std::shared_ptr<SimulatedDisk::File> file_;
};

class SimulatedDirectory final : public rocksdb::FSDirectory {
 public:
  SimulatedDirectory(SimulatedDisk& disk, std::string name) : disk_(disk), name_(std::move(name)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return disk_.sync_directory(name_); }

 private:
  SimulatedDisk& disk_;
  const std::string name_;
};

namespace {

/// What a file with unsynced bytes shows to a reader.
class PendingSequentialFile final : public rocksdb::FSSequentialFile {
 public:
  explicit PendingSequentialFile(std::string bytes) : bytes_(std::move(bytes)) {}
  IOStatus Read(std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    const auto count = bytes_.copy(scratch, n, at_);
    at_ += count;
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }
  IOStatus Skip(std::uint64_t n) override {
    at_ = std::min<std::size_t>(at_ + n, bytes_.size());
    return IOStatus::OK();
  }

 private:
  const std::string bytes_;
  std::size_t at_ = 0;
};

class PendingRandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  explicit PendingRandomAccessFile(std::string bytes) : bytes_(std::move(bytes)) {}
  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    const auto count = offset < bytes_.size() ? bytes_.copy(scratch, n, offset) : 0;
    *result = Slice(scratch, count);
    return IOStatus::OK();
  }

 private:
  const std::string bytes_;
};

}  // namespace

IOStatus SimulatedDisk::alive() const {
  return is_dead_ ? IOStatus::IOError("the power is cut") : IOStatus::OK();
}

void SimulatedDisk::crash(std::size_t kept_bytes) {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, file] : files_) {
    std::ofstream(name, std::ios::binary | std::ios::app) << file->unsynced.substr(0, kept_bytes);
    file->unsynced.clear();
  }
  for (const auto& [name, unsafe] : unsafe_names_) {
    if (!unsafe.renamed_from.empty()) {
      std::filesystem::rename(name, unsafe.renamed_from);
    } else {
      std::filesystem::remove(name);
    }
    if (unsafe.before) write_file(name, *unsafe.before);
  }
  files_.clear();
  unsafe_names_.clear();
  is_dead_ = true;
}

void SimulatedDisk::revive() {
  const std::lock_guard lock(mutex_);
  is_dead_ = false;
}

void SimulatedDisk::fail_sync(int nth) {
  const std::lock_guard lock(mutex_);
  syncs_to_failure_ = nth;
}

void SimulatedDisk::fill_up(int nth) {
  const std::lock_guard lock(mutex_);
  appends_to_failure_ = nth;
}

void SimulatedDisk::heal() {
  const std::lock_guard lock(mutex_);
  syncs_to_failure_ = 0;
  appends_to_failure_ = 0;
}

IOStatus SimulatedDisk::append(File& file, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  if (appends_to_failure_ > 1) --appends_to_failure_;
  if (appends_to_failure_ == 1) {
    // A full disk takes what fits.
    file.unsynced += bytes.substr(0, bytes.size() / 2);
    return IOStatus::NoSpace("no space left on device", file.name);
  }
  file.unsynced += bytes;
  return IOStatus::OK();
}

IOStatus SimulatedDisk::sync(File& file) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  if (syncs_to_failure_ > 0 && --syncs_to_failure_ == 0) {
    file.unsynced.clear();
    return IOStatus::IOError("fsync failed", file.name);
  }
  std::ofstream(file.name, std::ios::binary | std::ios::app) << file.unsynced;
  file.synced_bytes += file.unsynced.size();
  file.unsynced.clear();
  return IOStatus::OK();
}

IOStatus SimulatedDisk::sync_directory(const std::string& directory) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  std::erase_if(unsafe_names_, [&](const auto& entry) {
    return std::filesystem::path(entry.first).parent_path() ==
           (std::filesystem::path(directory) / "").parent_path();
  });
  return IOStatus::OK();
}

std::optional<std::string> SimulatedDisk::pending_contents(const std::string& name) const {
  const auto file = files_.find(name);
  if (file == files_.end() || file->second->unsynced.empty()) return std::nullopt;
  return read_file(name) + file->second->unsynced;
}

IOStatus SimulatedDisk::NewWritableFile(const std::string& name, const FileOptions& /*options*/,
                                        std::unique_ptr<rocksdb::FSWritableFile>* file,
                                        IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  UnsafeName unsafe;
  if (std::filesystem::exists(name)) unsafe.before = read_file(name);
  unsafe_names_.try_emplace(name, std::move(unsafe));
  write_file(name, "");
  auto& inode = files_[name];
  inode = std::make_shared<File>();
  inode->name = name;
  *file = std::make_unique<SimulatedFile>(*this, inode);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::ReopenWritableFile(const std::string& name, const FileOptions& /*options*/,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext* /*debug*/) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  auto& inode = files_[name];
  if (!inode) {
    inode = std::make_shared<File>();
    inode->name = name;
    inode->synced_bytes = std::filesystem::file_size(name);
  }
  *file = std::make_unique<SimulatedFile>(*this, inode);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewSequentialFile(const std::string& name, const FileOptions& options,
                                          std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                          IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  auto pending = pending_contents(name);
  if (!pending) return target()->NewSequentialFile(name, options, file, debug);
  *file = std::make_unique<PendingSequentialFile>(*std::move(pending));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewRandomAccessFile(const std::string& name, const FileOptions& options,
                                            std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                            IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  auto pending = pending_contents(name);
  if (!pending) return target()->NewRandomAccessFile(name, options, file, debug);
  *file = std::make_unique<PendingRandomAccessFile>(*std::move(pending));
  return IOStatus::OK();
}

IOStatus SimulatedDisk::NewDirectory(const std::string& name, const IOOptions& /*options*/,
                                     std::unique_ptr<rocksdb::FSDirectory>* directory,
                                     IODebugContext* /*debug*/) {
  *directory = std::make_unique<SimulatedDirectory>(*this, name);
  return IOStatus::OK();
}

IOStatus SimulatedDisk::GetFileSize(const std::string& name, const IOOptions& options,
                                    std::uint64_t* bytes, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  const auto status = target()->GetFileSize(name, options, bytes, debug);
  const auto file = files_.find(name);
  if (status.ok() && file != files_.end()) *bytes += file->second->unsynced.size();
  return status;
}

IOStatus SimulatedDisk::RenameFile(const std::string& from, const std::string& to,
                                   const IOOptions& options, IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  UnsafeName unsafe;
  unsafe.renamed_from = from;
  if (std::filesystem::exists(to)) unsafe.before = read_file(to);
  auto status = target()->RenameFile(from, to, options, debug);
  if (!status.ok()) return status;
  // A file that was new under its old name is new under this one: undone, it is gone.
  if (unsafe_names_.erase(from) > 0) unsafe.renamed_from.clear();
  unsafe_names_.try_emplace(to, std::move(unsafe));
  if (auto file = files_.extract(from)) {
    file.key() = to;
    file.mapped()->name = to;
    files_.erase(to);
    files_.insert(std::move(file));
  }
  return status;
}

IOStatus SimulatedDisk::DeleteFile(const std::string& name, const IOOptions& options,
                                   IODebugContext* debug) {
  const std::lock_guard lock(mutex_);
  if (auto status = alive(); !status.ok()) return status;
  files_.erase(name);
  unsafe_names_.erase(name);
  return target()->DeleteFile(name, options, debug);
}

}  // namespace tulving::storage
