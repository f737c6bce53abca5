#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/consolidation/vault/vault.h"
#include "core/consolidation/work/workspace.h"
#include "tulving/consolidation.h"

namespace tulving::consolidation {

using FindingResult =
    std::variant<DecayResult, ClusterResult, MergeResult, PromoteResult, RelationsResult>;

[[nodiscard]] FindingOutcome& outcome_of(FindingResult& result);
[[nodiscard]] const FindingOutcome& outcome_of(const FindingResult& result);

/// What one agent found, and how to do something about it.
struct Finding {
  std::string id;  ///< What scan() lists and process() takes.
  UpkeepAgent agent = UpkeepAgent::kDecay;
  std::string action;
  std::vector<PlanInput> inputs;  ///< Ascending by id.
  FindingResult result;
  /// Fills the edit and completes the result. Empty: a finding that changes nothing.
  std::function<Status(Edit&, FindingResult&)> act;
  /// Fills an edit with what is to be kept of a failure. May be empty.
  std::function<void(Edit&, const std::string& error)> on_failure;
  bool counts = true;  ///< Towards the rate limit; opening a task does not.
};

/// Puts a result beside the others of its agent.
void add_result(ConsolidationReport& report, const FindingResult& result);
/// What a plan says of a finding.
[[nodiscard]] PlanItem item_of(const Finding& finding);

/// What the cluster agent knows from its last run, by model and whether it is for merging.
using ClusterCaches = std::map<std::pair<std::string, bool>, ClusterCache>;

/// What the agents go by.
struct Settings {
  Thresholds thresholds;
  ConsolidationOptions options;
  Vault* vault = nullptr;     ///< Null: none given.
  bool writes_notes = false;  ///< False for dry runs and proposals.
  std::uint64_t text_bytes_max = 1'000'000;
  std::function<bool(double)> progress;  ///< False stops. May be empty.
  const std::atomic<bool>* stop = nullptr;
  bool* stopped = nullptr;
  double* miss_rate = nullptr;
  ClusterCaches* caches = nullptr;
};

using Findings = Result<std::vector<Finding>>;
Findings find_decay(const Workspace& workspace, const Settings& settings);
Findings find_clusters(const Workspace& workspace, const Settings& settings);
Findings find_merges(const Workspace& workspace, const Settings& settings);
Findings find_promotions(const Workspace& workspace, const Settings& settings);
Findings find_relations(const Workspace& workspace, const Settings& settings);

[[nodiscard]] Decision decision_for(double confidence, const Thresholds& thresholds);

/// What a task is opened for; each may be empty.
struct TaskFigures {
  std::optional<double> score = {}, cohesion = {}, confidence = {};
};
/// A task for a finding, titled by model::task_title(). With kWait it waits for a person.
[[nodiscard]] ConsolidationTask task_for(const Workspace& workspace, UpkeepAgent agent,
                                         std::string action, std::vector<Uuid> memory_ids,
                                         Decision decision, const TaskFigures& figures);
/// Stages the task's end: done by an agent.
void close_task(Edit& edit, const Workspace& workspace, ConsolidationTask task);
/// Stages a failure: blocked, to be retried later; as Tenant::fail_task().
void block_task(Edit& edit, const Workspace& workspace, ConsolidationTask task,
                const std::string& error);

}  // namespace tulving::consolidation
