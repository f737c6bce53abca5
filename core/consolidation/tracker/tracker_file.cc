#include "core/consolidation/tracker/tracker_file.h"

#include <fmt/format.h>

#include <cerrno>

#include "core/base/files/atomic_file.h"
#include "core/base/files/io_error.h"

namespace tulving::consolidation {
namespace {

constexpr off_t kBytesMax = 1'000'000'000;

Error wrong_path(const std::filesystem::path& path, std::string_view why) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("\"{}\" {}; must be the tracker's file", path.string(), why), "file"};
}

// Non-blocking, or a pipe of that name would hang us.
constexpr int kReadFlags = O_RDONLY | O_NONBLOCK;

// Of an open file.
Result<std::string> text_of(const Descriptor& file, const std::filesystem::path& path,
                            struct stat& info) {
  if (const int cause = file.stat(info); cause != 0) return io_error("read", path.string(), cause);
  if (!S_ISREG(info.st_mode)) return wrong_path(path, "is no file");
  if (info.st_size > kBytesMax) {
    return Error{
        ErrorCode::kResourceExhausted,
        fmt::format("{} has {} bytes; at most {} are read", path.string(), info.st_size, kBytesMax),
        "file"};
  }
  std::string text;
  if (const int cause = file.read_all(text); cause != 0) {
    return io_error("read", path.string(), cause);
  }
  return text;
}

Error not_there(const std::filesystem::path& path, std::string_view what) {
  return {ErrorCode::kNotFound, fmt::format("there is no {} {}", what, path.string()), "file"};
}

Status check_path(const std::filesystem::path& path) {
  if (path.native().find('\0') != std::string::npos) return wrong_path(path, "has a NUL");
  const std::string name = path.filename().string();
  if (name.empty() || name == "." || name == "..") return wrong_path(path, "is no file");
  return {};
}

bool is_same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

Result<std::string> read_tracker_file(const std::filesystem::path& path, FileSystem& files) {
  if (auto status = check_path(path); !status) return status.error();
  const auto file = Descriptor::open(files, path, kReadFlags);
  if (file.cause() == ENOENT) return not_there(path, "file");
  if (!file.is_open()) return io_error("read", path.string(), file.cause());
  struct stat info {};
  return text_of(file, path, info);
}

Result<TrackerFile> TrackerFile::open(const std::filesystem::path& path, FileSystem& files) {
  if (auto status = check_path(path); !status) return status.error();
  const std::string parent = path.has_parent_path() ? path.parent_path().string() : ".";
  auto folder = Descriptor::open(files, parent, O_RDONLY | O_DIRECTORY);
  if (folder.cause() == ENOENT) return not_there(parent, "folder");
  if (!folder.is_open()) return io_error("open the folder", parent, folder.cause());
  auto lock = std::make_unique<DirectoryLock>(folder);
  if (lock->cause() == EWOULDBLOCK) {
    return Error{ErrorCode::kBusy,
                 fmt::format("the folder {} is locked by another program; try again later", parent),
                 "file"};
  }
  if (lock->cause() != 0) return io_error("lock the folder", parent, lock->cause());
  TrackerFile file(std::move(folder), std::move(lock), path);
  if (auto status = file.read(); !status) return status.error();
  return file;
}

Status TrackerFile::read() {
  const Descriptor file = folder_.open(name(), kReadFlags | O_NOFOLLOW);
  if (file.cause() == ENOENT) return {};
  // Replacing a link would leave the file that it leads to as it was.
  if (file.cause() == ELOOP) return wrong_path(path_, "is a symbolic link");
  if (!file.is_open()) return io_error("read", path_.string(), file.cause());
  auto text = text_of(file, path_, read_.emplace());
  if (!text) return text.error();
  text_ = *std::move(text);
  return {};
}

Result<bool> TrackerFile::is_as_read() const {
  struct stat info {};
  const int cause = folder_.stat(name(), info);
  if (cause == ENOENT) return !read_;
  if (cause != 0) return io_error("read", path_.string(), cause);
  return read_ && info.st_ino == read_->st_ino && info.st_size == read_->st_size &&
         is_same(info.st_mtim, read_->st_mtim) && is_same(info.st_ctim, read_->st_ctim);
}

Status TrackerFile::replace(std::string_view text) {
  auto file = AtomicFile::create(path_, folder_.files());
  if (!file) return file.error();
  if (auto status = file->write(text); !status) return status;
  return file->commit([this]() -> Status {
    const auto as_read = is_as_read();
    if (!as_read) return as_read.error();
    if (*as_read) return {};
    return Error{ErrorCode::kConflict,
                 fmt::format("{} was changed by someone else meanwhile", path_.string()), "file"};
  });
}

}  // namespace tulving::consolidation
