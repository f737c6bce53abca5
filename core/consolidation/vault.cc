#include "core/consolidation/vault.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <mutex>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/consolidation/folder_files.h"

namespace tulving::consolidation {
namespace {

constexpr std::string_view kTemporaryPrefix = ".tulving-";
constexpr std::string_view kTemporarySuffix = ".tmp";
// The longest memory and its front matter: no note of ours is longer.
constexpr off_t kNoteBytesMax = 2'000'000'000;

bool is_temporary(std::string_view name) {
  return name.starts_with(kTemporaryPrefix) && name.ends_with(kTemporarySuffix);
}

// One component that is no hidden file and ends as a note does: it cannot lead anywhere.
bool is_note_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.ends_with(".md") &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

std::string digest_of(std::string_view bytes) { return fmt::format("{:016x}", xxh3(bytes)); }

// Without the slashes and "." at its end, behind which O_NOFOLLOW would follow a link.
std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/."))) path.pop_back();
  return path;
}

}  // namespace

class Vault::Folder {
 public:
  Folder(Descriptor descriptor, std::string path)
      : path_(std::move(path)), descriptor_(std::move(descriptor)) {}

  /// Opens the folder if it was missing; true if it is there.
  Result<bool> look_again(bool creates);
  Status remove_leftovers();
  Result<VaultNote> write(const std::string& name, const Uuid& id, std::string_view text);
  Result<std::optional<VaultNote>> find(const Uuid& id) const;
  Status remove(const std::string& name, std::string_view digest);

 private:
  [[nodiscard]] int fd() const { return descriptor_.get(); }
  [[nodiscard]] std::string shown(std::string_view name) const {
    return fmt::format("{}/{}", path_, name);
  }
  Result<VaultNote> read(const std::string& name) const;
  Status write_temporary(const std::string& name, std::string_view text) const;
  Status give_name(const std::string& temporary, const std::string& name) const;

  const std::string path_;
  // flock() does not part threads that share one descriptor.
  mutable std::mutex mutex_;
  // Guarded by mutex_; once open it stays.
  Descriptor descriptor_;
};

Result<bool> Vault::Folder::look_again(bool creates) {
  if (descriptor_.is_open()) return true;
  auto descriptor = open_folder(path_, creates);
  if (!descriptor) return std::move(descriptor).error();
  descriptor_ = *std::move(descriptor);
  return descriptor_.is_open();
}

// What a killed writer left. Nobody else writes while the lock is held, so none of it is in use.
Status Vault::Folder::remove_leftovers() {
  const std::lock_guard lock(mutex_);
  if (!descriptor_.is_open()) return {};
  const FolderLock folder_lock(fd());
  if (folder_lock.cause() != 0) return io_error("lock the vault", path_, folder_lock.cause());
  const auto all = names_in(fd(), path_);
  if (!all) return all.error();
  for (const std::string& name : *all) {
    if (is_temporary(name) && ::unlinkat(fd(), name.c_str(), 0) != 0 && errno != ENOENT) {
      return io_error("remove what was left half-written,", shown(name), errno);
    }
  }
  return {};
}

Result<VaultNote> Vault::Folder::read(const std::string& name) const {
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
  return VaultNote{name, digest_of(bytes)};
}

Result<std::optional<VaultNote>> Vault::Folder::find(const Uuid& id) const {
  const auto all = names_in(fd(), path_);
  if (!all) return all.error();
  std::optional<std::string> first;
  for (const std::string& name : *all) {
    if (is_note_of(name, id) && (!first || name < *first)) first = name;
  }
  if (!first) return std::optional<VaultNote>();
  auto note = read(*first);
  if (!note) return note.error();
  return std::optional(*std::move(note));
}

Status Vault::Folder::write_temporary(const std::string& name, std::string_view text) const {
  const Descriptor file(
      ::openat(fd(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file.is_open()) return io_error("create a note in the vault", path_, errno);
  if (!write_all(file.get(), text) || ::fsync(file.get()) != 0) {
    return io_error("write a note into the vault", path_, errno);
  }
  return {};
}

// Never replaces what has the name.
Status Vault::Folder::give_name(const std::string& temporary, const std::string& name) const {
  if (::renameat2(fd(), temporary.c_str(), fd(), name.c_str(), RENAME_NOREPLACE) == 0) return {};
  int cause = errno;
  if (cause == EINVAL || cause == ENOSYS) {  // A file system without that flag, NFS say.
    if (::linkat(fd(), temporary.c_str(), fd(), name.c_str(), 0) == 0) {
      ::unlinkat(fd(), temporary.c_str(), 0);
      return {};
    }
    cause = errno;
  }
  if (cause == EEXIST) {
    return Error{ErrorCode::kConflict, fmt::format("{} is there already", shown(name)), {}};
  }
  return io_error("name the note", shown(name), cause);
}

Result<VaultNote> Vault::Folder::write(const std::string& name, const Uuid& id,
                                       std::string_view text) {
  const std::lock_guard lock(mutex_);
  if (auto is_there = look_again(true); !is_there) return std::move(is_there).error();
  const FolderLock folder_lock(fd());
  if (folder_lock.cause() != 0) return io_error("lock the vault", path_, folder_lock.cause());
  auto found = find(id);
  if (!found) return found.error();
  if (*found) return **std::move(found);

  const std::string temporary =
      fmt::format("{}{}{}", kTemporaryPrefix, Uuid::random().to_string(), kTemporarySuffix);
  auto status = write_temporary(temporary, text);
  if (status) status = give_name(temporary, name);
  if (!status) {
    ::unlinkat(fd(), temporary.c_str(), 0);
    return status.error();
  }
  if (::fsync(fd()) != 0) {
    const int cause = errno;
    ::unlinkat(fd(), name.c_str(), 0);
    return io_error("fsync the vault", path_, cause);
  }
  return VaultNote{name, digest_of(text)};
}

Status Vault::Folder::remove(const std::string& name, std::string_view digest) {
  const std::lock_guard lock(mutex_);
  const auto is_there = look_again(false);
  if (!is_there) return is_there.error();
  if (!*is_there) {
    return Error{ErrorCode::kNotFound, fmt::format("there is no note {}", shown(name)), {}};
  }
  const FolderLock folder_lock(fd());
  if (folder_lock.cause() != 0) return io_error("lock the vault", path_, folder_lock.cause());
  const auto note = read(name);
  if (!note) return note.error();
  if (note->digest != digest) {
    return Error{
        ErrorCode::kConflict,
        fmt::format("the note {} was changed since it was written; it is kept", shown(name)),
        {}};
  }
  if (::unlinkat(fd(), name.c_str(), 0) != 0) return io_error("remove", shown(name), errno);
  if (::fsync(fd()) != 0) return io_error("fsync the vault", path_, errno);
  return {};
}

Vault::Vault(std::unique_ptr<Folder> folder) : folder_(std::move(folder)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Result<Vault> Vault::open(const std::filesystem::path& directory) {
  const std::string path = without_trailing_slashes(directory.string());
  if (path.empty() || path.find('\0') != std::string::npos) {
    return Error{ErrorCode::kInvalidArgument, "the vault's path is empty or has a NUL", "vault"};
  }
  auto descriptor = open_folder(path, false);
  if (!descriptor) return descriptor.error();
  if (descriptor->is_open() && ::faccessat(descriptor->get(), ".", W_OK | X_OK, AT_EACCESS) != 0) {
    return io_error("write to the vault", path, errno);
  }
  auto folder = std::make_unique<Folder>(*std::move(descriptor), path);
  if (auto status = folder->remove_leftovers(); !status) return status.error();
  return Vault(std::move(folder));
}

Result<VaultNote> Vault::write(const Memory& memory, const PromotionNote& note) {
  if (memory.id.is_nil()) {
    return Error{ErrorCode::kInvalidArgument, "a note needs a memory with an id", "id"};
  }
  if (!std::isfinite(note.score)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("score is {}; must be finite", note.score), "score"};
  }
  return folder_->write(note_name(memory), memory.id, note_text(memory, note));
}

Status Vault::remove(std::string_view path, std::string_view digest) {
  if (!is_note_name(path)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is not the name of a note in the vault", path), "ltm_path"};
  }
  return folder_->remove(std::string(path), digest);
}

}  // namespace tulving::consolidation
