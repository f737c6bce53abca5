// pattern_extraction and hierarchy_creation: groups get a memory above them, and stay as they are.

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "core/consolidation/findings/finding.h"
#include "core/consolidation/jobs/job_lineage.h"
#include "core/consolidation/jobs/job_phase.h"
#include "core/consolidation/work/merge_step.h"
#include "core/consolidation/work/text_writer_call.h"
#include "core/consolidation/work/undone_findings.h"
#include "core/merging/pattern_memory.h"

namespace tulving::consolidation {
namespace {

struct Step {
  int level = 2;
  std::string_view action = "pattern";
  double threshold = 0;
};

Result<WrittenText> write_pattern(const std::vector<Memory>& members,
                                  const merging::PatternOptions& options,
                                  const JobSettings& settings) {
  const std::string draft = merging::common_text(members, settings.options.model);
  if (draft.empty()) {
    return Error{ErrorCode::kInvalidArgument, "none of the memories has a text", "text"};
  }
  const TextRequest request{TextKind::kPattern, options.tenant_id, members, draft, options.now};
  return write_text(settings.options.writer, request, options.text_bytes_max);
}

Status make(Edit& edit, MergeResult& result, const std::vector<Memory>& members, const Step& step,
            const Workspace& workspace, const JobSettings& settings) {
  merging::PatternOptions options;
  options.tenant_id = workspace.tenant().id();
  options.now = workspace.now();
  options.level = step.level;
  options.cohesion = result.cohesion;
  options.confidence = *result.confidence;
  options.text_bytes_max = settings.text_bytes_max;
  if (settings.options.writer.writer) {
    auto written = write_pattern(members, options, settings);
    if (!written) return written.error();
    options.text = std::move(written->text);
    options.method = written->method;
  }
  auto pattern = merging::make_pattern(members, settings.options.model, options);
  if (!pattern) return pattern.error();
  result.memory_id = pattern->id;
  result.method = pattern->consolidation_method.value_or(ConsolidationMethod::kHeuristic);
  for (const Memory& member : members) {
    edit.put(std::nullopt, consolidated_from(*pattern, member, result.cohesion, workspace.now()));
  }
  edit.put(std::nullopt, *std::move(pattern));
  return {};
}

// Empty: the plan has no room for it.
std::optional<PlanItem> item_for(Workspace& workspace, const JobSettings& settings,
                                 const MemoryCluster& group, const std::vector<Memory>& members,
                                 const Step& step) {
  MergeResult result;
  result.source_ids = group.ids;
  result.cohesion = group.cohesion;
  result.confidence = cluster_confidence(group.cohesion, group.ids.size());
  // It changes no other memory and can be undone: made and told, never waited for.
  result.decision = std::min(decision_for(*result.confidence, settings.thresholds), Decision::kLog);
  result.reason = fmt::format("cohesion {:.4f} >= {} of {} memories", group.cohesion,
                              step.threshold, group.ids.size());
  PlanItem item;
  item.agent = UpkeepAgent::kCluster;
  item.action = step.action;
  item.inputs = inputs_of(members);
  Edit edit;
  Status made = make(edit, result, members, step, workspace, settings);
  if (made) {
    const auto staged = stage_group(workspace, std::move(edit));
    if (staged && !*staged) return std::nullopt;
    if (!staged) made = staged.error();
  }
  result.outcome = made ? ItemOutcome::kPlanned : ItemOutcome::kFailed;
  if (!made) result.error = made.error().message;
  fill_item(item, result);
  return item;
}

Result<PhaseResult> run(Workspace& workspace, const JobSettings& settings, const Step& step,
                        GroupRequest wanted) {
  auto lineage = JobLineage::read(workspace);
  if (!lineage) return lineage.error();
  if (settings.scope.unconsolidated_only) wanted.leave_out = lineage->held_by(step.level);
  wanted.threshold = step.threshold;
  auto groups = find_groups(workspace, settings, wanted);
  if (!groups) return groups.error();
  PhaseResult found{.memories = groups->memories, .stopped = groups->stopped};
  for (const MemoryCluster& group : groups->groups) {
    if (settings.stop->load()) found.stopped = true;
    if (found.stopped) break;
    const std::vector<Uuid> raw = lineage->raw_of(group.ids);
    if (raw.size() > settings.options.group_size_max) continue;
    if (lineage->one_holds(step.level, raw)) continue;
    auto members = members_of(workspace, group);
    if (!members) return members.error();
    if (settings.undone.contains(
            finding_name(UpkeepAgent::kCluster, step.action, inputs_of(*members)))) {
      continue;
    }
    auto item = item_for(workspace, settings, group, *members, step);
    found.full = !item.has_value();
    if (found.full) break;
    found.items.push_back(*std::move(item));
  }
  return found;
}

}  // namespace

Result<PhaseResult> extract_patterns(Workspace& workspace, const JobSettings& settings) {
  GroupRequest wanted;
  wanted.level_max = settings.scope.unconsolidated_only ? 0 : 1;
  wanted.size_min = settings.options.pattern_size_min;
  return run(workspace, settings, {2, "pattern", settings.options.pattern_similarity}, wanted);
}

Result<PhaseResult> create_hierarchy(Workspace& workspace, const JobSettings& settings) {
  GroupRequest wanted;
  wanted.level_min = wanted.level_max = 2;
  wanted.in_scope = false;
  return run(workspace, settings, {3, "principle", settings.options.hierarchy_similarity}, wanted);
}

}  // namespace tulving::consolidation
