#pragma once

#include <cstdint>
#include <string_view>

#include "tulving/consolidation_tasks.h"
#include "tulving/time.h"

namespace tulving::model {

// The rules of the queue of consolidation tasks: who may take one, and what becomes of it. Each act
// sets updated_at, but for escalated().

/// Open, or blocked until now; and it waits for nobody's word.
[[nodiscard]] bool is_due(const ConsolidationTask& task, Timestamp now);
/// Due, or in the hands of a worker whose lease has run out.
[[nodiscard]] bool is_claimable(const ConsolidationTask& task, Timestamp now);

/// It is done, or, with a reason, not to be done any more.
void close_task(ConsolidationTask& task, Timestamp now, std::string_view why = {});
/// It could not be done: to be tried again after a minute, five and 25, then never.
void block_task(ConsolidationTask& task, Timestamp now, std::string_view error);

/// Its priority after the days it has waited: one higher for each seven. 1 is the highest.
[[nodiscard]] std::int32_t escalated(const ConsolidationTask& task, Timestamp now);

/// By priority, then age, then id.
[[nodiscard]] bool comes_first(const ConsolidationTask& a, const ConsolidationTask& b);

}  // namespace tulving::model
