#include "core/consolidation/vault/vault_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "tulving/uuid.h"

namespace tulving::consolidation {
namespace {

constexpr std::string_view kTemporaryPrefix = ".tulving-";
constexpr std::string_view kTemporarySuffix = ".tmp";
// The longest memory and its front matter: no note of ours is longer.
constexpr off_t kNoteBytesMax = 2'000'000'000;

bool is_temporary(std::string_view name) {
  return name.starts_with(kTemporaryPrefix) && name.ends_with(kTemporarySuffix);
}

}  // namespace

std::string VaultFolder::shown(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

Result<bool> VaultFolder::look_again(bool creates) {
  if (descriptor_.is_open()) return true;
  auto descriptor = open_folder(path_, creates);
  if (!descriptor) return std::move(descriptor).error();
  descriptor_ = *std::move(descriptor);
  return descriptor_.is_open();
}

Status VaultFolder::remove_leftovers() const {
  const auto all = names();
  if (!all) return all.error();
  for (const std::string& name : *all) {
    if (is_temporary(name) && ::unlinkat(fd(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return io_error("remove what was left half-written,", shown(name), errno);
    }
  }
  return {};
}

Result<std::string> VaultFolder::read(const std::string& name) const {
  // Non-blocking, or a pipe of that name would hang us.
  const Descriptor file(
      ::openat(fd(), name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  const int cause = file.is_open() ? 0 : errno;
  if (cause == ENOENT) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no note {}", shown(name)), {}};
  }
  if (cause != 0 && cause != ELOOP) return io_error("read the note", shown(name), cause);
  struct stat info {};
  if (!file.is_open() || ::fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode) ||
      info.st_size > kNoteBytesMax) {
    return Error{ErrorCode::kConflict, fmt::format("{} is no file of ours", shown(name)), {}};
  }
  std::string bytes;
  if (!read_all(file.get(), bytes)) return io_error("read the note", shown(name), errno);
  return bytes;
}

// The name of a new file that has the text.
Result<std::string> VaultFolder::write_temporary(std::string_view text, unsigned mode) const {
  const std::string name =
      fmt::format("{}{}{}", kTemporaryPrefix, Uuid::random().to_string(), kTemporarySuffix);
  const Descriptor file(
      ::openat(fd(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return io_error("create a note in the vault", path_, errno);
  if (write_all(file.get(), text) && ::fchmod(file.get(), mode) == 0 && ::fsync(file.get()) == 0) {
    return name;
  }
  const int cause = errno;
  ::unlinkat(fd(), name.c_str(), 0);
  return io_error("write a note into the vault", path_, cause);
}

// Never replaces what has the name.
Status VaultFolder::give_name(const std::string& from, const std::string& to) const {
  if (::renameat2(fd(), from.c_str(), fd(), to.c_str(), RENAME_NOREPLACE) == 0) return {};
  int cause = errno;
  if (cause == EINVAL || cause == ENOSYS) {  // A file system without that flag, NFS say.
    if (::linkat(fd(), from.c_str(), fd(), to.c_str(), 0) == 0) {
      ::unlinkat(fd(), from.c_str(), 0);
      return {};
    }
    cause = errno;
  }
  if (cause == EEXIST) {
    return Error{ErrorCode::kConflict, fmt::format("{} is there already", shown(to)), {}};
  }
  return io_error("name the note", shown(to), cause);
}

Status VaultFolder::sync() const {
  return ::fsync(fd()) == 0 ? Status() : Status(io_error("fsync the vault", path_, errno));
}

Status VaultFolder::create(const std::string& name, std::string_view text) const {
  const auto temporary = write_temporary(text, 0600);
  if (!temporary) return temporary.error();
  if (auto status = give_name(*temporary, name); !status) {
    ::unlinkat(fd(), temporary->c_str(), 0);
    return status;
  }
  auto status = sync();
  if (!status) ::unlinkat(fd(), name.c_str(), 0);
  return status;
}

Status VaultFolder::replace(const std::string& name, std::string_view text) const {
  struct stat old {};
  if (::fstatat(fd(), name.c_str(), &old, AT_SYMLINK_NOFOLLOW) != 0) {
    return io_error("replace the note", shown(name), errno);
  }
  const auto temporary = write_temporary(text, old.st_mode & 07777U);
  if (!temporary) return temporary.error();
  if (::renameat(fd(), temporary->c_str(), fd(), name.c_str()) != 0) {
    const int cause = errno;
    ::unlinkat(fd(), temporary->c_str(), 0);
    return io_error("replace the note", shown(name), cause);
  }
  return sync();
}

Status VaultFolder::rename(const std::string& from, const std::string& to) const {
  if (auto status = give_name(from, to); !status) return status;
  return sync();
}

Status VaultFolder::remove(const std::string& name) const {
  if (::unlinkat(fd(), name.c_str(), 0) != 0) return io_error("remove", shown(name), errno);
  return sync();
}

}  // namespace tulving::consolidation
