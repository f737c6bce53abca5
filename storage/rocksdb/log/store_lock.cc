#include "storage/rocksdb/log/store_lock.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <map>
#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/base/fault_points.h"
#include "core/base/files/io_error.h"
#include "core/base/mutex.h"

namespace tulving::storage {
namespace {

using Inode = std::pair<dev_t, ino_t>;

struct HeldDirectories {
  Mutex mutex;
  /// By which process: what a process forked off has inherited here is not its own.
  std::map<Inode, pid_t> owners ABSL_GUARDED_BY(mutex);
};

// Never destroyed: a store in a static variable is closed late.
HeldDirectories& held_directories() {
  static auto& held = *new HeldDirectories;
  return held;
}

Inode inode_of(const struct stat& info) { return {info.st_dev, info.st_ino}; }

/// Of the whole file.
struct flock lock_of(short type) {
  struct flock lock {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

/// Locks are the system's, whatever disk the file lies on. An errno; 0: done.
int set_lock(const Descriptor& file, short type) {
  struct flock lock = lock_of(type);
  int result = 0;
  do {
    result = ::fcntl(file.get(), F_OFD_SETLK, &lock);
  } while (result < 0 && errno == EINTR);
  return result < 0 ? errno : 0;
}

}  // namespace

/// The directory's place in the list of what this process holds.
class StoreLock::Claim {
 public:
  /// Null: another store of this process has it.
  static std::unique_ptr<Claim> make(const Inode& inode) {
    auto& held = held_directories();
    const MutexLock lock(held.mutex);
    const auto [owner, is_new] = held.owners.try_emplace(inode, ::getpid());
    if (!is_new && owner->second == ::getpid()) return nullptr;
    owner->second = ::getpid();
    return std::unique_ptr<Claim>(new Claim(inode));
  }
  ~Claim() {
    auto& held = held_directories();
    const MutexLock lock(held.mutex);
    held.owners.erase(inode_);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

 private:
  explicit Claim(const Inode& inode) : inode_(inode) {}
  const Inode inode_;
};

StoreLock::StoreLock(std::unique_ptr<Claim> claim, Descriptor directory, Descriptor file)
    : claim_(std::move(claim)),
      directory_(std::move(directory)),
      file_(std::move(file)),
      process_(::getpid()) {}

StoreLock::~StoreLock() {
  // Said, not left to the closing of the descriptors, of which a process forked off has copies. And
  // in such a process not said: the locks are its parent's.
  if (::getpid() != process_) return;
  (void)set_lock(file_, F_UNLCK);
  directory_.files().unlock(directory_.get());
}

Result<std::unique_ptr<StoreLock>> StoreLock::take(FileSystem& files,
                                                   const std::filesystem::path& directory) {
  Descriptor open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  struct stat info {};
  int cause = open.is_open() ? open.stat(info) : open.cause();
  if (cause != 0) return disk_error("open", directory.string(), cause);
  Inode inode = inode_of(info);
  const bool by_spelling = TULVING_SABOTAGE(kLockBySpelling);
  if (by_spelling) inode = {0, std::hash<std::string>()(directory.string())};
  auto claim = Claim::make(inode);
  if (claim == nullptr) return store_in_use(directory);
  if (!by_spelling && open.lock(false) == EWOULDBLOCK) return store_in_use(directory);

  Descriptor file = open.open(std::string(kLockName), O_RDWR | O_CREAT, 0600);
  if (!file.is_open()) return disk_error("open", (directory / kLockName).string(), file.cause());
  cause = by_spelling ? 0 : set_lock(file, F_WRLCK);
  if (cause == EAGAIN || cause == EACCES) return store_in_use(directory);
  if (cause != 0) return disk_error("lock", (directory / kLockName).string(), cause);
  return std::unique_ptr<StoreLock>(
      new StoreLock(std::move(claim), std::move(open), std::move(file)));
}

bool StoreLock::is_held(FileSystem& files, const std::filesystem::path& directory) {
  const Descriptor open = Descriptor::open(files, directory, O_RDONLY | O_DIRECTORY);
  struct stat info {};
  if (!open.is_open() || open.stat(info) != 0) return false;
  {
    auto& held = held_directories();
    const MutexLock lock(held.mutex);
    const auto owner = held.owners.find(inode_of(info));
    if (owner != held.owners.end() && owner->second == ::getpid()) return true;
  }
  const Descriptor file = open.open(std::string(kLockName), O_RDONLY);
  struct flock lock = lock_of(F_WRLCK);
  return file.is_open() && ::fcntl(file.get(), F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

Error store_in_use(const std::filesystem::path& directory) {
  return {ErrorCode::kBusy,
          fmt::format("{} is in use: another process, or another store of this one, has it open",
                      directory.string())};
}

}  // namespace tulving::storage
