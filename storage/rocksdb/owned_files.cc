#include "storage/rocksdb/owned_files.h"

#include <rocksdb/env.h>

#include <atomic>
#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace tulving::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

/// A manifest, whose failures are remembered.
class Manifest final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Manifest(std::unique_ptr<rocksdb::FSWritableFile> file, std::atomic<bool>& has_failed)
      : FSWritableFileOwnerWrapper(std::move(file)), has_failed_(has_failed) {}

  using FSWritableFileOwnerWrapper::Append;
  IOStatus Append(const rocksdb::Slice& bytes, const IOOptions& options,
                  IODebugContext* context) override {
    return seen(FSWritableFileOwnerWrapper::Append(bytes, options, context));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* context) override {
    return seen(FSWritableFileOwnerWrapper::Flush(options, context));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
    return seen(FSWritableFileOwnerWrapper::Sync(options, context));
  }

 private:
  IOStatus seen(IOStatus status) {
    if (!status.ok()) has_failed_ = true;
    return status;
  }
  std::atomic<bool>& has_failed_;
};

bool is_manifest(const std::string& name) {
  return name.substr(name.rfind('/') + 1).starts_with("MANIFEST-");
}

class OwnedFiles final : public rocksdb::FileSystemWrapper {
 public:
  OwnedFiles(tulving::FileSystem& files, const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files)
      : FileSystemWrapper(rocksdb_files), files_(files) {}
  const char* Name() const override { return "tulving.OwnedFiles"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* context) override {
    auto made = make_private(name);
    if (made.ok()) made = FileSystemWrapper::NewWritableFile(name, options, file, context);
    if (made.ok() && is_manifest(name)) {
      *file = std::make_unique<Manifest>(std::move(*file), manifest_has_failed_);
    }
    return made;
  }
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* context) override {
    auto made = make_private(name);
    return made.ok() ? FileSystemWrapper::ReopenWritableFile(name, options, file, context) : made;
  }

  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* context) override {
    auto status = FileSystemWrapper::RenameFile(from, to, options, context);
    if (!status.ok()) manifest_has_failed_ = true;  // It may be the one that CURRENT was to name.
    return status;
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                      IODebugContext* context) override {
    return manifest_has_failed_ ? IOStatus::OK()
                                : FileSystemWrapper::DeleteFile(name, options, context);
  }

  IOStatus LockFile(const std::string& /*name*/, const IOOptions& /*options*/,
                    rocksdb::FileLock** lock, IODebugContext* /*context*/) override {
    *lock = new rocksdb::FileLock;
    return IOStatus::OK();
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions& /*options*/,
                      IODebugContext* /*context*/) override {
    delete lock;
    return IOStatus::OK();
  }

 private:
  /// The file is there, empty and private if it was not: who opens it to write leaves its mode.
  IOStatus make_private(const std::string& name) {
    const Descriptor file = files_.open(AT_FDCWD, name, O_WRONLY | O_CREAT, 0600);
    if (file.is_open()) return IOStatus::OK();
    const std::string reason = std::generic_category().message(file.cause());
    return file.cause() == ENOSPC ? IOStatus::NoSpace(name, reason)
                                  : IOStatus::IOError(name, reason);
  }

  tulving::FileSystem& files_;
  std::atomic<bool> manifest_has_failed_ = false;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> owned_files(
    FileSystem& files, const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files) {
  return std::make_shared<OwnedFiles>(files, rocksdb_files);
}

}  // namespace tulving::storage
