// memory_merging: groups of near-duplicates become one memory.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/consolidation/findings/finding.h"
#include "core/consolidation/jobs/job_lineage.h"
#include "core/consolidation/jobs/job_phase.h"
#include "core/consolidation/work/merge_step.h"
#include "core/consolidation/work/undone_findings.h"

namespace tulving::consolidation {
namespace {

MergeResult result_for(const MemoryCluster& group, const JobSettings& settings) {
  MergeResult result;
  result.source_ids = group.ids;
  result.cohesion = group.cohesion;
  result.confidence = cluster_confidence(group.cohesion, group.ids.size());
  result.decision = decision_for(*result.confidence, settings.thresholds);
  result.reason = fmt::format("cohesion {:.4f} >= {} of {} memories", group.cohesion,
                              settings.options.merge_similarity, group.ids.size());
  return result;
}

// The merge agent does it once a person has approved it.
void ask(Edit& edit, MergeResult& result, const Workspace& workspace) {
  ConsolidationTask task =
      task_for(workspace, UpkeepAgent::kMerge, "merge", result.source_ids, Decision::kWait,
               {.cohesion = result.cohesion, .confidence = result.confidence});
  result.task_id = task.task_id;
  result.outcome = ItemOutcome::kWaiting;
  edit.put(std::nullopt, std::move(task));
}

Status merge(Edit& edit, MergeResult& result, std::vector<Memory> members,
             const Workspace& workspace, const JobSettings& settings) {
  const MergeStep step{result.cohesion, *result.confidence, settings.options.writer,
                       settings.text_bytes_max};
  auto merged = stage_merge(edit, std::move(members), workspace, step);
  if (!merged) return merged.error();
  const Memory& memory = merged->memory;
  if (workspace.memory(memory.id)) {
    return Error{ErrorCode::kConflict, "their merge " + memory.id.to_string() + " is there"};
  }
  result.memory_id = memory.id;
  result.method = memory.consolidation_method.value_or(ConsolidationMethod::kHeuristic);
  if (!merged->refusal.empty()) result.reason += "; " + merged->refusal;
  result.outcome = ItemOutcome::kPlanned;
  return {};
}

// A task about just these memories is somebody's, or was decided: it is not done beside it.
bool has_task(const Workspace& workspace, const std::vector<Uuid>& ids) {
  return workspace.task(workspace.task_id(UpkeepAgent::kMerge, "merge", ids)).has_value();
}

// Empty: the plan has no room for it.
std::optional<PlanItem> item_for(Workspace& workspace, const JobSettings& settings,
                                 MergeResult result, std::vector<Memory> members,
                                 std::vector<PlanInput> inputs) {
  PlanItem item;
  item.agent = UpkeepAgent::kMerge;
  item.action = "merge";
  item.inputs = std::move(inputs);
  Edit edit;
  Status done;
  if (result.decision == Decision::kWait) {
    ask(edit, result, workspace);
  } else {
    done = merge(edit, result, std::move(members), workspace, settings);
  }
  if (done) {
    const auto staged = stage_group(workspace, std::move(edit));
    if (staged && !*staged) return std::nullopt;
    if (!staged) done = staged.error();
  }
  if (!done) {
    result.outcome = ItemOutcome::kFailed;
    result.error = done.error().message;
  }
  fill_item(item, result);
  return item;
}

}  // namespace

Result<PhaseResult> merge_project(Workspace& workspace, const JobSettings& settings) {
  auto lineage = JobLineage::read(workspace);
  if (!lineage) return lineage.error();
  GroupRequest wanted;
  wanted.level_max = settings.scope.unconsolidated_only ? 0 : 1;
  wanted.threshold = settings.options.merge_similarity;
  auto groups = find_groups(workspace, settings, wanted);
  if (!groups) return groups.error();
  PhaseResult found{.memories = groups->memories, .stopped = groups->stopped};
  for (const MemoryCluster& group : groups->groups) {
    if (settings.stop->load()) found.stopped = true;
    if (found.stopped) break;
    if (lineage->raw_of(group.ids).size() > settings.options.group_size_max) continue;
    if (has_task(workspace, group.ids)) continue;
    auto members = members_of(workspace, group);
    if (!members) return members.error();
    std::vector<PlanInput> inputs = inputs_of(*members);
    if (settings.undone.contains(finding_name(UpkeepAgent::kMerge, "merge", inputs))) continue;
    auto item = item_for(workspace, settings, result_for(group, settings), *std::move(members),
                         std::move(inputs));
    found.full = !item.has_value();
    if (found.full) break;
    found.items.push_back(*std::move(item));
  }
  return found;
}

}  // namespace tulving::consolidation
