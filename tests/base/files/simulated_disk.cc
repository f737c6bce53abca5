#include "tests/base/files/simulated_disk.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "core/base/check.h"
#include "core/base/files/directories.h"

namespace tulving {
namespace {

// What is done to put things back must not fail.
void must(int cause) { TULVING_CHECK(cause == 0); }

std::string contents_of(const Descriptor& file, std::uint64_t bytes) {
  std::string contents;
  must(file.read_all(contents));
  contents.resize(bytes);
  return contents;
}

}  // namespace

SimulatedDisk::SimulatedDisk() {
  std::string name = (std::filesystem::temp_directory_path() / "tulving-attic-XXXXXX").string();
  TULVING_CHECK(::mkdtemp(name.data()) != nullptr);
  attic_path_ = name;
  attic_ = Descriptor::open(machine(), attic_path_, O_RDONLY | O_DIRECTORY);
}

SimulatedDisk::~SimulatedDisk() { (void)remove_all(machine(), attic_path_).has_value(); }

// --- Power and faults. ---

void SimulatedDisk::die() {
  unsafe_files_.clear();
  changes_.clear();
  is_dead_ = true;
  to_power_cut_ = 0;
}

void SimulatedDisk::crash(std::size_t kept_bytes) {
  const std::lock_guard lock(mutex_);
  for (; !changes_.empty(); changes_.pop_back()) undo(changes_.back());
  for (const auto& [inode, file] : unsafe_files_) rewind(file, kept_bytes);
  die();
}

void SimulatedDisk::crash(std::mt19937& random) {
  const std::lock_guard lock(mutex_);
  const std::size_t kept = random() % (changes_.size() + 1);
  for (; changes_.size() > kept; changes_.pop_back()) undo(changes_.back());
  for (const auto& [inode, file] : unsafe_files_) {
    rewind(file, random() % 3 == 0 ? 0 : random() % 10'000);
  }
  die();
}

void SimulatedDisk::revive() {
  const std::lock_guard lock(mutex_);
  is_dead_ = false;
}

void SimulatedDisk::settle() {
  const std::lock_guard lock(mutex_);
  unsafe_files_.clear();
  while (!changes_.empty()) sync_names(Inode(changes_.front().place.inode));
}

void SimulatedDisk::cut_power_at(int nth) {
  const std::lock_guard lock(mutex_);
  to_power_cut_ = nth;
}

void SimulatedDisk::fail(int nth, int cause) {
  const std::lock_guard lock(mutex_);
  to_failure_ = nth;
  failure_cause_ = cause;
  has_failed_ = false;
}

void SimulatedDisk::fail_sync(int nth) {
  const std::lock_guard lock(mutex_);
  to_sync_failure_ = nth;
}

void SimulatedDisk::fill_up(int nth) {
  const std::lock_guard lock(mutex_);
  to_full_ = nth;
}

void SimulatedDisk::heal() {
  const std::lock_guard lock(mutex_);
  to_power_cut_ = to_failure_ = to_sync_failure_ = to_full_ = 0;
}

bool SimulatedDisk::is_dead() const {
  const std::lock_guard lock(mutex_);
  return is_dead_;
}

bool SimulatedDisk::has_failed() const {
  const std::lock_guard lock(mutex_);
  return has_failed_;
}

std::string SimulatedDisk::stopped_at() const {
  const std::lock_guard lock(mutex_);
  return stopped_at_;
}

int SimulatedDisk::tell(const std::string& operation, int cause) {
  stopped_at_ = operation;
  return cause;
}

// Whether the next operation happens: 0, or the errno with which it fails.
int SimulatedDisk::step(const std::string& operation) {
  if (!is_dead_ && to_power_cut_ > 0 && --to_power_cut_ == 0) {
    is_dead_ = true;
    return tell(operation, EIO);
  }
  if (is_dead_) return EIO;
  if (to_failure_ > 0 && --to_failure_ == 0) {
    has_failed_ = true;
    return tell(operation, failure_cause_);
  }
  return 0;
}

// --- Bytes. ---

// The entry of a regular file that is about to change; null for anything else.
SimulatedDisk::UnsafeFile* SimulatedDisk::unsafe(int file) {
  struct stat info {};
  must(machine().stat(file, info));
  if (!S_ISREG(info.st_mode)) return nullptr;
  const Inode inode{info.st_dev, info.st_ino};
  const auto found = unsafe_files_.find(inode);
  if (found != unsafe_files_.end()) return &found->second;
  auto again =
      Descriptor::open(machine(), "/proc/self/fd/" + std::to_string(file), O_RDWR | O_NONBLOCK);
  TULVING_CHECK(again.is_open());
  UnsafeFile entry{std::move(again), static_cast<std::uint64_t>(info.st_size), std::nullopt};
  return &unsafe_files_.emplace(inode, std::move(entry)).first->second;
}

void SimulatedDisk::keep_before(UnsafeFile& file) {
  if (!file.before) file.before = contents_of(file.file, file.synced_bytes);
}

void SimulatedDisk::rewind(const UnsafeFile& file, std::uint64_t kept_bytes) const {
  if (file.before) {
    must(file.file.truncate(0));
    TULVING_CHECK(::pwrite(file.file.get(), file.before->data(), file.before->size(), 0) ==
                  static_cast<ssize_t>(file.before->size()));
    return;
  }
  struct stat info {};
  must(file.file.stat(info));
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  must(file.file.truncate(std::min(bytes, file.synced_bytes + kept_bytes)));
}

int SimulatedDisk::write(int file, std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  int cause = step("write " + std::to_string(bytes.size()) + " bytes");
  if (cause == 0 && to_full_ > 0) {
    if (to_full_ == 1) {
      cause = tell("write", ENOSPC);
    } else {
      --to_full_;
    }
  }
  if (is_dead_) return cause;
  if (UnsafeFile* const entry = unsafe(file)) {
    const bool appends = (::fcntl(file, F_GETFL) & O_APPEND) != 0;
    const auto at = static_cast<std::uint64_t>(::lseek(file, 0, SEEK_CUR));
    if (!appends && at < entry->synced_bytes) keep_before(*entry);
  }
  // A full disk takes what fits.
  if (cause != 0) bytes = bytes.substr(0, bytes.size() / 2);
  const int written = machine().write(file, bytes);
  return cause != 0 ? cause : written;
}

int SimulatedDisk::truncate(int file, std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (const int cause = step("truncate"); cause != 0) return cause;
  UnsafeFile* const entry = unsafe(file);
  if (entry != nullptr && bytes < entry->synced_bytes) keep_before(*entry);
  return machine().truncate(file, bytes);
}

int SimulatedDisk::fsync(int file) {
  const std::lock_guard lock(mutex_);
  int cause = step("fsync");
  if (is_dead_) return cause;
  if (cause == 0 && to_sync_failure_ > 0 && --to_sync_failure_ == 0) cause = tell("fsync", EIO);
  struct stat info {};
  must(machine().stat(file, info));
  const Inode inode{info.st_dev, info.st_ino};
  if (S_ISDIR(info.st_mode)) {
    if (cause == 0) sync_names(inode);
    return cause;
  }
  const auto found = unsafe_files_.find(inode);
  if (found == unsafe_files_.end()) return cause;
  if (cause != 0) rewind(found->second, 0);
  unsafe_files_.erase(found);
  return cause;
}

// --- Names. ---

SimulatedDisk::Place SimulatedDisk::place_of(int directory, const std::string& name,
                                             int& cause) const {
  const std::filesystem::path path = name;
  const std::string parent = path.has_parent_path() ? path.parent_path().string() : ".";
  std::shared_ptr<const Descriptor> open =
      std::make_shared<Descriptor>(machine().open(directory, parent, O_RDONLY | O_DIRECTORY, 0));
  struct stat info {};
  cause = open->is_open() ? open->stat(info) : open->cause();
  const Inode inode{info.st_dev, info.st_ino};
  for (const Change& change : changes_) {  // One descriptor will do for a directory.
    if (change.place.inode == inode) open = change.place.directory;
  }
  return {std::move(open), inode, path.filename().string()};
}

void SimulatedDisk::sync_names(const Inode& directory) {
  changes_.remove_if([&](const Change& change) {
    const bool is_safe =
        change.place.inode == directory || (change.to && change.to->inode == directory);
    if (is_safe && !change.kept.empty()) {
      (void)remove_all(machine(), attic_path_ / change.kept).has_value();
    }
    return is_safe;
  });
}

void SimulatedDisk::undo(const Change& change) const {
  const Descriptor& directory = *change.place.directory;
  struct stat info {};
  must(directory.stat(info));
  if (info.st_nlink == 0) return;  // It was removed itself, for good.
  if (change.to) {
    must(machine().rename(change.to->directory->get(), change.to->name, directory.get(),
                          change.place.name, true));
  } else if (!change.is_removal) {
    const auto path = std::filesystem::path("/proc/self/fd") / std::to_string(directory.get());
    (void)remove_all(machine(), path / change.place.name).has_value();
  }
  if (change.kept.empty()) return;
  const Place& place = change.to ? *change.to : change.place;
  must(machine().rename(attic_->get(), change.kept, place.directory->get(), place.name, true));
}

Descriptor SimulatedDisk::open(int directory, const std::string& name, int flags, unsigned mode) {
  const std::lock_guard lock(mutex_);
  const bool creates = (flags & O_CREAT) != 0;
  if (const int cause = step((creates ? "create " : "open ") + name); cause != 0) {
    return Descriptor::failed(cause);
  }
  struct stat info {};
  const bool is_new = creates && machine().stat(directory, name, info) == ENOENT;
  const Descriptor opened = machine().open(directory, name, flags & ~O_TRUNC, mode);
  if (!opened.is_open()) return Descriptor::failed(opened.cause());
  if (is_new) {
    int cause = 0;
    changes_.push_back({place_of(directory, name, cause), std::nullopt});
    must(cause);
  }
  if ((flags & O_TRUNC) != 0 && !is_new) {
    UnsafeFile* const entry = unsafe(opened.get());
    if (entry != nullptr && entry->synced_bytes > 0) keep_before(*entry);
    if (entry != nullptr) must(opened.truncate(0));
  }
  return {*this, ::fcntl(opened.get(), F_DUPFD_CLOEXEC, 0)};
}

int SimulatedDisk::rename(int from_directory, const std::string& from, int to_directory,
                          const std::string& to, bool replaces) {
  const std::lock_guard lock(mutex_);
  int cause = step("rename " + from + " to " + to);
  if (cause != 0) return cause;
  Change change{place_of(from_directory, from, cause), std::nullopt};
  if (cause != 0) return cause;
  change.to = place_of(to_directory, to, cause);
  if (cause != 0) return cause;
  std::string kept = next_kept();
  const bool is_kept =
      replaces && ::linkat(to_directory, to.c_str(), attic_->get(), kept.c_str(), 0) == 0;
  cause = machine().rename(from_directory, from, to_directory, to, replaces);
  if (is_kept && cause != 0) (void)attic_->remove(kept);
  if (cause != 0) return cause;
  if (is_kept) change.kept = std::move(kept);
  changes_.push_back(std::move(change));
  return 0;
}

int SimulatedDisk::remove(int directory, const std::string& name, bool is_directory) {
  const std::lock_guard lock(mutex_);
  int cause = step("remove " + name);
  if (cause != 0) return cause;
  struct stat info {};
  cause = machine().stat(directory, name, info);
  if (cause != 0) return cause;
  if (S_ISDIR(info.st_mode) != is_directory) return is_directory ? ENOTDIR : EISDIR;
  if (is_directory) {
    std::vector<std::string> names;
    const Descriptor open = machine().open(directory, name, O_RDONLY | O_DIRECTORY, 0);
    cause = open.is_open() ? open.list(names) : open.cause();
    if (cause != 0) return cause;
    if (!names.empty()) return ENOTEMPTY;
  }
  Change change{place_of(directory, name, cause), std::nullopt, next_kept(), true};
  if (cause != 0) return cause;
  cause = machine().rename(directory, name, attic_->get(), change.kept, true);
  if (cause == 0) changes_.push_back(std::move(change));
  return cause;
}

int SimulatedDisk::create_directory(int directory, const std::string& name, unsigned mode) {
  const std::lock_guard lock(mutex_);
  int cause = step("make the directory " + name);
  if (cause != 0) return cause;
  cause = machine().create_directory(directory, name, mode);
  if (cause != 0) return cause;
  changes_.push_back({place_of(directory, name, cause), std::nullopt});
  return cause;
}

// --- What changes nothing that a power cut would take back. ---

int SimulatedDisk::read(int file, std::uint64_t offset, std::span<std::byte> into,
                        std::size_t& count) {
  const std::lock_guard lock(mutex_);
  const int cause = step("read");
  return cause != 0 ? cause : machine().read(file, offset, into, count);
}
int SimulatedDisk::stat(int file, struct stat& info) {
  const std::lock_guard lock(mutex_);
  const int cause = step("stat");
  return cause != 0 ? cause : machine().stat(file, info);
}
int SimulatedDisk::stat(int directory, const std::string& name, struct stat& info) {
  const std::lock_guard lock(mutex_);
  const int cause = step("stat " + name);
  return cause != 0 ? cause : machine().stat(directory, name, info);
}
int SimulatedDisk::access(int directory, const std::string& name, int mode) {
  const std::lock_guard lock(mutex_);
  const int cause = step("access " + name);
  return cause != 0 ? cause : machine().access(directory, name, mode);
}
int SimulatedDisk::list(int directory, std::vector<std::string>& names) {
  const std::lock_guard lock(mutex_);
  const int cause = step("list");
  return cause != 0 ? cause : machine().list(directory, names);
}
int SimulatedDisk::chmod(int file, unsigned mode) {
  const std::lock_guard lock(mutex_);
  const int cause = step("chmod");
  return cause != 0 ? cause : machine().chmod(file, mode);
}
int SimulatedDisk::chown(int file, uid_t user, gid_t group) {
  const std::lock_guard lock(mutex_);
  const int cause = step("chown");
  return cause != 0 ? cause : machine().chown(file, user, group);
}
// Locks are the system's, not the disk's.
int SimulatedDisk::lock(int file, bool waits) { return machine().lock(file, waits); }
void SimulatedDisk::unlock(int file) { machine().unlock(file); }

}  // namespace tulving
