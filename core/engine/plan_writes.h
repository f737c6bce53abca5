#pragma once

#include "core/engine/transaction.h"

namespace tulving::engine {

/// Stages the plan's changes. kConflict: a record or an input is not as the plan says.
Status stage_apply(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max);
/// Stages the way back. kConflict: a record is not as the plan left it.
Status stage_undo(Transaction& transaction, Plan plan);

/// The id of what a plan changes, for messages: a memory's or relation's UUID, a task's id.
[[nodiscard]] std::string name_of(const PlannedRecord& record);

}  // namespace tulving::engine
