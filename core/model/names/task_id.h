#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tulving/consolidation_tasks.h"
#include "tulving/uuid.h"

namespace tulving::model {

/// The id of the task for this work: one per tenant, agent, action and set of memories. The tenant
/// is in it because the tracker's file, where ids are unique, may hold the tasks of several, and a
/// copied tenant has the memories' ids of its original.
[[nodiscard]] std::string task_id(std::string_view tenant_id, UpkeepAgent agent,
                                  std::string_view action, std::span<const Uuid> memory_ids);

/// What is made of these memories has an id of its own: `kind` is "merge", "pattern", "principle",
/// or "cluster", which is only named. The ids are ascending.
[[nodiscard]] Uuid group_id(std::string_view tenant_id, std::string_view kind,
                            std::span<const Uuid> memory_ids);

}  // namespace tulving::model
