// Finds what fades, most urgent first, and opens tasks for what is about to be forgotten.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "core/consolidation/findings/finding.h"

namespace tulving::consolidation {
namespace {

// SPEC section 5.
constexpr double kSurelyForgotten = 0.05;
constexpr double kConsolidate = 0.20;
constexpr std::int32_t kUsesThatSaveAlmostGone = 5;
constexpr std::int32_t kUsesThatSave = 3;
constexpr float kStrongEnoughToPromote = 1.5F;

std::string action_for(const DecayedMemory& memory, double score, const Thresholds& thresholds) {
  if (score < kSurelyForgotten) {
    return memory.use_count >= kUsesThatSaveAlmostGone ? "reinforce" : "gc";
  }
  if (score < thresholds.forget) return memory.use_count >= kUsesThatSave ? "reinforce" : "gc";
  if (score < kConsolidate) return "consolidate";
  return memory.strength >= kStrongEnoughToPromote ? "promote" : "reinforce";
}

Urgency urgency_for(double score, const Thresholds& thresholds) {
  if (score < thresholds.forget) return Urgency::kHigh;
  return score < thresholds.danger_zone_max ? Urgency::kMedium : Urgency::kLow;
}

Finding faded(const DecayedMemory& memory, const Workspace& workspace, const Settings& settings) {
  DecayResult result;
  result.memory_id = memory.id;
  result.score = std::min(1.0, memory.score);
  result.urgency = urgency_for(result.score, settings.thresholds);
  result.action = action_for(memory, result.score, settings.thresholds);
  result.reason = fmt::format("score {:.4f} < danger_zone_max {}", result.score,
                              settings.thresholds.danger_zone_max);
  Finding finding;
  finding.id = memory.id.to_string();
  finding.agent = UpkeepAgent::kDecay;
  finding.action = result.action;
  finding.inputs = {{memory.id, memory.revision}};
  finding.counts = false;
  if (result.urgency == Urgency::kHigh) {
    result.decision = Decision::kWait;
    ConsolidationTask task = task_for(workspace, UpkeepAgent::kDecay, result.action, {memory.id},
                                      Decision::kWait, {.score = result.score});
    task.urgency = Urgency::kHigh;
    task.priority = 1;
    result.task_id = task.task_id;
    if (!workspace.task(task.task_id)) {
      finding.act = [task](Edit& edit, FindingResult&) -> Status {
        edit.put(std::nullopt, task);
        return {};
      };
    }
  }
  finding.result = std::move(result);
  return finding;
}

// What an approved task asks for: "gc" puts the memory aside (30 days to take it back), "reinforce"
// counts as a use.
Status carry_out(Edit& edit, const Workspace& workspace, const ConsolidationTask& task) {
  auto memory = workspace.memory(task.memory_ids.front());
  if (!memory) return memory.error();
  const Memory before = *memory;
  if (before.status == MemoryStatus::kActive || before.status == MemoryStatus::kPromoted) {
    if (task.action == "gc" && memory->is_critical) {
      return Error{ErrorCode::kConflict, fmt::format("memory {} is critical: it is never let go",
                                                     memory->id.to_string())};
    }
    if (task.action == "gc") {
      memory->status = MemoryStatus::kArchived;
      memory->archived_at = workspace.now();
      memory->updated_at = workspace.now();
    } else {
      if (memory->use_count < std::numeric_limits<std::int32_t>::max()) ++memory->use_count;
      memory->last_used = workspace.now();
    }
    edit.put(before, *std::move(memory));
  }
  close_task(edit, workspace, task);
  return {};
}

Finding decay_approved(const ConsolidationTask& task, const Workspace& workspace) {
  DecayResult result;
  result.memory_id = task.memory_ids.front();
  result.score = task.score.value_or(0);
  result.urgency = task.urgency;
  result.action = task.action;
  result.task_id = task.task_id;
  result.reason = "a person approved it";
  Finding finding;
  finding.id = task.task_id;
  finding.agent = UpkeepAgent::kDecay;
  finding.action = task.action;
  if (const auto memory = workspace.memory(result.memory_id)) {
    finding.inputs = {{memory->id, memory->revision}};
  }
  finding.result = std::move(result);
  finding.act = [task, &workspace](Edit& edit, FindingResult&) {
    return carry_out(edit, workspace, task);
  };
  return finding;
}

}  // namespace

Findings find_decay(const Workspace& workspace, const Settings& settings) {
  std::vector<Finding> findings;
  auto tasks = workspace.due_tasks(UpkeepAgent::kDecay);
  if (!tasks) return tasks.error();
  for (const ConsolidationTask& task : *tasks) {
    if (task.action == "gc" || task.action == "reinforce") {
      findings.push_back(decay_approved(task, workspace));
    }
  }
  DecayRequest request;
  request.now = workspace.now();
  request.below = settings.thresholds.danger_zone_max;
  request.limit = std::numeric_limits<std::uint64_t>::max();
  auto scores = workspace.tenant().decay_scores(request);
  if (!scores) return scores.error();
  for (const DecayedMemory& memory : scores->memories) {
    findings.push_back(faded(memory, workspace, settings));
  }
  return findings;
}

}  // namespace tulving::consolidation
