#include <fmt/format.h>

#include <algorithm>

#include "core/consolidation/findings/result_json.h"
#include "core/consolidation/jobs/job_phase.h"
#include "core/consolidation/work/merge_step.h"
#include "core/merging/origins.h"

namespace tulving::consolidation {

Result<Groups> find_groups(const Workspace& workspace, const JobSettings& settings,
                           const GroupRequest& wanted) {
  std::vector<Filter> conditions = {
      equals(Field::kProjectId, settings.project_id), equals(Field::kStatus, "active"),
      NumberRange{NumberField::kAbstractionLevel, wanted.level_min, wanted.level_max}};
  const JobScope& scope = settings.scope;
  if (wanted.in_scope && (scope.created_from || scope.created_until)) {
    conditions.push_back(
        time_between(NumberField::kCreatedAt, scope.created_from, scope.created_until));
  }
  if (wanted.in_scope && !scope.memory_types.empty()) {
    conditions.push_back(in(Field::kMemoryType, scope.memory_types));
  }
  ClusterRequest request;
  request.model = settings.options.model;
  request.filter = all_of(std::move(conditions));
  request.leave_out = wanted.leave_out;
  request.threshold = wanted.threshold;
  request.size_max = settings.options.group_size_max;
  request.threads = settings.options.threads;
  request.now = workspace.now();
  request.stop = settings.stop;
  if (settings.progress) {
    request.progress = [&settings](const ClusterProgress& at) {
      return settings.progress(at.done);
    };
  }
  auto report = workspace.tenant().clusters(request);
  if (!report) return report.error();
  Groups found{std::move(report->clusters), report->memories, report->stopped};
  std::erase_if(found.groups,
                [&](const MemoryCluster& group) { return group.ids.size() < wanted.size_min; });
  std::ranges::sort(found.groups, [](const MemoryCluster& a, const MemoryCluster& b) {
    return a.cohesion != b.cohesion ? a.cohesion > b.cohesion : a.ids < b.ids;
  });
  return found;
}

Result<std::vector<Memory>> members_of(const Workspace& workspace, const MemoryCluster& group) {
  std::vector<Memory> members;
  for (const Uuid& id : group.ids) {
    auto memory = workspace.memory(id, true);
    if (!memory) return memory.error();
    members.push_back(*std::move(memory));
  }
  merging::sort_by_age(members);
  return members;
}

std::vector<PlanInput> inputs_of(const std::vector<Memory>& members) {
  std::vector<PlanInput> inputs;
  inputs.reserve(members.size());
  for (const Memory& member : members) inputs.push_back({member.id, member.revision});
  std::ranges::sort(inputs, {}, &PlanInput::id);
  return inputs;
}

Result<bool> stage_group(Workspace& workspace, Edit edit) {
  const std::size_t records = edit.changes().size();
  if (workspace.stage(std::move(edit))) return true;
  if (workspace.changes() > 0) return false;
  return Error{ErrorCode::kResourceExhausted,
               fmt::format("its {} records are more than one plan holds", records)};
}

void fill_item(PlanItem& item, const MergeResult& result) {
  item.confidence = result.confidence;
  item.decision = result.decision;
  item.outcome = result.outcome;
  item.task_id = result.task_id;
  item.reason = result.reason;
  item.result = result_json(result);
  item.error = result.error;
}

}  // namespace tulving::consolidation
