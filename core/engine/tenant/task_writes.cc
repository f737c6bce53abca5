#include "core/engine/tenant/task_writes.h"

#include <fmt/format.h>

#include "core/engine/write/memory_writes.h"
#include "core/model/names/task_id.h"

namespace tulving::engine {

Error no_such_task(const std::string& tenant, std::string_view task_id) {
  return {ErrorCode::kNotFound, fmt::format("tenant \"{}\" has no task \"{}\"", tenant, task_id),
          "task_id"};
}

Status check_task_memories(const Transaction& transaction, const ConsolidationTask& task) {
  for (const Uuid& id : task.memory_ids) {
    if (transaction.memory(id)) continue;
    auto error = no_such_memory(transaction, id);
    error.field = "memory_ids";
    return error;
  }
  return {};
}

void complete_task(ConsolidationTask& task, const std::string& tenant_id, Timestamp now) {
  if (task.task_id.empty()) {
    task.task_id = model::task_id(tenant_id, task.agent, task.action, task.memory_ids);
  }
  if (!task.created_at) task.created_at = now;
  if (!task.updated_at) task.updated_at = now;
}

bool comes_first(const ConsolidationTask& a, const ConsolidationTask& b) {
  if (a.priority != b.priority) return a.priority < b.priority;
  return a.created_at != b.created_at ? a.created_at < b.created_at : a.task_id < b.task_id;
}

}  // namespace tulving::engine
