#include "tests/storage/rocksdb/files_of_rocksdb.h"

#include <cerrno>
#include <span>
#include <string>
#include <system_error>

namespace tulving::storage {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

IOStatus status_of(int cause, const std::string& name) {
  if (cause == 0) return IOStatus::OK();
  const std::string reason = std::generic_category().message(cause);
  if (cause == ENOENT) return IOStatus::PathNotFound(name, reason);
  return cause == ENOSPC ? IOStatus::NoSpace(name, reason) : IOStatus::IOError(name, reason);
}

class WritableFile final : public rocksdb::FSWritableFile {
 public:
  WritableFile(std::string name, Descriptor file)
      : name_(std::move(name)), file_(std::move(file)) {}

  using FSWritableFile::Append;
  IOStatus Append(const Slice& bytes, const IOOptions&, IODebugContext*) override {
    return status_of(file_.write({bytes.data(), bytes.size()}), name_);
  }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override {
    return status_of(file_.fsync(), name_);
  }
  bool IsSyncThreadSafe() const override { return true; }
  std::uint64_t GetFileSize(const IOOptions&, IODebugContext*) override {
    struct stat info {};
    return FileSystem::machine().stat(file_.get(), info) == 0
               ? static_cast<std::uint64_t>(info.st_size)
               : 0;
  }

 private:
  const std::string name_;
  const Descriptor file_;
};

// Reads from `offset` on into `scratch`; the count.
IOStatus read(const Descriptor& file, const std::string& name, std::uint64_t offset, std::size_t n,
              Slice* result, char* scratch) {
  std::size_t count = 0;
  const int cause = file.read(offset, std::as_writable_bytes(std::span(scratch, n)), count);
  *result = Slice(scratch, count);
  return status_of(cause, name);
}

class SequentialFile final : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(std::string name, Descriptor file)
      : name_(std::move(name)), file_(std::move(file)) {}
  IOStatus Read(std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) override {
    auto status = read(file_, name_, at_, n, result, scratch);
    at_ += result->size();
    return status;
  }
  IOStatus Skip(std::uint64_t n) override {
    at_ += n;
    return IOStatus::OK();
  }

 private:
  const std::string name_;
  const Descriptor file_;
  std::uint64_t at_ = 0;
};

class RandomAccessFile final : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(std::string name, Descriptor file)
      : name_(std::move(name)), file_(std::move(file)) {}
  IOStatus Read(std::uint64_t offset, std::size_t n, const IOOptions&, Slice* result, char* scratch,
                IODebugContext*) const override {
    return read(file_, name_, offset, n, result, scratch);
  }

 private:
  const std::string name_;
  const Descriptor file_;
};

class Directory final : public rocksdb::FSDirectory {
 public:
  Directory(std::string name, Descriptor directory)
      : name_(std::move(name)), directory_(std::move(directory)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    return status_of(directory_.fsync(), name_);
  }

 private:
  const std::string name_;
  const Descriptor directory_;
};

class FilesOfRocksdb final : public rocksdb::FileSystemWrapper {
 public:
  explicit FilesOfRocksdb(tulving::FileSystem& files)
      : FileSystemWrapper(rocksdb::FileSystem::Default()), files_(files) {}
  const char* Name() const override { return "tulving.FilesOfRocksdb"; }

  IOStatus NewWritableFile(const std::string& name, const FileOptions&,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext*) override {
    return open<WritableFile>(name, O_WRONLY | O_CREAT | O_TRUNC, file);
  }
  IOStatus ReopenWritableFile(const std::string& name, const FileOptions&,
                              std::unique_ptr<rocksdb::FSWritableFile>* file,
                              IODebugContext*) override {
    return open<WritableFile>(name, O_WRONLY | O_CREAT | O_APPEND, file);
  }
  IOStatus NewSequentialFile(const std::string& name, const FileOptions&,
                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                             IODebugContext*) override {
    return open<SequentialFile>(name, O_RDONLY, file);
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions&,
                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                               IODebugContext*) override {
    return open<RandomAccessFile>(name, O_RDONLY, file);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions&,
                        std::unique_ptr<rocksdb::FSDirectory>* directory,
                        IODebugContext*) override {
    return open<Directory>(name, O_RDONLY | O_DIRECTORY, directory);
  }
  IOStatus CreateDir(const std::string& name, const IOOptions&, IODebugContext*) override {
    return status_of(files_.create_directory(AT_FDCWD, name, 0755), name);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions&, IODebugContext*) override {
    const int cause = files_.create_directory(AT_FDCWD, name, 0755);
    return status_of(cause == EEXIST ? 0 : cause, name);
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions&, IODebugContext*) override {
    return status_of(files_.remove(AT_FDCWD, name, true), name);
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&,
                      IODebugContext*) override {
    return status_of(files_.rename(AT_FDCWD, from, AT_FDCWD, to, true), from);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) override {
    return status_of(files_.remove(AT_FDCWD, name, false), name);
  }
  // Not needed with our options; they would go past `files_`.
  IOStatus ReuseWritableFile(const std::string& name, const std::string&, const FileOptions&,
                             std::unique_ptr<rocksdb::FSWritableFile>*, IODebugContext*) override {
    return IOStatus::NotSupported(name);
  }
  IOStatus NewRandomRWFile(const std::string& name, const FileOptions&,
                           std::unique_ptr<rocksdb::FSRandomRWFile>*, IODebugContext*) override {
    return IOStatus::NotSupported(name);
  }
  IOStatus LinkFile(const std::string& from, const std::string&, const IOOptions&,
                    IODebugContext*) override {
    return IOStatus::NotSupported(from);
  }
  IOStatus Truncate(const std::string& name, std::size_t, const IOOptions&,
                    IODebugContext*) override {
    return IOStatus::NotSupported(name);
  }

 private:
  template <class File, class Interface>
  IOStatus open(const std::string& name, int flags, std::unique_ptr<Interface>* file) {
    Descriptor opened = files_.open(AT_FDCWD, name, flags, 0644);
    if (!opened.is_open()) return status_of(opened.cause(), name);
    *file = std::make_unique<File>(name, std::move(opened));
    return IOStatus::OK();
  }

  tulving::FileSystem& files_;
};

}  // namespace

std::shared_ptr<rocksdb::FileSystem> files_of_rocksdb(FileSystem& files) {
  return std::make_shared<FilesOfRocksdb>(files);
}

}  // namespace tulving::storage
