#include "core/base/files/file_system.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <memory>
#include <thread>

namespace tulving {
namespace {

/// `call` until no signal interrupts it; its errno, or 0. What it returned goes into `result`.
template <class Call, class Number>
int retried(const Call& call, Number& result) {
  do {
    result = call();
  } while (result < 0 && errno == EINTR);
  return result < 0 ? errno : 0;
}

constexpr std::chrono::milliseconds kPauseMax(20);  // Between two tries of a lock.

template <class Call>
int retried(const Call& call) {
  int result = 0;
  return retried(call, result);
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

class MachineFiles final : public FileSystem {
 public:
  Descriptor open(int directory, const std::string& name, int flags, unsigned mode) override {
    int file = -1;
    const int cause =
        retried([&] { return ::openat(directory, name.c_str(), flags | O_CLOEXEC, mode); }, file);
    return cause == 0 ? Descriptor(*this, file) : Descriptor::failed(cause);
  }

  int read(int file, std::uint64_t offset, std::span<std::byte> into, std::size_t& count) override {
    count = 0;
    while (count < into.size()) {
      const auto rest = into.subspan(count);
      ssize_t got = 0;
      const int cause = retried(
          [&] {
            return ::pread(file, rest.data(), rest.size(), static_cast<off_t>(offset + count));
          },
          got);
      if (cause != 0) return cause;
      if (got == 0) return 0;
      count += static_cast<std::size_t>(got);
    }
    return 0;
  }

  int write(int file, std::string_view bytes) override {
    while (!bytes.empty()) {
      ssize_t written = 0;
      const int cause = retried([&] { return ::write(file, bytes.data(), bytes.size()); }, written);
      if (cause != 0) return cause;
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return 0;
  }

  int truncate(int file, std::uint64_t bytes) override {
    return retried([&] { return ::ftruncate(file, static_cast<off_t>(bytes)); });
  }
  int fsync(int file) override {
    return retried([&] { return ::fsync(file); });
  }
  int stat(int file, struct stat& info) override {
    return retried([&] { return ::fstat(file, &info); });
  }
  int chmod(int file, unsigned mode) override {
    return retried([&] { return ::fchmod(file, mode); });
  }
  int chown(int file, uid_t user, gid_t group) override {
    return retried([&] { return ::fchown(file, user, group); });
  }
  int lock(int file, bool waits) override {
    return retried([&] { return ::flock(file, waits ? LOCK_EX : LOCK_EX | LOCK_NB); });
  }
  void unlock(int file) override { ::flock(file, LOCK_UN); }

  int stat(int directory, const std::string& name, struct stat& info) override {
    return retried([&] { return ::fstatat(directory, name.c_str(), &info, AT_SYMLINK_NOFOLLOW); });
  }
  int access(int directory, const std::string& name, int mode) override {
    return retried([&] { return ::faccessat(directory, name.c_str(), mode, AT_EACCESS); });
  }

  int rename(int from_directory, const std::string& from, int to_directory, const std::string& to,
             bool replaces) override {
    const unsigned flags = replaces ? 0 : RENAME_NOREPLACE;
    const int cause = retried(
        [&] { return ::renameat2(from_directory, from.c_str(), to_directory, to.c_str(), flags); });
    if (replaces || (cause != EINVAL && cause != ENOSYS)) return cause;
    // A file system without that flag, NFS say.
    const int link_cause = retried(
        [&] { return ::linkat(from_directory, from.c_str(), to_directory, to.c_str(), 0); });
    // It has the name now, whether or not it gives up its old one.
    if (link_cause == 0) (void)remove(from_directory, from, false);
    return link_cause;
  }

  int remove(int directory, const std::string& name, bool is_directory) override {
    return retried(
        [&] { return ::unlinkat(directory, name.c_str(), is_directory ? AT_REMOVEDIR : 0); });
  }
  int create_directory(int directory, const std::string& name, unsigned mode) override {
    return retried([&] { return ::mkdirat(directory, name.c_str(), mode); });
  }

  int list(int directory, std::vector<std::string>& names) override {
    // Of its own descriptor, as reading moves it.
    int copy = -1;
    const int cause =
        retried([&] { return ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); }, copy);
    if (cause != 0) return cause;
    const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(copy));
    if (stream == nullptr) {
      const int failure = errno;
      ::close(copy);
      return failure;
    }
    while (true) {
      errno = 0;
      const dirent* entry = ::readdir(stream.get());
      if (entry == nullptr) return errno;
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
  }
};

}  // namespace

FileSystem& FileSystem::machine() {
  static MachineFiles files;
  return files;
}

Descriptor Descriptor::failed(int cause) {
  Descriptor descriptor;
  descriptor.cause_ = cause;
  return descriptor;
}

Descriptor Descriptor::open(FileSystem& files, const std::filesystem::path& path, int flags,
                            unsigned mode) {
  return files.open(AT_FDCWD, path.empty() ? "." : path.string(), flags, mode);
}

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int Descriptor::read_all(std::string& bytes) const {
  constexpr std::size_t kPartBytes = std::size_t{1} << 16;
  for (std::uint64_t offset = 0;;) {
    const std::size_t before = bytes.size();
    bytes.resize(before + kPartBytes);
    std::size_t count = 0;
    const auto part = std::as_writable_bytes(std::span(bytes)).subspan(before);
    const int cause = read(offset, part, count);
    bytes.resize(before + count);
    if (cause != 0 || count < kPartBytes) return cause;
    offset += count;
  }
}

namespace {

// Anybody who may read a directory may lock it, and keep it so: none is waited for without end. Who
// of ours holds one does so for milliseconds, as a rule.
int lock_within_seconds(const Descriptor& directory) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(3);
  for (auto pause = std::chrono::milliseconds(1);; pause = std::min(2 * pause, kPauseMax)) {
    const int cause = directory.lock(false);
    if (cause != EWOULDBLOCK || std::chrono::steady_clock::now() >= deadline) return cause;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace

DirectoryLock::DirectoryLock(const Descriptor& directory)
    : files_(directory.files()),
      directory_(directory.get()),
      cause_(lock_within_seconds(directory)) {}

DirectoryLock::~DirectoryLock() {
  if (cause_ == 0) files_.unlock(directory_);
}

}  // namespace tulving
