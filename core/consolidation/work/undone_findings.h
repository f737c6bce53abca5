#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tulving/plans.h"
#include "tulving/store.h"

namespace tulving::consolidation {

/// One name for the same finding in different runs.
[[nodiscard]] std::string finding_name(UpkeepAgent agent, std::string_view action,
                                       const std::vector<PlanInput>& inputs);

/// The names of findings whose plan a person undid: doing them again would undo the undoing.
Result<std::set<std::string>> undone_findings(const Tenant& tenant);

}  // namespace tulving::consolidation
