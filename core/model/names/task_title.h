#pragma once

#include <string>

#include "tulving/consolidation_tasks.h"

namespace tulving::model {

/// What a person reads of a task: its agent, the memory that it is about, the figure that it was
/// opened for (score, else cohesion, else confidence): "Decay: Memory 1b9d6bcd at 0.08", "Merge:
/// Memory 1b9d6bcd and 2 more at 0.91". Of a memory the first eight digits of its id.
[[nodiscard]] std::string task_title(const ConsolidationTask& task);

}  // namespace tulving::model
