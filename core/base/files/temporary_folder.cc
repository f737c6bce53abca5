#include "core/base/files/temporary_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <mutex>
#include <set>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/base/files/directories.h"
#include "tulving/uuid.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kMark = ".tulving-";
constexpr std::size_t kUuidBytes = 36;
// Of the name; with what is put around it, it must stay within NAME_MAX.
constexpr std::size_t kFolderNameBytesMax = 200;
constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

/// Those of this process. Never destroyed: a thread may ask until the process is gone.
struct LivingFolders {
  std::mutex mutex;
  std::set<TemporaryFolder*> folders;
};
LivingFolders& living() {
  static auto* const folders = new LivingFolders;
  return *folders;
}

std::string new_name(const std::string& name) {
  return fmt::format(".{}{}{}", name.substr(0, kFolderNameBytesMax), kMark,
                     Uuid::random().to_string());
}

bool is_temporary_folder(std::string_view name) {
  if (!name.starts_with('.') || name.size() <= 1 + kMark.size() + kUuidBytes) return false;
  const std::string_view id = name.substr(name.size() - kUuidBytes);
  const auto uuid = Uuid::parse(id);
  name.remove_suffix(kUuidBytes);
  return name.ends_with(kMark) && uuid && uuid->to_string() == id;
}

/// Whether `name` still stands for the open folder.
bool has_name(const Descriptor& parent, const std::string& name, const Descriptor& folder) {
  struct stat held {};
  struct stat named {};
  return folder.stat(held) == 0 && parent.stat(name, named) == 0 && held.st_ino == named.st_ino &&
         held.st_dev == named.st_dev;
}

/// Removes what killed makers left. What cannot be removed is the next one's; it is in nobody's
/// way.
void sweep(const Descriptor& parent, const fs::path& parent_path) {
  std::vector<std::string> names;
  if (parent.list(names) != 0) return;
  for (const std::string& name : names) {
    if (!is_temporary_folder(name)) continue;
    const Descriptor folder = parent.open(name, kFolderFlags);
    struct stat info {};
    if (!folder.is_open() || folder.stat(info) != 0 || info.st_uid != ::geteuid()) continue;
    // A folder is named by who holds it only. So what is held here and has the name keeps it.
    if (folder.lock(false) != 0 || !has_name(parent, name, folder)) continue;
    (void)remove_all(parent.files(), parent_path / name).has_value();
  }
}

}  // namespace

TemporaryFolder::TemporaryFolder(Descriptor parent, fs::path parent_path, std::string name,
                                 ErrorOf error_of)
    : parent_(std::move(parent)),
      parent_path_(std::move(parent_path)),
      name_(std::move(name)),
      error_of_(error_of) {
  const std::lock_guard lock(living().mutex);
  living().folders.insert(this);
}

TemporaryFolder::~TemporaryFolder() {
  const std::lock_guard lock(living().mutex);
  living().folders.erase(this);
  remove();
}

void TemporaryFolder::remove() {
  if (!temporary_name_.empty()) (void)remove_all(parent_.files(), path()).has_value();
}

Result<std::unique_ptr<TemporaryFolder>> TemporaryFolder::create(FileSystem& files,
                                                                 const fs::path& parent,
                                                                 const std::string& name,
                                                                 ErrorOf error_of) {
  TULVING_DCHECK(!name.empty() && name.find('/') == std::string::npos);
  Descriptor open = Descriptor::open(files, parent, O_RDONLY | O_DIRECTORY);
  if (!open.is_open()) return error_of("open the folder", parent.string(), open.cause());
  sweep(open, parent);
  std::unique_ptr<TemporaryFolder> folder(
      new TemporaryFolder(std::move(open), parent, name, error_of));
  constexpr int kAttemptsMax = 100;  // Each takes a sweep that comes within microseconds.
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    const auto made = folder->make();
    if (!made) return made.error();
    if (*made) return folder;
  }
  return error_of("create a folder beside", (parent / name).string(), EAGAIN);
}

Result<bool> TemporaryFolder::make() {
  const std::lock_guard lock(living().mutex);
  std::string name = new_name(name_);
  int cause = parent_.create_directory(name, 0700);
  if (cause == EEXIST) return false;
  const std::string place = (parent_path_ / name_).string();
  if (cause != 0) return error_of_("create a folder beside", place, cause);
  temporary_name_ = std::move(name);
  folder_ = parent_.open(temporary_name_, kFolderFlags);
  if (!folder_.is_open() && folder_.cause() != ENOENT) {
    return error_of_("open the folder beside", place, folder_.cause());
  }
  cause = folder_.is_open() ? folder_.lock(false) : ENOENT;
  // A file system without locks has no sweeps, either.
  if (cause != ENOENT && cause != EWOULDBLOCK && has_name(parent_, temporary_name_, folder_)) {
    return true;
  }
  if (cause == 0) remove();  // Held, but not to be seen: the file system failed.
  temporary_name_.clear();
  return false;
}

Status TemporaryFolder::commit() {
  const std::lock_guard lock(living().mutex);
  TULVING_DCHECK(!temporary_name_.empty());
  const std::string place = (parent_path_ / name_).string();
  struct stat old {};
  const bool is_there = parent_.stat(name_, old) == 0 && S_ISDIR(old.st_mode);
  if (is_there) {
    const int cause = folder_.chmod(old.st_mode & 07777U);
    if (cause != 0) return error_of_("set the mode of", place, cause);
  }
  const int cause = parent_.rename(temporary_name_, name_, true);
  if (cause == ENOTEMPTY || cause == EEXIST || cause == ENOTDIR) {
    return Error{ErrorCode::kConflict, fmt::format("{} exists and is not empty", place), {}};
  }
  if (cause != 0) return error_of_("replace", place, cause);
  if (const int failure = parent_.fsync(); failure != 0) {
    // A power cut may take the name back, so it is given back now.
    (void)parent_.rename(name_, temporary_name_, true);
    if (is_there) (void)parent_.create_directory(name_, old.st_mode & 07777U);
    return error_of_("fsync the folder of", place, failure);
  }
  temporary_name_.clear();
  return {};
}

void remove_temporary_folders_and_stop() {
  living().mutex.lock();  // For ever.
  // Their makers go on filling them until they meet the lock, or the process ends.
  constexpr int kAttemptsMax = 200;
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    bool is_done = true;
    for (TemporaryFolder* folder : living().folders) {
      folder->remove();
      struct stat info {};
      const std::string& name = folder->temporary_name_;
      is_done = is_done && (name.empty() || folder->parent_.stat(name, info) == ENOENT);
    }
    if (is_done) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

}  // namespace tulving
