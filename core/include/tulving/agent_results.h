#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tulving/consolidation_tasks.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

/// What confidence lets an agent do: see Thresholds. Numbers reach the disk.
enum class Decision : std::uint8_t {
  kAuto = 0,  ///< From auto_confidence: done.
  kLog = 1,   ///< From log_confidence: done, and told.
  kWait = 2,  ///< Below: a person is asked, by a task.
};

/// What one of the five agents found or did, as its own record says it. Rules as in records.h, ids
/// as in tasks.h.
///
/// The results of a run that changed something are the items of its plan, and agent_results_of()
/// (plans.h) makes AgentResults of them: they are derived and never stored, so that an undo and an
/// erased memory have one place to change. A run that changed nothing leaves no plan: its findings
/// are stored, each once however often it is found (Consolidator::run). Others may put their own.
///
/// `result` is a JSON object with the members of the agent's result in consolidation.h, and beside
/// them, under the names that Cortex's readers know:
///   decay      memory_id, score, urgency, action
///   cluster    cluster_id, memory_ids, cohesion, action ("merge", "link"), confidence
///   merge      new_memory_id (what it is, or would be), source_ids, relation_ids, content_diff,
///              entities_preserved, success
///   promote    memory_id, vault_path, criteria_met ("score_threshold", "use_count_threshold",
///              "review_count_threshold"), success
///   relations  from_memory_id, to_memory_id, relation_id (likewise), strength, reasoning,
///              shared_entities, confidence
/// each with beads_issue_id: the task, there or to be opened when the plan is applied, or null.
/// `success`: it was done, and stands.
struct AgentResult {
  std::string result_id;
  UpkeepAgent agent = UpkeepAgent::kDecay;
  std::string
      task_id;  ///< A consolidation task, which must be there. Empty: none, or it was erased.
  std::optional<double> confidence;  ///< 0..1.
  std::optional<Decision> decision;
  std::string result;  ///< JSON, needed.
  /// What it is about, ascending; they must be there. The result is erased with any of them, whose
  /// words it may have.
  std::vector<Uuid> memory_ids;
  std::optional<Timestamp> created_at;  ///< Empty on put(): now.
  std::uint64_t revision = 0;           ///< Set by the store.

  friend bool operator==(const AgentResult&, const AgentResult&) = default;
};

}  // namespace tulving
