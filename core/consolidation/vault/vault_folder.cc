#include "core/consolidation/vault/vault_folder.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "core/base/files/temporary_file.h"
#include "tulving/uuid.h"

namespace tulving::consolidation {
namespace {

constexpr std::string_view kTemporaryPrefix = ".tulving-";
constexpr std::string_view kTemporarySuffix = ".tmp";
// The longest memory and its front matter: no note of ours is longer.
constexpr off_t kNoteBytesMax = 2'000'000'000;

constexpr int kFolderFlags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;

// As put() names them: nothing of a person's is called so.
bool is_temporary(std::string_view name) {
  if (!name.starts_with(kTemporaryPrefix) || !name.ends_with(kTemporarySuffix)) return false;
  name.remove_prefix(kTemporaryPrefix.size());
  if (name.size() < kTemporarySuffix.size()) return false;
  name.remove_suffix(kTemporarySuffix.size());
  const auto id = Uuid::parse(name);
  return id && id->to_string() == name;
}

Error not_created(const std::string& path, int cause) {
  auto error = io_error("create the vault", path, cause);
  if (cause == ENOENT) error.code = ErrorCode::kNotFound;
  return error;
}

// The new folder's name lasts once its parent is on the disk.
Result<Descriptor> create_folder(FileSystem& files, const std::string& path) {
  int cause = files.create_directory(AT_FDCWD, path, 0700);
  if (cause != 0 && cause != EEXIST) return not_created(path, cause);
  const bool is_new = cause == 0;
  auto folder = Descriptor::open(files, path, kFolderFlags);
  if (!folder.is_open()) return folder;
  const Descriptor parent = folder.open("..", O_RDONLY | O_DIRECTORY);
  cause = parent.is_open() ? parent.fsync() : parent.cause();
  if (cause == 0) return folder;
  if (is_new) (void)files.remove(AT_FDCWD, path, true);
  return io_error("fsync the folder of", path, cause);
}

}  // namespace

std::string VaultFolder::shown(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

Result<bool> VaultFolder::open(bool creates) {
  if (descriptor_.is_open()) return true;
  auto folder = Descriptor::open(files_, path_, kFolderFlags);
  if (folder.cause() == ENOENT && creates) {
    auto created = create_folder(files_, path_);
    if (!created) return created.error();
    folder = *std::move(created);
  } else if (folder.cause() == ENOENT) {
    const auto parent = std::filesystem::absolute(path_).parent_path();
    const int cause = files_.access(AT_FDCWD, parent.string(), W_OK | X_OK);
    if (cause != 0) return not_created(path_, cause);
    return false;
  }
  if (folder.is_open()) {
    descriptor_ = std::move(folder);
    return true;
  }
  struct stat info {};
  if (files_.stat(AT_FDCWD, path_, info) == 0 && !S_ISDIR(info.st_mode)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("the vault {} is {}; must be a folder", path_,
                             S_ISLNK(info.st_mode) ? "a symbolic link" : "no folder"),
                 "vault"};
  }
  return io_error("open the vault", path_, folder.cause());
}

Result<std::vector<std::string>> VaultFolder::names() const {
  std::vector<std::string> names;
  if (const int cause = descriptor_.list(names); cause != 0) {
    return io_error("list the vault", path_, cause);
  }
  return names;
}

Status VaultFolder::remove_leftovers() const {
  const auto all = names();
  if (!all) return all.error();
  for (const std::string& name : *all) {
    struct stat info {};
    const bool is_ours = is_temporary(name) && descriptor_.stat(name, info) == 0 &&
                         S_ISREG(info.st_mode) && info.st_uid == ::geteuid();
    const int cause = is_ours ? descriptor_.remove(name) : 0;
    if (cause != 0 && cause != ENOENT) {
      return io_error("remove what was left half-written,", shown(name), cause);
    }
  }
  return {};
}

Result<std::string> VaultFolder::read(const std::string& name) const {
  // Non-blocking, or a pipe of that name would hang us.
  const Descriptor file = descriptor_.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  if (file.cause() == ENOENT) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no note {}", shown(name)), {}};
  }
  const Error not_ours{ErrorCode::kConflict, fmt::format("{} is no file of ours", shown(name)), {}};
  if (file.cause() == ELOOP) return not_ours;
  struct stat info {};
  int cause = file.is_open() ? file.stat(info) : file.cause();
  if (cause != 0) return io_error("read the note", shown(name), cause);
  if (!S_ISREG(info.st_mode) || info.st_size > kNoteBytesMax) return not_ours;
  std::string bytes;
  cause = file.read_all(bytes);
  if (cause != 0) return io_error("read the note", shown(name), cause);
  return bytes;
}

Status VaultFolder::put(const std::string& name, std::string_view text, unsigned mode,
                        bool replaces) const {
  std::string temporary =
      fmt::format("{}{}{}", kTemporaryPrefix, Uuid::random().to_string(), kTemporarySuffix);
  const auto file = TemporaryFile::create(descriptor_, std::move(temporary), O_EXCL | O_NOFOLLOW,
                                          0600, shown(name));
  if (!file) return file.error();
  if (auto status = (*file)->write(text); !status) return status;
  if (const int cause = (*file)->file().chmod(mode); cause != 0) {
    return io_error("write", shown(name), cause);
  }
  return (*file)->commit(name, replaces);
}

Status VaultFolder::sync() const {
  const int cause = descriptor_.fsync();
  return cause == 0 ? Status() : Status(io_error("fsync the vault", path_, cause));
}

Status VaultFolder::create(const std::string& name, std::string_view text) const {
  return put(name, text, 0600, false);
}

Status VaultFolder::replace(const std::string& name, std::string_view text) const {
  struct stat old {};
  if (const int cause = descriptor_.stat(name, old); cause != 0) {
    return io_error("replace the note", shown(name), cause);
  }
  return put(name, text, old.st_mode & 07777U, true);
}

Status VaultFolder::rename(const std::string& from, const std::string& to) const {
  const int cause = descriptor_.rename(from, to, false);
  if (cause == EEXIST) {
    return Error{ErrorCode::kConflict, fmt::format("{} is there already", shown(to)), {}};
  }
  if (cause != 0) return io_error("name the note", shown(to), cause);
  return sync();
}

Status VaultFolder::remove(const std::string& name) const {
  if (const int cause = descriptor_.remove(name); cause != 0) {
    return io_error("remove", shown(name), cause);
  }
  return sync();
}

}  // namespace tulving::consolidation
