#pragma once

#include <optional>
#include <string>

#include "core/base/json/json_text.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/result.h"

namespace tulving::consolidation {

/// Whose work it is, as notes say. Empty: they do not.
struct NotesOwner {
  std::optional<UpkeepAgent> agent;
  std::string tenant_id;
};

/// Reads the members of to_task_notes() into `task`, but for the agent, and all others into
/// `task.notes`. kInvalidArgument, with the field ("notes.scores"), its value and the rule.
Status read_notes_object(JsonValue notes, ConsolidationTask& task, NotesOwner& owner);

/// What the agent does where a task does not say: what can be taken back.
[[nodiscard]] std::string usual_action(UpkeepAgent agent);

}  // namespace tulving::consolidation
