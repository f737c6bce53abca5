#include "core/operations/kinds/kind_operations.h"

#include "core/operations/remarks.h"
#include "core/operations/table/groups.h"

namespace tulving::operations {

Result<std::vector<ConsolidationTask>> PlainKind<ConsolidationTask>::list(const Tenant& tenant,
                                                                          const Running& running) {
  const Arguments& given = running.arguments;
  ConsolidationTaskFilter filter;
  filter.agent = parse_upkeep_agent(given.text("agent"));
  filter.status = parse_consolidation_task_status(given.text("status"));
  filter.approval = parse_approval(given.text("approval"));
  filter.label = given.text("label");
  filter.limit = static_cast<std::uint32_t>(given.integer("limit"));
  if (given.has("memory")) {
    auto id = tenant.resolve(given.text("memory"));
    if (!id) return id.error();
    filter.memory_id = *id;
  }
  return tenant.tasks(filter);
}

Result<std::vector<ConsolidationJob>> PlainKind<ConsolidationJob>::list(const Tenant& tenant,
                                                                        const Running& running) {
  const std::string project_id = running.arguments.text("project_id");
  auto jobs = tenant.jobs(project_id);
  if (jobs && jobs->empty()) remark_missing_project(tenant, project_id, running.answer.remarks);
  return jobs;
}

std::span<const Operation> session_operations() {
  static const std::vector<Operation> kTable = kind_operations<Session>();
  return kTable;
}
std::span<const Operation> consolidation_task_operations() {
  static const std::vector<Operation> kTable = kind_operations<ConsolidationTask>();
  return kTable;
}
std::span<const Operation> consolidation_job_operations() {
  static const std::vector<Operation> kTable = kind_operations<ConsolidationJob>();
  return kTable;
}

}  // namespace tulving::operations
