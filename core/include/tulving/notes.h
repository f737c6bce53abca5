#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/result.h"
#include "tulving/store.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

// The notes of promoted memories, markdown files in folders called vaults, follow their memories:
// after follow_notes() the vaults hold one note for each memory that is promoted and has not
// expired, with the text it has now, and none for another.
//
// Consolidation (promotion and its undo) and maintenance call it after their writes, and so does
// the command line after each command that writes. Whoever writes by the C++ API calls it when it
// suits, or starts maintenance. What is owed is never stored: it is the difference between the
// store, which is durable, and the files. So a process that was killed owes nothing that the next
// call, by whatever process, does not find.
//
// A note says itself whether a person edited it: a line of its front matter holds a digest of the
// others. An edited note is a person's: it is neither changed nor removed, but named.

/// What became of a note.
enum class NoteEvent : std::uint8_t {
  kWritten,    ///< It was missing: its memory was promoted, recovered or imported.
  kRewritten,  ///< Its memory says something else now, or is called something else.
  kRemoved,    ///< Its memory is not promoted (any more), or gone.
  kKept,       ///< It should have been rewritten or removed, and a person edited it.
};

struct NoteChange {
  NoteEvent event = NoteEvent::kWritten;
  Uuid memory_id;
  std::string vault;   ///< The folder.
  std::string path;    ///< In the vault.
  std::string reason;  ///< "the memory was erased", "the memory changed".
};

struct NotesRequest {
  /// A vault to look into, and to remember for the tenant. Empty: those it has (Tenant::vaults()).
  std::filesystem::path vault = {};
  std::optional<Timestamp> now = {};  ///< By which memories expire; empty: the store's clock.
  bool dry_run = false;               ///< Say what would be done, and write nothing.
  bool remove_edited = false;  ///< Also notes that a person edited, where their memory is erased.
};

/// What following came to.
struct NotesReport {
  std::vector<NoteChange> changes;
  std::uint64_t current = 0;  ///< Notes that are as they should be, a person's edits among them.
  std::uint64_t others = 0;   ///< Files named as notes are, of memories that this tenant never had.
  /// Vaults that could not be looked into and notes that could not be written, a sentence each.
  std::vector<std::string> problems;
};

/// Brings the tenant's notes up to date with its memories. A missing note is written into the
/// newest vault that is there; a vault's folder that is missing is named, and not made. A file
/// keeps the name a person gave it as long as that ends in "-ID.md", and is looked for in the
/// vault itself, not in folders within it. Nothing outside a vault is touched, no link is followed.
/// Two tenants, or two stores, may share a vault: each sees to its own notes.
///
/// A note whose words in its file's name are old takes a new name, and Memory::ltm_path follows, a
/// write to the store.
///
/// O(notes in the vaults + promoted memories), O(vaults) when the tenant has none. Thread safety:
///   any thread; calls for one vault take turns, across processes. Durability: a note is whole or
///   not there, and on the disk when this returns. No lock of the store is held while files are
///   written.
/// Errors: kInvalidArgument, kResourceExhausted: as Tenant::remember_vault(). What is wrong with
/// one
///   vault or note is a problem in the report and stops no other.
Result<NotesReport> follow_notes(const Store& store, std::string_view tenant_id,
                                 const NotesRequest& request = {});

/// "written", "rewritten", "removed", "kept".
[[nodiscard]] std::string_view to_string(NoteEvent event) noexcept;

}  // namespace tulving
