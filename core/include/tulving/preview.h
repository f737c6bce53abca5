#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tulving/plans.h"
#include "tulving/store.h"

namespace tulving {

// A plan in the memories' own words, for a person who decides about it: what goes in, what comes
// out.

/// A memory that goes into a finding, or comes out of it.
struct PreviewedMemory {
  Uuid id;                  ///< Nil: it has none yet.
  std::string external_id;  ///< Empty: none.
  std::optional<Timestamp> created_at;
  std::string text;
  bool is_missing = false;  ///< It is not here any more, and the plan does not have it.
};

/// One finding of a plan.
struct FindingPreview {
  UpkeepAgent agent = UpkeepAgent::kDecay;
  std::string action;
  ItemOutcome outcome = ItemOutcome::kPlanned;
  std::optional<double> confidence;  ///< 0..1.
  std::string task_id;               ///< The task it opens or does. Empty: none.
  std::string reason;                ///< Which figure met which threshold.
  std::string error;
  std::vector<PreviewedMemory> inputs;  ///< Oldest first; as the plan has them, else as they are.
  /// The memory that they become. Also of a merge that waits for a person or for its agent: what
  /// it would be if it were done now, without a text writer.
  std::optional<PreviewedMemory> merged;
  /// Sentences of `merged` that stand side by side with their dates, as its sources do not say
  /// quite the same; in their order there.
  std::vector<std::string> conflicts;
  std::vector<Relation> relations;  ///< That it makes between its inputs.
  std::string note_path;            ///< Of a promotion: its note's, in the vault.
};

/// Every finding of `plan` that changes something or waits for a person, in the plan's order.
/// `plan` may be of any status, or none yet. A merge's task and the merge that does it are one.
/// O(texts).
Result<std::vector<FindingPreview>> preview_plan(const Tenant& tenant, const Plan& plan);

/// What doing the task would change; as preview_plan() of a plan with that alone.
Result<FindingPreview> preview_task(const Tenant& tenant, const ConsolidationTask& task);

/// Members are named as in the structs; what is not set is left out.
[[nodiscard]] std::string to_json(const FindingPreview& preview);

}  // namespace tulving
