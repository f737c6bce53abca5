// Does merge tasks: one new memory of several, the originals archived.

#include <fmt/format.h>

#include <algorithm>

#include "core/consolidation/findings/finding.h"
#include "core/consolidation/findings/rewrite.h"
#include "core/consolidation/work/merge_step.h"
#include "core/model/borders.h"

namespace tulving::consolidation {
namespace {

Status merge(Edit& edit, FindingResult& done, const ConsolidationTask& task,
             std::vector<Memory> sources, const Workspace& workspace, const Settings& settings) {
  auto& result = std::get<MergeResult>(done);
  const MergeStep step{task.cohesion.value_or(0), task.confidence.value_or(0),
                       settings.options.writer, settings.text_bytes_max};
  auto merged = stage_merge(edit, std::move(sources), workspace, step);
  if (!merged) return merged.error();
  result.memory_id = merged->memory.id;
  result.method = merged->memory.consolidation_method.value_or(ConsolidationMethod::kHeuristic);
  if (!merged->refusal.empty()) result.reason += "; " + merged->refusal;
  close_task(edit, workspace, task);
  return {};
}

// Since the task was opened, or by an earlier finding of this very plan, a memory of it may have
// gone another way. What is left of the cluster will be found again.
Status merge_or_close(Edit& edit, FindingResult& done, const ConsolidationTask& task,
                      const std::vector<Memory>& sources, const Workspace& workspace,
                      const Settings& settings) {
  const bool all_there = std::all_of(sources.begin(), sources.end(), [&](const Memory& source) {
    return is_mergeable(source, workspace.now()) && !workspace.is_staged(source.id);
  });
  const std::string_view border = model::border_within(sources);
  if (all_there && border.empty()) return merge(edit, done, task, sources, workspace, settings);
  outcome_of(done).reason =
      border.empty() ? "a memory of it is no longer active: the task is closed"
                     : fmt::format(
                           "its memories differ in {}, which a merge does not cross: the "
                           "task is closed",
                           border);
  close_task(edit, workspace, task);
  return {};
}

}  // namespace

Findings find_merges(const Workspace& workspace, const Settings& settings) {
  auto tasks = workspace.due_tasks(UpkeepAgent::kMerge);
  if (!tasks) return tasks.error();
  std::vector<Finding> findings;
  for (const ConsolidationTask& task : *tasks) {
    if (task.action == "rewrite") {
      auto rewriting = find_rewrite(task, workspace, settings);
      if (!rewriting) return rewriting.error();
      if (*rewriting) findings.push_back(**std::move(rewriting));
    }
    if (task.action != "merge") continue;
    MergeResult result;
    result.source_ids = task.memory_ids;
    result.cohesion = task.cohesion.value_or(0);
    result.confidence = task.confidence;
    result.task_id = task.task_id;
    result.decision = task.approval == Approval::kApproved
                          ? Decision::kAuto
                          : decision_for(task.confidence.value_or(1), settings.thresholds);
    Finding finding;
    finding.id = task.task_id;
    finding.agent = UpkeepAgent::kMerge;
    finding.action = "merge";
    std::vector<Memory> sources;
    for (const Uuid& id : task.memory_ids) {
      auto memory = workspace.memory(id, true);
      if (!memory) return memory.error();
      finding.inputs.push_back({id, memory->revision});
      sources.push_back(*std::move(memory));
    }
    result.reason = fmt::format("{} memories, cohesion {:.4f}", sources.size(), result.cohesion);
    finding.result = std::move(result);
    finding.act = [task, sources = std::move(sources), &workspace, &settings](Edit& edit,
                                                                              FindingResult& done) {
      return merge_or_close(edit, done, task, sources, workspace, settings);
    };
    finding.on_failure = [task, &workspace](Edit& edit, const std::string& error) {
      block_task(edit, workspace, task, error);
    };
    findings.push_back(std::move(finding));
  }
  return findings;
}

}  // namespace tulving::consolidation
