#include "core/base/files/directories.h"

#include <cerrno>
#include <string>
#include <utility>
#include <vector>

namespace tulving {
namespace {

namespace fs = std::filesystem;

constexpr int kDirectoryFlags = O_RDONLY | O_DIRECTORY;

Status first_of(Status first, Status second) { return first ? std::move(second) : first; }

Status remove_names(const Descriptor& directory, const fs::path& path);

// What has the name in the open directory `parent`, or AT_FDCWD, and all that is in it.
Status remove_name(FileSystem& files, int parent, const std::string& name, const fs::path& path) {
  Status result;
  int cause = files.remove(parent, name, false);
  if (cause == EISDIR || cause == EPERM) {  // Of a directory Linux says the one, POSIX the other.
    const Descriptor inner = files.open(parent, name, kDirectoryFlags | O_NOFOLLOW, 0);
    result = inner.is_open() ? remove_names(inner, path)
                             : Status(io_error("open", path.string(), inner.cause()));
    cause = files.remove(parent, name, true);
  }
  if (cause == 0 || cause == ENOENT) return {};
  return first_of(std::move(result), io_error("remove", path.string(), cause));
}

Status remove_names(const Descriptor& directory, const fs::path& path) {
  std::vector<std::string> names;
  Status result;
  if (const int cause = directory.list(names); cause != 0) {
    result = io_error("list", path.string(), cause);
  }
  for (const std::string& name : names) {
    result = first_of(std::move(result),
                      remove_name(directory.files(), directory.get(), name, path / name));
  }
  return result;
}

}  // namespace

Result<bool> create_directories(FileSystem& files, const fs::path& directory,
                                Error (*error_of)(std::string_view, std::string_view, int)) {
  std::error_code ignored;
  auto path = fs::absolute(directory, ignored).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // A slash at the end.
  std::vector<fs::path> missing;
  for (; !fs::exists(path, ignored) && path.has_relative_path(); path = path.parent_path()) {
    missing.push_back(path);
  }
  for (; !missing.empty(); missing.pop_back()) {
    const fs::path& made = missing.back();
    const auto parent = Descriptor::open(files, made.parent_path(), kDirectoryFlags);
    if (!parent.is_open()) return error_of("open", made.parent_path().string(), parent.cause());
    int cause = parent.create_directory(made.filename().string(), 0700);
    if (cause != 0 && cause != EEXIST) return error_of("create", made.string(), cause);
    cause = parent.fsync();
    if (cause != 0) {
      (void)parent.remove(made.filename().string(), true);
      return error_of("fsync the directory of", made.string(), cause);
    }
    if (missing.size() == 1) return true;
  }
  return false;
}

Status remove_contents(FileSystem& files, const fs::path& directory) {
  const auto open = Descriptor::open(files, directory, kDirectoryFlags);
  if (!open.is_open()) return io_error("open", directory.string(), open.cause());
  return remove_names(open, directory);
}

Status remove_all(FileSystem& files, const fs::path& path) {
  return remove_name(files, AT_FDCWD, path.string(), path);
}

Status sync_files(FileSystem& files, const fs::path& directory, std::string_view except) {
  const auto open = Descriptor::open(files, directory, kDirectoryFlags);
  std::vector<std::string> names;
  const int failure = open.is_open() ? open.list(names) : open.cause();
  if (failure != 0) return io_error("list", directory.string(), failure);
  for (const std::string& name : names) {
    if (name == except) continue;
    const Descriptor file = open.open(name, O_RDONLY);
    if (!file.is_open()) continue;
    if (const int cause = file.fsync(); cause != 0) {
      return io_error("fsync", (directory / name).string(), cause);
    }
  }
  return {};
}

}  // namespace tulving
