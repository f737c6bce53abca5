#include "core/base/files/atomic_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <string>

#include "core/base/files/io_error.h"
#include "core/base/files/temporary_file.h"

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
  Impl(fs::path path, Descriptor stream) : path_(std::move(path)), stream_(std::move(stream)) {}
  // A file in a folder.
  Impl(fs::path path, Descriptor folder, Descriptor file, std::string temporary)
      : path_(std::move(path)),
        folder_(std::move(folder)),
        file_(std::in_place, folder_, std::move(file), std::move(temporary), path_.string()) {}
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status write(std::string_view bytes) {
    buffer_ += bytes;
    return buffer_.size() < kBufferBytes ? Status() : flush();
  }

  Status commit(const std::function<Status()>& may_replace) {
    if (auto status = flush(); !status || !file_) return status;
    return file_->commit(path_.filename().string(), true, may_replace);
  }
  /// Of one that is no stream.
  [[nodiscard]] const Descriptor& file() const { return file_->file(); }

 private:
  Status flush() {
    Status status;
    if (file_) {
      status = file_->write(buffer_);
    } else if (const int cause = stream_.write(buffer_); cause != 0) {
      status = io_error("write", path_.string(), cause);
    }
    if (status) buffer_.clear();
    return status;
  }

  const fs::path path_;
  const Descriptor folder_;
  const Descriptor stream_;
  std::optional<TemporaryFile> file_;  // Empty: a stream.
  std::string buffer_;
};

namespace {

// The temporary file, empty and held by this process. Its lock tells one that is being written
// from one that a killed process left.
Result<Descriptor> open_temporary(const Descriptor& folder, const std::string& name,
                                  const fs::path& path) {
  constexpr int kFlags = O_WRONLY | O_NOFOLLOW | O_NONBLOCK;
  while (true) {
    Descriptor file = folder.open(name, kFlags | O_CREAT | O_EXCL, 0666);
    const bool is_new = file.is_open();
    if (file.cause() == EEXIST) {
      file = folder.open(name, kFlags);
      if (file.cause() == ENOENT) continue;  // Its writer gave it its name just now.
    }
    if (!file.is_open()) return io_error("create a file beside", path.string(), file.cause());
    if (file.lock(false) != 0) {
      return Error{ErrorCode::kBusy,
                   fmt::format("{} is being written by another process", path.string()), "file"};
    }
    const auto fail = [&](std::string_view what, int cause) {
      if (is_new) (void)folder.remove(name);
      return io_error(what, (path.parent_path() / name).string(), cause);
    };
    struct stat held {};
    struct stat named {};
    if (const int cause = file.stat(held); cause != 0) return fail("read", cause);
    const int cause = folder.stat(name, named);
    if (cause == ENOENT || (cause == 0 && named.st_ino != held.st_ino)) continue;
    if (cause != 0) return fail("read", cause);
    // Somebody else's file of that name must not become the answer, nor another name's content go.
    if (!S_ISREG(held.st_mode) || held.st_nlink != 1 || held.st_uid != ::geteuid()) {
      return Error{ErrorCode::kIo,
                   fmt::format("{} is in the way of writing {}", name, path.string()), "file"};
    }
    if (const int failure = file.truncate(0); failure != 0) return fail("write", failure);
    return file;
  }
}

// The mode, and where we may the owner, of the file that is there.
Status take_over(const Descriptor& file, const struct stat& old, const fs::path& path) {
  if (old.st_uid != ::geteuid() || old.st_gid != ::getegid()) {
    // Only root may give files away; anyone else's new file is theirs.
    if (const int cause = file.chown(old.st_uid, old.st_gid); cause != 0 && cause != EPERM) {
      return io_error("give its owner to", path.string(), cause);
    }
  }
  if (const int cause = file.chmod(old.st_mode & 07777U); cause != 0) {
    return io_error("write", path.string(), cause);
  }
  return {};
}

// What is no file is written as it comes.
Descriptor open_stream(FileSystem& files, const fs::path& path) {
  if (const auto descriptor = descriptor_of(path)) {
    const int copy = ::fcntl(*descriptor, F_DUPFD_CLOEXEC, 0);
    return copy < 0 ? Descriptor::failed(errno) : Descriptor(files, copy);
  }
  return Descriptor::open(files, path, O_WRONLY | O_NOCTTY);
}

}  // namespace

Result<AtomicFile> AtomicFile::create(const fs::path& given, FileSystem& files) {
  if (given.empty() || given.native().find('\0') != std::string::npos) {
    return wrong_path(given, "is empty or has a NUL");
  }
  auto found = behind_links(given);
  if (!found) return found.error();
  const fs::path path = *std::move(found);
  struct stat old {};
  const bool is_there = ::stat(path.c_str(), &old) == 0;
  const bool has_no_name = descriptor_of(path).has_value();
  if (!has_no_name && is_there && S_ISDIR(old.st_mode)) return wrong_path(given, "is a folder");
  if (!has_no_name && is_there && S_ISBLK(old.st_mode)) return wrong_path(given, "is a disk");
  if (has_no_name || (is_there && !S_ISREG(old.st_mode))) {
    Descriptor stream = open_stream(files, path);
    if (!stream.is_open()) return io_error("write", given.string(), stream.cause());
    return AtomicFile(std::make_unique<Impl>(given, std::move(stream)));
  }
  const std::string name = path.filename().string();
  if (name.empty() || name == "." || name == "..") return wrong_path(given, "has no name");
  const fs::path parent = path.has_parent_path() ? path.parent_path() : fs::path(".");
  Descriptor folder = Descriptor::open(files, parent, O_RDONLY | O_DIRECTORY);
  if (folder.cause() == ENOENT) {
    return Error{
        ErrorCode::kNotFound,
        fmt::format("cannot write {}: there is no folder {}", given.string(), parent.string()),
        "file"};
  }
  if (!folder.is_open()) return io_error("open the folder", parent.string(), folder.cause());
  // The new file would take the place of one that nobody was to write to.
  if (const int cause = is_there ? folder.access(name, W_OK) : 0; cause != 0) {
    return io_error("write", given.string(), cause);
  }
  std::string temporary = fmt::format(".{}.tulving-tmp", name.substr(0, kNameBytesMax));
  auto file = open_temporary(folder, temporary, given);
  if (!file) return file.error();
  auto impl =
      std::make_unique<Impl>(path, std::move(folder), *std::move(file), std::move(temporary));
  if (is_there) {
    if (auto status = take_over(impl->file(), old, given); !status) {
      return status.error();
    }
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
