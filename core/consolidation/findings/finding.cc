#include "core/consolidation/findings/finding.h"

#include "core/consolidation/findings/result_json.h"
#include "core/model/names/task_title.h"
#include "core/model/task_queue.h"

namespace tulving::consolidation {

FindingOutcome& outcome_of(FindingResult& result) {
  return std::visit([](auto& kind) -> FindingOutcome& { return kind; }, result);
}

const FindingOutcome& outcome_of(const FindingResult& result) {
  return std::visit([](const auto& kind) -> const FindingOutcome& { return kind; }, result);
}

void add_result(ConsolidationReport& report, const FindingResult& result) {
  struct Sorter {
    ConsolidationReport& report;
    void operator()(const DecayResult& one) const { report.decay.push_back(one); }
    void operator()(const ClusterResult& one) const { report.cluster.push_back(one); }
    void operator()(const MergeResult& one) const { report.merge.push_back(one); }
    void operator()(const PromoteResult& one) const { report.promote.push_back(one); }
    void operator()(const RelationsResult& one) const { report.relations.push_back(one); }
  };
  std::visit(Sorter{report}, result);
}

PlanItem item_of(const Finding& finding) {
  const FindingOutcome& outcome = outcome_of(finding.result);
  PlanItem item;
  item.agent = finding.agent;
  item.action = finding.action;
  item.inputs = finding.inputs;
  item.confidence = outcome.confidence;
  item.decision = outcome.decision;
  item.outcome = outcome.outcome;
  item.task_id = outcome.task_id;
  item.reason = outcome.reason;
  item.result = result_json(finding.result);
  item.error = outcome.error;
  return item;
}

Decision decision_for(double confidence, const Thresholds& thresholds) {
  if (confidence >= thresholds.auto_confidence) return Decision::kAuto;
  return confidence >= thresholds.log_confidence ? Decision::kLog : Decision::kWait;
}

ConsolidationTask task_for(const Workspace& workspace, UpkeepAgent agent, std::string action,
                           std::vector<Uuid> memory_ids, Decision decision,
                           const TaskFigures& figures) {
  ConsolidationTask task;
  task.task_id = workspace.task_id(agent, action, memory_ids);
  task.agent = agent;
  task.action = std::move(action);
  task.memory_ids = std::move(memory_ids);
  task.score = figures.score;
  task.cohesion = figures.cohesion;
  task.confidence = figures.confidence;
  task.title = model::task_title(task);
  task.approval = decision == Decision::kWait ? Approval::kWaiting : Approval::kNotNeeded;
  task.created_at = workspace.now();
  task.updated_at = workspace.now();
  return task;
}

void close_task(Edit& edit, const Workspace& workspace, ConsolidationTask task) {
  auto before = workspace.stored_task(task.task_id);
  model::close_task(task, workspace.now());
  task.retry_at.reset();
  edit.put(std::move(before), std::move(task));
}

void block_task(Edit& edit, const Workspace& workspace, ConsolidationTask task,
                const std::string& error) {
  auto before = workspace.stored_task(task.task_id);
  model::block_task(task, workspace.now(), error);
  edit.put(std::move(before), std::move(task));
}

}  // namespace tulving::consolidation
