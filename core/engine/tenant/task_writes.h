#pragma once

#include <string>
#include <string_view>

#include "core/engine/write/transaction.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/result.h"

// What putting a consolidation task and the acts of its queue share.

namespace tulving::engine {

[[nodiscard]] Error no_such_task(const std::string& tenant, std::string_view task_id);

/// kNotFound: a memory that the task names is not here.
[[nodiscard]] Status check_task_memories(const Transaction& transaction,
                                         const ConsolidationTask& task);

/// Derives the id where it has none, and sets its times.
void complete_task(ConsolidationTask& task, const std::string& tenant_id, Timestamp now);

/// By priority, then age, then id.
[[nodiscard]] bool comes_first(const ConsolidationTask& a, const ConsolidationTask& b);

}  // namespace tulving::engine
