#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tulving/consolidation_tasks.h"

namespace tulving::model {

// The labels that a task has by what it is.
inline constexpr std::string_view kAgentLabel = "consolidation:";
inline constexpr std::string_view kUrgencyLabel = "urgency:";

/// "consolidation:<agent>" and "urgency:<level>", then the task's own.
[[nodiscard]] std::vector<std::string> labels_of(const ConsolidationTask& task);

}  // namespace tulving::model
