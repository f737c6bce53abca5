#pragma once

#include <cstddef>
#include <vector>

#include "tulving/notes.h"
#include "tulving/store.h"

namespace tulving::tools {

/// Says on stderr which notes followed, and what could not be done. The count of notes that a
/// person edited and that no longer fit, which are not named.
std::size_t tell_notes(const NotesReport& report);

/// After a command that wrote: the notes of all tenants follow, and stderr says which did. What
/// could not be done is said there too, and is no failure of the command, whose write is done.
void follow_all_notes(const Store& store);

/// Names, on stderr, the notes that a person edited and that are left though one of `erased` was
/// erased. True: there are some.
bool tell_edited_notes_of(const Store& store, const Tenant& tenant,
                          const std::vector<Uuid>& erased);

}  // namespace tulving::tools
