#include "core/base/files/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string>

#include "core/base/files/files.h"

namespace tulving {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;
// Of the name; with what is put around it, it must stay within NAME_MAX.
constexpr std::size_t kNameBytesMax = 200;
constexpr int kLinksMax = 40;  // As the kernel has it.

Error wrong_path(const fs::path& path, std::string_view what) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("\"{}\" {}; must be a file or a stream", path.string(), what), "file"};
}

// The descriptor that /dev/stdout, /dev/fd/3 and the like stand for. To be duplicated: opened by
// name, a file behind it would be written from its start, beside what else goes there.
std::optional<int> descriptor_of(const fs::path& path) {
  const std::string name = path.lexically_normal().string();
  if (name == "/dev/stdout") return STDOUT_FILENO;
  if (name == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view folder : {"/dev/fd/", "/proc/self/fd/"}) {
    if (!name.starts_with(folder)) continue;
    const char* const end = name.data() + name.size();
    int descriptor = -1;
    const auto read = std::from_chars(name.data() + folder.size(), end, descriptor);
    if (read.ec == std::errc() && read.ptr == end && descriptor >= 0) return descriptor;
  }
  return std::nullopt;
}

// What the links at the end of `path` lead to, whether or not it is there.
Result<fs::path> behind_links(fs::path path) {
  for (int links = 0; links < kLinksMax; ++links) {
    // Also a link, but to what has no name of its own.
    if (descriptor_of(path)) return path;
    std::error_code error;
    if (!fs::is_symlink(fs::symlink_status(path, error))) return path;
    const fs::path target = fs::read_symlink(path, error);
    if (error) return io_error("read the link", path.string(), error.value());
    path = target.is_absolute() ? target : path.parent_path() / target;
  }
  return io_error("follow the links of", path.string(), ELOOP);
}

}  // namespace

class AtomicFile::Impl {
 public:
  // A stream.
  Impl(fs::path path, Descriptor file) : path_(std::move(path)), file_(std::move(file)) {}
  // A file in a folder.
  Impl(fs::path path, Descriptor folder, Descriptor file, std::string temporary)
      : path_(std::move(path)),
        folder_(std::move(folder)),
        file_(std::move(file)),
        temporary_(std::move(temporary)) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (!temporary_.empty()) ::unlinkat(folder_.get(), temporary_.c_str(), 0);
  }

  Status write(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBufferBytes ? Status() : flush();
  }

  Status commit(const std::function<Status()>& may_replace) {
    if (auto status = flush(); !status) return status;
    if (temporary_.empty()) return {};
    if (::fsync(file_.get()) != 0) return io_error("fsync", path_.string(), errno);
    if (may_replace) {
      if (auto status = may_replace(); !status) return status;
    }
    const std::string name = path_.filename().string();
    if (::renameat(folder_.get(), temporary_.c_str(), folder_.get(), name.c_str()) != 0) {
      return io_error("replace", path_.string(), errno);
    }
    temporary_.clear();
    if (::fsync(folder_.get()) != 0) return io_error("fsync the folder of", path_.string(), errno);
    return {};
  }

 private:
  Status flush() {
    if (!write_all(file_.get(), buffer_)) return io_error("write", path_.string(), errno);
    buffer_.clear();
    return {};
  }

  fs::path path_;
  Descriptor folder_{-1};
  Descriptor file_;
  std::string temporary_;  // Empty: a stream, or it has its name.
  std::string buffer_;
};

namespace {

// The temporary file, empty and held by this process. Its lock tells one that is being written
// from one that a killed process left.
Result<Descriptor> open_temporary(int folder, const std::string& name, const fs::path& path) {
  constexpr int kFlags = O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
  while (true) {
    Descriptor file(::openat(folder, name.c_str(), kFlags, 0666));
    if (!file.is_open()) return io_error("create a file beside", path.string(), errno);
    if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
      return Error{ErrorCode::kBusy,
                   fmt::format("{} is being written by another process", path.string()), "file"};
    }
    struct stat held {};
    struct stat named {};
    if (::fstat(file.get(), &held) != 0) return io_error("read", name, errno);
    if (::fstatat(folder, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) != 0 ||
        named.st_ino != held.st_ino) {
      continue;  // Its writer gave it its name just now.
    }
    // Somebody else's file of that name must not become the answer, nor another name's content go.
    if (!S_ISREG(held.st_mode) || held.st_nlink != 1 || held.st_uid != ::geteuid()) {
      return Error{ErrorCode::kIo,
                   fmt::format("{} is in the way of writing {}", name, path.string()), "file"};
    }
    if (::ftruncate(file.get(), 0) != 0) return io_error("write", name, errno);
    return file;
  }
}

// The mode, and where we may the owner, of the file that is there.
Status take_over(int file, const struct stat& old, const fs::path& path) {
  if (old.st_uid != ::geteuid() || old.st_gid != ::getegid()) {
    // Only root may give files away; anyone else's new file is theirs.
    if (::fchown(file, old.st_uid, old.st_gid) != 0 && errno != EPERM) {
      return io_error("give its owner to", path.string(), errno);
    }
  }
  if (::fchmod(file, old.st_mode & 07777U) != 0) return io_error("write", path.string(), errno);
  return {};
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const fs::path& given) {
  if (given.empty() || given.native().find('\0') != std::string::npos) {
    return wrong_path(given, "is empty or has a NUL");
  }
  auto found = behind_links(given);
  if (!found) return std::move(found).error();
  const fs::path path = *std::move(found);
  if (const auto descriptor = descriptor_of(path)) {
    Descriptor file(::fcntl(*descriptor, F_DUPFD_CLOEXEC, 0));
    if (!file.is_open()) return io_error("write", given.string(), errno);
    return AtomicFile(std::make_unique<Impl>(given, std::move(file)));
  }
  struct stat old {};
  const bool is_there = ::stat(path.c_str(), &old) == 0;
  if (is_there && S_ISDIR(old.st_mode)) return wrong_path(given, "is a folder");
  if (is_there && S_ISBLK(old.st_mode)) return wrong_path(given, "is a disk");
  if (is_there && !S_ISREG(old.st_mode)) {
    Descriptor file(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!file.is_open()) return io_error("write", given.string(), errno);
    return AtomicFile(std::make_unique<Impl>(given, std::move(file)));
  }
  const std::string name = path.filename().string();
  if (name.empty() || name == "." || name == "..") return wrong_path(given, "has no name");
  const std::string parent = path.has_parent_path() ? path.parent_path().string() : ".";
  Descriptor folder(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.is_open() && errno == ENOENT) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("cannot write {}: there is no folder {}", given.string(), parent),
                 "file"};
  }
  if (!folder.is_open()) return io_error("open the folder", parent, errno);
  // The new file would take the place of one that nobody was to write to.
  if (is_there && ::faccessat(folder.get(), name.c_str(), W_OK, AT_EACCESS) != 0) {
    return io_error("write", given.string(), errno);
  }
  std::string temporary = fmt::format(".{}.tulving-tmp", name.substr(0, kNameBytesMax));
  auto file = open_temporary(folder.get(), temporary, given);
  if (!file) return std::move(file).error();
  const int descriptor = file->get();
  auto impl =
      std::make_unique<Impl>(path, std::move(folder), *std::move(file), std::move(temporary));
  if (is_there) {
    if (auto status = take_over(descriptor, old, given); !status) return std::move(status).error();
  }
  return AtomicFile(std::move(impl));
}

AtomicFile::AtomicFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AtomicFile::AtomicFile(AtomicFile&&) noexcept = default;
AtomicFile& AtomicFile::operator=(AtomicFile&&) noexcept = default;
AtomicFile::~AtomicFile() = default;

Status AtomicFile::write(std::string_view bytes) { return impl_->write(bytes); }
Status AtomicFile::commit(const std::function<Status()>& may_replace) {
  return impl_->commit(may_replace);
}

}  // namespace tulving
