#include "core/consolidation/vault/vault.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <optional>
#include <utility>

#include "core/base/files/io_error.h"
#include "core/consolidation/vault/vault_folder.h"

namespace tulving::consolidation {
namespace {

// One component that is no hidden file and ends as a note does: it cannot lead anywhere.
bool is_note_name(std::string_view name) {
  return !name.empty() && name.front() != '.' && name.ends_with(".md") &&
         name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos;
}

// Without the slashes and "." at its end, behind which O_NOFOLLOW would follow a link.
std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && (path.ends_with('/') || path.ends_with("/."))) path.pop_back();
  return path;
}

// Refuses to touch a note that is not what it was taken for.
Status check_unchanged(const VaultFolder& folder, const std::string& name,
                       std::string_view digest) {
  const auto text = folder.read(name);
  if (!text) return text.error();
  if (digest_of(*text) == digest) return {};
  return Error{
      ErrorCode::kConflict,
      fmt::format("the note {} was changed since it was written; it is kept", folder.shown(name)),
      {}};
}

}  // namespace

class Vault::Turn::State {
 public:
  explicit State(VaultFolder& held) : folder(held), turn(held.mutex()) {}

  VaultFolder& folder;
  const std::unique_lock<std::mutex> turn;
  std::optional<DirectoryLock> lock;  // Ends before the turn. Empty: there is no folder.
};

Vault::Turn::Turn(std::unique_ptr<State> state) : state_(std::move(state)) {}
Vault::Turn::Turn(Turn&&) noexcept = default;
Vault::Turn::~Turn() = default;

bool Vault::Turn::has_folder() const { return state_->lock.has_value(); }

Result<std::vector<std::string>> Vault::Turn::names() const {
  auto names = state_->folder.names();
  if (!names) return names;
  std::erase_if(*names, [](const std::string& name) { return !id_in_name(name); });
  std::ranges::sort(*names);
  return names;
}

Result<std::string> Vault::Turn::read(const std::string& name) const {
  return state_->folder.read(name);
}

Result<VaultNote> Vault::Turn::write(const Memory& memory, std::string_view tenant_id,
                                     std::string_view text) const {
  const auto all = names();
  if (!all) return all.error();
  std::string name = note_name(memory);
  for (const std::string& other : *all) {
    if (!is_note_of(other, memory.id)) continue;
    const auto found = read(other);
    if (!found) return found.error();
    const NoteFacts facts = read_note(*found);
    if (!is_of_another_tenant(facts, tenant_id)) {
      return VaultNote{other, facts.is_unedited ? digest_of(*found) : std::string()};
    }
    if (other == name) name = note_name(memory, tenant_id);
  }
  if (auto status = state_->folder.create(name, text); !status) return status.error();
  return VaultNote{name, digest_of(text)};
}

Status Vault::Turn::rewrite(const std::string& name, std::string_view digest,
                            std::string_view text) const {
  if (auto status = check_unchanged(state_->folder, name, digest); !status) return status;
  return state_->folder.replace(name, text);
}

Status Vault::Turn::rename(const std::string& from, const std::string& to) const {
  return state_->folder.rename(from, to);
}

Status Vault::Turn::remove(const std::string& name, std::string_view digest) const {
  if (auto status = check_unchanged(state_->folder, name, digest); !status) return status;
  return state_->folder.remove(name);
}

Vault::Vault(std::unique_ptr<VaultFolder> folder) : folder_(std::move(folder)) {}
Vault::Vault(Vault&&) noexcept = default;
Vault& Vault::operator=(Vault&&) noexcept = default;
Vault::~Vault() = default;

Result<Vault> Vault::open(const std::filesystem::path& directory, FileSystem& files) {
  const std::string path = without_trailing_slashes(directory.string());
  if (path.empty() || path.find('\0') != std::string::npos) {
    return Error{ErrorCode::kInvalidArgument, "the vault's path is empty or has a NUL", "vault"};
  }
  auto folder = std::make_unique<VaultFolder>(files, path);
  const auto is_there = folder->open(false);
  if (!is_there) return is_there.error();
  const int cause = *is_there ? folder->descriptor().access(".", W_OK | X_OK) : 0;
  if (cause != 0) return io_error("write to the vault", path, cause);
  Vault vault(std::move(folder));
  const auto turn = vault.take_turn(false);
  if (!turn) return turn.error();
  if (turn->has_folder()) {
    if (auto status = vault.folder_->remove_leftovers(); !status) return status.error();
  }
  return vault;
}

Result<Vault::Turn> Vault::take_turn(bool creates) {
  auto state = std::make_unique<Turn::State>(*folder_);
  const auto is_there = folder_->open(creates);
  if (!is_there) return is_there.error();
  if (*is_there) {
    state->lock.emplace(folder_->descriptor());
    const int cause = state->lock->cause();
    if (cause == EWOULDBLOCK) {
      return Error{ErrorCode::kBusy,
                   fmt::format("the vault {} is locked by another program; try again later",
                               folder_->path()),
                   "vault"};
    }
    if (cause != 0) {
      return io_error("lock the vault", folder_->path(), cause);
    }
  }
  return Turn(std::move(state));
}

Result<VaultNote> Vault::write(const Memory& memory, const PromotionNote& note) {
  if (memory.id.is_nil()) {
    return Error{ErrorCode::kInvalidArgument, "a note needs a memory with an id", "id"};
  }
  if (!std::isfinite(note.score)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("score is {}; must be finite", note.score), "score"};
  }
  const auto turn = take_turn(true);
  if (!turn) return turn.error();
  return turn->write(memory, note.tenant_id, note_text(memory, note));
}

Status Vault::remove(std::string_view path, std::string_view digest) {
  if (!is_note_name(path)) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("\"{}\" is not the name of a note in the vault", path), "ltm_path"};
  }
  const auto turn = take_turn(false);
  if (!turn) return turn.error();
  if (!turn->has_folder()) {
    return Error{
        ErrorCode::kNotFound, fmt::format("there is no note {}", folder_->shown(path)), {}};
  }
  return turn->remove(std::string(path), digest);
}

}  // namespace tulving::consolidation
