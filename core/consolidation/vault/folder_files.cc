#include "core/consolidation/vault/folder_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <memory>

namespace tulving::consolidation {
namespace {

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

namespace {

Error not_created(const std::string& path, int cause) {
  auto error = io_error("create the vault", path, cause);
  if (cause == ENOENT) error.code = ErrorCode::kNotFound;
  return error;
}

Result<Descriptor> could_be_created(const std::string& path) {
  const std::filesystem::path parent = std::filesystem::absolute(path).parent_path();
  if (::faccessat(AT_FDCWD, parent.c_str(), W_OK | X_OK, AT_EACCESS) != 0) {
    return not_created(path, errno);
  }
  return Descriptor(-1);
}

}  // namespace

Result<Descriptor> open_folder(const std::string& path, bool creates) {
  constexpr int kFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  Descriptor folder(::open(path.c_str(), kFlags));
  if (!folder.is_open() && errno == ENOENT) {
    if (!creates) return could_be_created(path);
    if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
      return not_created(path, errno);
    }
    folder = Descriptor(::open(path.c_str(), kFlags));
    // The new folder's name lasts once its parent is on the disk.
    const Descriptor parent(
        folder.is_open() ? ::openat(folder.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1);
    if (folder.is_open() && (!parent.is_open() || ::fsync(parent.get()) != 0)) {
      return io_error("fsync the folder of", path, errno);
    }
  }
  if (folder.is_open()) return folder;
  const int cause = errno;
  struct stat info {};
  if (::lstat(path.c_str(), &info) == 0 && !S_ISDIR(info.st_mode)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the vault {} is {}; must be a folder", path,
                             S_ISLNK(info.st_mode) ? "a symbolic link" : "no folder"),
                 "vault"};
  }
  return io_error("open the vault", path, cause);
}

Result<std::vector<std::string>> names_in(int folder, std::string_view path) {
  // Of its own descriptor, as reading moves it.
  const int copy = ::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const std::unique_ptr<DIR, CloseDirectory> stream(copy < 0 ? nullptr : ::fdopendir(copy));
  if (stream == nullptr) {
    const int cause = errno;
    if (copy >= 0) ::close(copy);
    return io_error("list the vault", path, cause);
  }
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    names.emplace_back(entry->d_name);
  }
  if (errno != 0) return io_error("list the vault", path, errno);
  return names;
}

}  // namespace tulving::consolidation
