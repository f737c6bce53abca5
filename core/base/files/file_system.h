#pragma once

#include <fcntl.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tulving {

class Descriptor;

/// The file system as our own files use it: every call that changes one, and those whose failing
/// must be told. RocksDB has its own. Tests put another in its place, which loses power or fails.
///
/// The calls are POSIX's, of the same names and flags, by descriptors, so that a directory that is
/// swapped under its reader leads nowhere else. What a call returns is its errno; 0: it is done.
/// `name` is looked up in the open directory `directory`, or AT_FDCWD. A call that a signal
/// interrupted is made again.
///
/// Thread safety: all members may run at once.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  /// The machine's. Lives as long as the process.
  static FileSystem& machine();

  /// open(2) with O_CLOEXEC. A closed Descriptor has the errno.
  virtual Descriptor open(int directory, const std::string& name, int flags, unsigned mode) = 0;
  /// Reads from `offset` on until `into` is full or the file ends; `count` says how far it came.
  [[nodiscard]] virtual int read(int file, std::uint64_t offset, std::span<std::byte> into,
                                 std::size_t& count) = 0;
  /// Writes all bytes where the descriptor stands. On an error some of them may be there.
  [[nodiscard]] virtual int write(int file, std::string_view bytes) = 0;
  [[nodiscard]] virtual int truncate(int file, std::uint64_t bytes) = 0;
  /// A file's bytes or a directory's names will outlive a power cut.
  [[nodiscard]] virtual int fsync(int file) = 0;
  [[nodiscard]] virtual int stat(int file, struct stat& info) = 0;
  [[nodiscard]] virtual int chmod(int file, unsigned mode) = 0;
  [[nodiscard]] virtual int chown(int file, uid_t user, gid_t group) = 0;
  /// flock(2), exclusive. EWOULDBLOCK: another descriptor has it, and `waits` is false.
  [[nodiscard]] virtual int lock(int file, bool waits) = 0;
  virtual void unlock(int file) = 0;

  /// Of what has the name itself, though it be a link.
  [[nodiscard]] virtual int stat(int directory, const std::string& name, struct stat& info) = 0;
  /// As the effective user. `mode`: R_OK, W_OK, X_OK.
  [[nodiscard]] virtual int access(int directory, const std::string& name, int mode) = 0;
  /// Without `replaces`: EEXIST if something has the name `to`, on any file system.
  [[nodiscard]] virtual int rename(int from_directory, const std::string& from, int to_directory,
                                   const std::string& to, bool replaces) = 0;
  [[nodiscard]] virtual int remove(int directory, const std::string& name, bool is_directory) = 0;
  [[nodiscard]] virtual int create_directory(int directory, const std::string& name,
                                             unsigned mode) = 0;
  /// All names in a directory but "." and "..", in no order.
  [[nodiscard]] virtual int list(int directory, std::vector<std::string>& names) = 0;
};

/// An open file or directory with its file system; closed with it. Its members are the file
/// system's.
class Descriptor {
 public:
  Descriptor() = default;
  /// `number` is open, and this one's to close.
  Descriptor(FileSystem& files, int number) : files_(&files), number_(number) {}
  /// What could not be opened, and why.
  static Descriptor failed(int cause);
  /// By a path that is absolute or starts at the working directory; the empty one is that itself.
  static Descriptor open(FileSystem& files, const std::filesystem::path& path, int flags,
                         unsigned mode = 0);

  Descriptor(Descriptor&& other) noexcept
      : files_(other.files_), number_(std::exchange(other.number_, -1)), cause_(other.cause_) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(files_, other.files_);
    std::swap(number_, other.number_);
    std::swap(cause_, other.cause_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] bool is_open() const { return number_ >= 0; }
  [[nodiscard]] int cause() const { return cause_; }  ///< The errno of an open() that failed.
  [[nodiscard]] int get() const { return number_; }
  /// Of one that is open.
  [[nodiscard]] FileSystem& files() const { return *files_; }

  [[nodiscard]] int read(std::uint64_t offset, std::span<std::byte> into,
                         std::size_t& count) const {
    return files_->read(number_, offset, into, count);
  }
  /// Appends the file's bytes to `bytes`, from the first on.
  [[nodiscard]] int read_all(std::string& bytes) const;
  [[nodiscard]] int write(std::string_view bytes) const { return files_->write(number_, bytes); }
  [[nodiscard]] int truncate(std::uint64_t bytes) const { return files_->truncate(number_, bytes); }
  [[nodiscard]] int fsync() const { return files_->fsync(number_); }
  [[nodiscard]] int stat(struct stat& info) const { return files_->stat(number_, info); }
  [[nodiscard]] int chmod(unsigned mode) const { return files_->chmod(number_, mode); }
  [[nodiscard]] int chown(uid_t user, gid_t group) const {
    return files_->chown(number_, user, group);
  }
  [[nodiscard]] int lock(bool waits) const { return files_->lock(number_, waits); }

  // Of a directory.
  [[nodiscard]] Descriptor open(const std::string& name, int flags, unsigned mode = 0) const {
    return files_->open(number_, name, flags, mode);
  }
  [[nodiscard]] int stat(const std::string& name, struct stat& info) const {
    return files_->stat(number_, name, info);
  }
  [[nodiscard]] int access(const std::string& name, int mode) const {
    return files_->access(number_, name, mode);
  }
  [[nodiscard]] int rename(const std::string& from, const std::string& to, bool replaces) const {
    return files_->rename(number_, from, number_, to, replaces);
  }
  [[nodiscard]] int remove(const std::string& name, bool is_directory = false) const {
    return files_->remove(number_, name, is_directory);
  }
  [[nodiscard]] int create_directory(const std::string& name, unsigned mode) const {
    return files_->create_directory(number_, name, mode);
  }
  [[nodiscard]] int list(std::vector<std::string>& names) const {
    return files_->list(number_, names);
  }

 private:
  FileSystem* files_ = nullptr;
  int number_ = -1;
  int cause_ = 0;
};

/// Holds a directory against the writers of other processes, and of other descriptors of this one.
class DirectoryLock {
 public:
  explicit DirectoryLock(const Descriptor& directory);  ///< Waits a while. `directory` outlives it.
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;
  /// Else 0. EWOULDBLOCK: another, a stranger perhaps, had it for all of three seconds.
  [[nodiscard]] int cause() const { return cause_; }

 private:
  FileSystem& files_;
  const int directory_;
  const int cause_;
};

}  // namespace tulving
