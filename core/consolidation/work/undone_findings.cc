#include "core/consolidation/work/undone_findings.h"

#include "core/model/names/task_id.h"

namespace tulving::consolidation {

std::string finding_name(UpkeepAgent agent, std::string_view action,
                         const std::vector<PlanInput>& inputs) {
  std::vector<Uuid> ids;
  ids.reserve(inputs.size());
  for (const PlanInput& input : inputs) ids.push_back(input.id);
  // Compared with others of the same tenant only.
  return model::task_id({}, agent, action, ids);
}

Result<std::set<std::string>> undone_findings(const Tenant& tenant) {
  std::set<std::string> names;
  auto plans = tenant.plans();
  if (!plans) return plans.error();
  for (const PlanSummary& summary : *plans) {
    if (summary.status != PlanStatus::kUndone) continue;
    auto plan = tenant.get_plan(summary.id);
    if (!plan) return plan.error();
    for (const PlanItem& item : plan->items) {
      if (item.outcome == ItemOutcome::kPlanned) {
        names.insert(finding_name(item.agent, item.action, item.inputs));
      }
    }
  }
  return names;
}

}  // namespace tulving::consolidation
