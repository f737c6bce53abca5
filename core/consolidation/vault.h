#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/consolidation/vault_note.h"
#include "tulving/records.h"
#include "tulving/result.h"

namespace tulving::consolidation {

/// A note in the vault.
struct VaultNote {
  std::string path;    ///< Relative to the vault: a file's name.
  std::string digest;  ///< Of its bytes, 16 hex digits.
};

/// The folder that promoted memories are written to, one markdown note each.
///
/// Nothing outside it is read or written: it is opened once, names are looked up in what was
/// opened, no symbolic link is followed (nor at the vault's own last component: name the folder it
/// leads to), and no name holds a "/". A note is whole or not there: it is written and fsynced
/// under a temporary name and then takes its own, which must be free. Thread safety: all members
/// may run at once, in several processes too; writers wait for each
///   other (flock on the folder).
/// Errors: kIo for what the operating system refused, with its reason; nothing is left behind then.
class Vault {
 public:
  /// Opens the vault. Its folder may be missing, its parent may not: the first note creates it.
  /// Removes what a killed process left half-written. kInvalidArgument: it is a file or a symbolic
  /// link. kNotFound: its parent is missing. kIo: it cannot be written to.
  static Result<Vault> open(const std::filesystem::path& directory);

  Vault(Vault&&) noexcept;
  Vault& operator=(Vault&&) noexcept;
  ~Vault();

  /// Writes the memory's note, or finds the one it has: a memory never gets a second, and a note
  /// that stands there is not changed, as a person may have edited it. On the disk when it returns.
  /// O(files).
  ///
  /// kInvalidArgument: the id is nil or the score not finite. kConflict: what has the note's name
  /// is no file.
  Result<VaultNote> write(const Memory& memory, const PromotionNote& note);

  /// Removes a note whose bytes are still those of `digest`. kConflict: they are not. kNotFound:
  /// there is no such file. kInvalidArgument: `path` is not a note's name.
  Status remove(std::string_view path, std::string_view digest);

 private:
  class Folder;
  explicit Vault(std::unique_ptr<Folder> folder);
  std::unique_ptr<Folder> folder_;
};

}  // namespace tulving::consolidation
