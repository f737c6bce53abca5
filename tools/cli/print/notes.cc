#include "tools/cli/print/notes.h"

#include <fmt/core.h>

#include <algorithm>

#include "tools/cli/print/output.h"
#include "tulving/notes.h"

namespace tulving::tools {

namespace {

/// The count of notes that a person edited and that no longer fit, which are not named.
std::size_t tell_notes(const NotesReport& notes) {
  std::size_t kept = 0;
  for (const NoteChange& note : notes.changes) {
    if (note.event == NoteEvent::kKept) {
      ++kept;
    } else {
      report(fmt::format("note {}/{} {}: {}", note.vault, note.path, to_string(note.event),
                         note.reason));
    }
  }
  for (const std::string& problem : notes.problems) report(problem);
  return kept;
}

}  // namespace

void follow_all_notes(const Store& store) {
  if (store.options().read_only) return;
  std::size_t kept = 0;
  for (const std::string& tenant : store.tenants()) {
    auto notes = follow_notes(store, tenant);
    if (notes) {
      kept += tell_notes(*notes);
    } else {
      report(notes.error().message);
    }
  }
  if (kept > 0) {
    report(
        fmt::format("{} note{} edited by a person no longer fit{} the memories; see tulving notes",
                    kept, kept == 1 ? "" : "s", kept == 1 ? "s" : ""));
  }
}

bool tell_edited_notes_of(const Store& store, const std::string& tenant_id,
                          const AnswerView& erased) {
  NotesRequest request;
  request.dry_run = true;
  const auto notes = follow_notes(store, tenant_id, request);
  if (!notes) return false;  // Said when the notes followed.
  const auto ids = erased.elements();
  // A vault that nobody can look into, which is said when the notes follow, may hold one.
  bool has_some = !notes->problems.empty() && !ids.empty();
  for (const NoteChange& note : notes->changes) {
    const bool is_erased = std::ranges::any_of(
        ids, [&](const AnswerView& id) { return id.text() == note.memory_id.to_string(); });
    if (note.event != NoteEvent::kKept || !is_erased) continue;
    has_some = true;
    report(
        fmt::format("note {}/{} of an erased memory was edited by a person and is left; remove it, "
                    "or have tulving notes --remove-edited do so",
                    note.vault, note.path));
  }
  return has_some;
}

}  // namespace tulving::tools
