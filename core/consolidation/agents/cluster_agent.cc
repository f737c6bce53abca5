// Finds memories that say the same, or nearly, and opens tasks for the merge agent.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/hash.h"
#include "core/consolidation/findings/finding.h"
#include "core/consolidation/work/merge_step.h"
#include "core/model/rounded.h"

namespace tulving::consolidation {
namespace {

struct Group {
  MemoryCluster cluster;
  bool merges = false;
};

// Raw and merged memories of one model; patterns and principles stand above what they came from.
// Without a model: those without an embedding, by their texts.
ClusterRequest request_for(const std::string& model, bool merging, const Workspace& workspace,
                           const Settings& settings) {
  ClusterRequest request;
  request.by = model.empty() ? ClusterBy::kTexts : ClusterBy::kVectors;
  request.model = model;
  request.filter = all_of({equals(Field::kStatus, "active"),
                           NumberRange{NumberField::kAbstractionLevel, std::nullopt, 1.0}});
  request.threshold =
      merging ? settings.thresholds.merge_cohesion : settings.thresholds.link_cohesion;
  request.size_max = settings.options.cluster_size_max;
  request.threads = settings.options.threads;
  request.now = workspace.now();
  request.stop = settings.stop;
  if (!model.empty()) request.cache = &(*settings.caches)[{model, merging}];
  if (settings.progress) {
    request.progress = [&settings](const ClusterProgress& at) {
      return settings.progress(at.done);
    };
  }
  return request;
}

Result<std::vector<MemoryCluster>> clusters_of(const std::string& model, bool merging,
                                               const Workspace& workspace,
                                               const Settings& settings) {
  auto report = workspace.tenant().clusters(request_for(model, merging, workspace, settings));
  if (!report) return report.error();
  if (report->stopped) *settings.stopped = true;
  if (report->approximate) {
    *settings.miss_rate = std::max(*settings.miss_rate, report->miss_rate);
  }
  return std::move(report->clusters);
}

// Clusters of every model, and of what has no embedding, the most cohesive first; of equal ones
// that with the smallest ids. A memory merges into the first that has it.
Result<std::vector<Group>> groups_of(const Workspace& workspace, const Settings& settings) {
  std::vector<MemoryCluster> merges, links;
  std::vector<std::string> models = {""};
  for (const VectorStats& vectors : workspace.tenant().stats().vectors) {
    models.push_back(vectors.model);
  }
  for (const std::string& model : models) {
    for (const bool merging : {true, false}) {
      auto found = clusters_of(model, merging, workspace, settings);
      if (!found) return found.error();
      auto& into = merging ? merges : links;
      into.insert(into.end(), found->begin(), found->end());
    }
  }
  const auto best_first = [](const MemoryCluster& a, const MemoryCluster& b) {
    return a.cohesion != b.cohesion ? a.cohesion > b.cohesion : a.ids < b.ids;
  };
  std::sort(merges.begin(), merges.end(), best_first);
  std::sort(links.begin(), links.end(), best_first);
  std::vector<Group> groups;
  std::set<Uuid> merging;
  std::set<std::vector<Uuid>> seen;
  for (MemoryCluster& cluster : merges) {
    const bool is_free = std::none_of(cluster.ids.begin(), cluster.ids.end(),
                                      [&](const Uuid& id) { return merging.contains(id); });
    seen.insert(cluster.ids);
    if (is_free) merging.insert(cluster.ids.begin(), cluster.ids.end());
    groups.push_back({std::move(cluster), is_free});
  }
  for (MemoryCluster& cluster : links) {
    if (cluster.cohesion >= settings.thresholds.merge_cohesion) continue;  // Tightly one already.
    if (seen.insert(cluster.ids).second) groups.push_back({std::move(cluster), false});
  }
  return groups;
}

Result<std::vector<PlanInput>> inputs_of(const Workspace& workspace, const std::vector<Uuid>& ids) {
  std::vector<PlanInput> inputs;
  for (const Uuid& id : ids) {
    auto memory = workspace.memory(id);
    if (!memory) return memory.error();
    inputs.push_back({id, memory->revision});
  }
  return inputs;
}

// Every two of the group become related, but for those that are.
Status relate_all(Edit& edit, const Workspace& workspace, const ClusterResult& cluster) {
  for (std::size_t i = 0; i < cluster.memory_ids.size(); ++i) {
    const Uuid& source = cluster.memory_ids[i];
    auto present = list_all<Relation>(workspace.tenant(), {.filter = {source}});
    if (!present) return present.error();
    for (std::size_t j = i + 1; j < cluster.memory_ids.size(); ++j) {
      const Uuid& target = cluster.memory_ids[j];
      const bool is_related = std::any_of(present->begin(), present->end(), [&](const auto& known) {
        return known.source_id == target || known.target_id == target;
      });
      if (is_related) continue;
      Relation relation;
      relation.source_id = source;
      relation.target_id = target;
      relation.strength = model::rounded(std::clamp(cluster.cohesion, 0.0, 1.0));
      relation.confidence = model::rounded(cluster.confidence.value_or(0));
      relation.metadata =
          fmt::format(R"({{"agent":"cluster","cohesion":{:.6f}}})", cluster.cohesion);
      relation.created_at = workspace.now();
      edit.put(std::nullopt, std::move(relation));
    }
  }
  return {};
}

ConsolidationTask task_of(const ClusterResult& result, const Workspace& workspace) {
  const bool merges = result.action == "merge";
  // The merge agent takes merge tasks; links are the cluster agent's own.
  ConsolidationTask task = task_for(workspace, merges ? UpkeepAgent::kMerge : UpkeepAgent::kCluster,
                                    result.action, result.memory_ids, result.decision,
                                    {.cohesion = result.cohesion, .confidence = result.confidence});
  task.urgency = merges ? Urgency::kMedium : Urgency::kLow;
  task.priority = merges ? 2 : 3;
  return task;
}

Result<Finding> finding_of(const Group& group, const Workspace& workspace,
                           const Settings& settings) {
  ClusterResult result;
  result.memory_ids = group.cluster.ids;
  result.cluster_id = workspace.cluster_id(result.memory_ids);
  result.cohesion = group.cluster.cohesion;
  result.action = group.merges ? "merge" : "link";
  result.confidence = cluster_confidence(result.cohesion, result.memory_ids.size());
  result.decision = decision_for(*result.confidence, settings.thresholds);
  result.reason = fmt::format(
      "cohesion {:.4f} >= {} of {} memories", result.cohesion,
      group.merges ? settings.thresholds.merge_cohesion : settings.thresholds.link_cohesion,
      result.memory_ids.size());
  auto inputs = inputs_of(workspace, result.memory_ids);
  if (!inputs) return inputs.error();
  Finding finding;
  finding.id = result.cluster_id;
  finding.agent = UpkeepAgent::kCluster;
  finding.action = result.action;
  finding.inputs = *std::move(inputs);
  const ConsolidationTask task = task_of(result, workspace);
  const bool opens_task = group.merges || result.decision == Decision::kWait;
  finding.counts = !opens_task;
  if (opens_task) result.task_id = task.task_id;
  if (opens_task && !workspace.task(task.task_id)) {
    finding.act = [task](Edit& edit, FindingResult&) -> Status {
      edit.put(std::nullopt, task);
      return {};
    };
  } else if (!opens_task) {
    finding.act = [&workspace](Edit& edit, FindingResult& done) {
      return relate_all(edit, workspace, std::get<ClusterResult>(done));
    };
  }
  finding.result = std::move(result);
  return finding;
}

// A link that a person approved.
Result<Finding> approved(const ConsolidationTask& task, const Workspace& workspace) {
  ClusterResult result;
  result.memory_ids = task.memory_ids;
  result.cluster_id = workspace.cluster_id(task.memory_ids);
  result.cohesion = task.cohesion.value_or(0);
  result.confidence = task.confidence;
  result.action = "link";
  result.task_id = task.task_id;
  result.reason = "a person approved it";
  auto crossed = workspace.border_between(task.memory_ids);
  if (!crossed) return crossed.error();
  const bool may_link = crossed->empty();
  if (!may_link) result.reason = *std::move(crossed);
  auto inputs = inputs_of(workspace, task.memory_ids);
  if (!inputs) return inputs.error();
  Finding finding;
  finding.id = task.task_id;
  finding.agent = UpkeepAgent::kCluster;
  finding.action = "link";
  finding.inputs = *std::move(inputs);
  finding.result = std::move(result);
  finding.act = [task, may_link, &workspace](Edit& edit, FindingResult& done) -> Status {
    if (may_link) {
      auto status = relate_all(edit, workspace, std::get<ClusterResult>(done));
      if (!status) return status;
    }
    close_task(edit, workspace, task);
    return {};
  };
  return finding;
}

}  // namespace

Findings find_clusters(const Workspace& workspace, const Settings& settings) {
  std::vector<Finding> findings;
  auto tasks = workspace.due_tasks(UpkeepAgent::kCluster);
  if (!tasks) return tasks.error();
  for (const ConsolidationTask& task : *tasks) {
    auto finding = approved(task, workspace);
    if (!finding) return finding.error();
    findings.push_back(*std::move(finding));
  }
  auto groups = groups_of(workspace, settings);
  if (!groups) return groups.error();
  for (const Group& group : *groups) {
    if (group.cluster.ids.size() < settings.options.cluster_size_min) continue;
    auto finding = finding_of(group, workspace, settings);
    if (!finding) return finding.error();
    findings.push_back(*std::move(finding));
  }
  return findings;
}

}  // namespace tulving::consolidation
