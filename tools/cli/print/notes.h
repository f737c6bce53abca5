#pragma once

#include <string>

#include "tools/cli/render/answer_view.h"
#include "tulving/store.h"

namespace tulving::tools {

/// After a command that wrote: the notes of all tenants follow, and stderr says which did. What
/// could not be done is said there too, and is no failure of the command, whose write is done.
void follow_all_notes(const Store& store);

/// Names, on stderr, the notes that a person edited and that are left though one of `erased` was
/// erased. True: there are some, or there may be, in a vault that cannot be looked into.
bool tell_edited_notes_of(const Store& store, const std::string& tenant_id,
                          const AnswerView& erased);

}  // namespace tulving::tools
