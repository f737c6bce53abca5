#include "storage/rocksdb/owned_files.h"

#include <rocksdb/env.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace tulving::storage {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

class OwnedFiles final : public rocksdb::FileSystemWrapper {
 public:
  OwnedFiles(tulving::FileSystem& files, const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files)
      : FileSystemWrapper(rocksdb_files), files_(files) {}
  const char* Name() const override { return "tulving.OwnedFiles"; }

  IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* context) override {
    auto made = make_private(name);
    return made.ok() ? FileSystemWrapper::NewWritableFile(name, options, file, context) : made;
  }
  IOStatus ReopenWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext* context) override {
    auto made = make_private(name);
    return made.ok() ? FileSystemWrapper::ReopenWritableFile(name, options, file, context) : made;
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
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> owned_files(
    FileSystem& files, const std::shared_ptr<rocksdb::FileSystem>& rocksdb_files) {
  return std::make_shared<OwnedFiles>(files, rocksdb_files);
}

}  // namespace tulving::storage
