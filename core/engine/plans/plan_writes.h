#pragma once

#include "core/engine/write/transaction.h"

namespace tulving::engine {

/// Stages the plan as proposed. kInvalidArgument: a record in it breaks a rule of its own, or is
/// named twice.
Status stage_propose(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max);
/// Stages the plan's changes. kInvalidArgument: as above. kConflict: a record or an input is not as
/// the plan says.
Status stage_apply(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max);
/// Stages the way back. kConflict: a record is not as the plan left it.
Status stage_undo(Transaction& transaction, Plan plan);

}  // namespace tulving::engine
