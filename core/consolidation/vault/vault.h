#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/files/file_system.h"
#include "core/consolidation/vault/vault_note.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::consolidation {

class VaultFolder;

/// A note in the vault.
struct VaultNote {
  std::string path;    ///< Relative to the vault: a file's name.
  std::string digest;  ///< Of its bytes, 16 hex digits. Empty: found, and edited by a person.
};

/// The folder that promoted memories are written to, one markdown note each.
///
/// Nothing outside it is read or written: it is opened once, names are looked up in what was
/// opened, no symbolic link is followed (nor at the vault's own last component: name the folder it
/// leads to), and no name holds a "/". A note is whole or not there: it is written and fsynced
/// under a temporary name and then takes its own. Thread safety: all members may run at once, in
/// several processes too; writers wait for each
///   other (flock on the folder).
/// Errors: kIo for what the operating system refused, with its reason; nothing is left behind then.
class Vault {
 public:
  /// Opens the vault. Its folder may be missing, its parent may not: the first note creates it.
  /// Removes what a killed process left half-written. kInvalidArgument: it is a file or a symbolic
  /// link. kNotFound: its parent is missing. kIo: it cannot be written to.
  static Result<Vault> open(const std::filesystem::path& directory,
                            FileSystem& files = FileSystem::machine());

  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;
  ~Vault();

  /// The vault held against other writers, while this lives.
  class Turn {
   public:
    Turn(Turn&&) noexcept;
    Turn& operator=(Turn&&) = delete;
    ~Turn();

    /// False: there is no folder, and none of the members below may be called.
    [[nodiscard]] bool has_folder() const;
    /// Of files named as notes are, in order.
    Result<std::vector<std::string>> names() const;
    /// kNotFound: there is no such file. kConflict: what has the name is no file.
    Result<std::string> read(const std::string& name) const;
    /// See Vault::write(); `text` is the note's.
    Result<VaultNote> write(const Memory& memory, std::string_view tenant_id,
                            std::string_view text) const;
    /// Gives the note another text at once: it is never without one. kConflict: its bytes are not
    /// those of `digest`.
    Status rewrite(const std::string& name, std::string_view digest, std::string_view text) const;
    /// kConflict: something has the new name.
    Status rename(const std::string& from, const std::string& to) const;
    /// See Vault::remove().
    Status remove(const std::string& name, std::string_view digest) const;

   private:
    friend class Vault;
    class State;
    explicit Turn(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
  };
  /// Waits for its turn. With `creates` the folder is made when it is missing. kBusy: another
  /// program, a stranger perhaps, holds the folder (flock) and did not let go for seconds.
  Result<Turn> take_turn(bool creates);

  /// Writes the memory's note, or finds the one it has: a memory never gets a second, and a note
  /// that stands there is not changed, as a person may have edited it. A note that says it is
  /// another tenant's is none of this memory's. On the disk when it returns. O(files).
  ///
  /// kInvalidArgument: the id is nil or the score not finite. kConflict: what has the note's name
  /// is no file.
  Result<VaultNote> write(const Memory& memory, const PromotionNote& note);

  /// Removes a note whose bytes are still those of `digest`. kConflict: they are not. kNotFound:
  /// there is no such file. kInvalidArgument: `path` is not a note's name.
  Status remove(std::string_view path, std::string_view digest);

 private:
  explicit Vault(std::unique_ptr<VaultFolder> folder);
  std::unique_ptr<VaultFolder> folder_;
};

}  // namespace tulving::consolidation
