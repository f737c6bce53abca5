#pragma once

#include <string>
#include <string_view>

#include "tulving/plans.h"

namespace tulving::json {

/// What AgentResult::result says of an item that is in no plan: its own result, and what readers
/// look for beside it.
[[nodiscard]] std::string agent_result_json(std::string_view tenant_id, const PlanItem& item);

}  // namespace tulving::json
