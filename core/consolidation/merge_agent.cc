// Does merge tasks: one new memory of several, the originals archived.

#include <fmt/format.h>

#include <algorithm>

#include "core/consolidation/finding.h"
#include "core/consolidation/merge_memory.h"
#include "core/consolidation/merge_text.h"
#include "core/consolidation/text_writer_call.h"

namespace tulving::consolidation {
namespace {

bool is_mergeable(const Memory& memory, Timestamp now) {
  return memory.status == MemoryStatus::kActive &&
         !(memory.expires_at && *memory.expires_at <= now);
}

// Oldest first, as texts are merged.
void sort_by_age(std::vector<Memory>& sources) {
  std::sort(sources.begin(), sources.end(), [](const Memory& a, const Memory& b) {
    return a.created_at != b.created_at ? a.created_at < b.created_at : a.id < b.id;
  });
}

Result<Memory> write_merge(const std::vector<Memory>& sources, const ConsolidationTask& task,
                           const Workspace& workspace, const Settings& settings) {
  MergeOptions options;
  options.tenant_id = workspace.tenant().id();
  options.now = workspace.now();
  options.cohesion = std::clamp(task.cohesion.value_or(0), -1.0, 1.0);
  options.confidence = task.confidence.value_or(0);
  options.text_bytes_max = settings.text_bytes_max;
  if (settings.options.writer.writer) {
    const std::string draft = merge_texts(sources).text;
    const TextRequest request{TextKind::kMerge, options.tenant_id, sources, draft, options.now};
    auto written = write_text(settings.options.writer, request, settings.text_bytes_max);
    if (!written) return std::move(written).error();
    options.text = std::move(written->text);
    options.method = written->method;
  }
  return merge_memories(sources, options);
}

Relation consolidated_from(const Memory& merge, const Memory& source, double cohesion,
                           Timestamp now) {
  Relation relation;
  relation.source_id = merge.id;
  relation.target_id = source.id;
  relation.relation_type = "consolidated_from";
  relation.strength = static_cast<float>(std::clamp(cohesion, 0.0, 1.0));
  relation.confidence = merge.confidence_score;
  relation.created_at = now;
  return relation;
}

Status merge(Edit& edit, AgentResult& done, const ConsolidationTask& task,
             std::vector<Memory> sources, const Workspace& workspace, const Settings& settings) {
  auto& result = std::get<MergeResult>(done);
  sort_by_age(sources);
  auto merged = write_merge(sources, task, workspace, settings);
  if (!merged) return std::move(merged).error();
  result.memory_id = merged->id;
  result.method = merged->consolidation_method.value_or(ConsolidationMethod::kHeuristic);
  for (Memory& source : sources) {
    source.embeddings.clear();
    Memory archived = source;
    archived.status = MemoryStatus::kArchived;
    archived.archived_at = workspace.now();
    archived.updated_at = workspace.now();
    archived.consolidated_into_id = merged->id;
    edit.put(source, std::move(archived));
    edit.put(std::nullopt, consolidated_from(*merged, source, result.cohesion, workspace.now()));
  }
  edit.put(std::nullopt, *std::move(merged));
  close_task(edit, workspace, task);
  return {};
}

// Since the task was opened, or by an earlier finding of this very plan, a memory of it may have
// gone another way. What is left of the cluster will be found again.
Status merge_or_close(Edit& edit, AgentResult& done, const ConsolidationTask& task,
                      const std::vector<Memory>& sources, const Workspace& workspace,
                      const Settings& settings) {
  const bool all_there = std::all_of(sources.begin(), sources.end(), [&](const Memory& source) {
    return is_mergeable(source, workspace.now()) && !workspace.is_staged(source.id);
  });
  if (all_there) return merge(edit, done, task, sources, workspace, settings);
  outcome_of(done).reason = "a memory of it is no longer active: the task is closed";
  close_task(edit, workspace, task);
  return {};
}

}  // namespace

Findings find_merges(const Workspace& workspace, const Settings& settings) {
  auto tasks = workspace.due_tasks(Agent::kMerge);
  if (!tasks) return std::move(tasks).error();
  std::vector<Finding> findings;
  for (const ConsolidationTask& task : *tasks) {
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
    finding.agent = Agent::kMerge;
    finding.action = "merge";
    std::vector<Memory> sources;
    for (const Uuid& id : task.memory_ids) {
      auto memory = workspace.memory(id, true);
      if (!memory) return std::move(memory).error();
      finding.inputs.push_back({id, memory->revision});
      sources.push_back(*std::move(memory));
    }
    result.reason = fmt::format("{} memories, cohesion {:.4f}", sources.size(), result.cohesion);
    finding.result = std::move(result);
    finding.act = [task, sources = std::move(sources), &workspace, &settings](Edit& edit,
                                                                              AgentResult& done) {
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
