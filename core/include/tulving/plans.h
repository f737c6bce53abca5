#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "tulving/agent_results.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/records.h"
#include "tulving/time.h"
#include "tulving/uuid.h"

namespace tulving {

// Every change that consolidation makes is a plan first. A plan lists what was found (items) and
// what would become of each record (changes). It is applied whole, in one log batch, and undone
// whole.
//
// A plan is a value: building and reading one touches no store, and each thread may have its own.
// Tenant::propose_plan() keeps it, apply_plan() and undo_plan() carry it out; from then on the
// store's copy counts. Where a record is not as the plan says, nothing of it is done (kConflict).
//
// Bounds, answered with kInvalidArgument and the field's name: `origin` 1..64 characters; a change
// has a before or an after, both of one kind, and takes no memory away (a plan archives or deletes
// it by its status, which can be undone); each `after` is within the rules of its record; at most
// 100,000 changes of 512 MiB in all.

/// Where a plan stands. Numbers reach the disk. kProposed becomes kApplied or kDropped, kApplied
/// becomes kUndone.
enum class PlanStatus : std::uint8_t {
  kProposed = 0,  ///< Kept for a later apply; has changed nothing.
  kApplied = 1,   ///< Its changes were written.
  kUndone = 2,    ///< They were written and taken back.
  kDropped = 3,   ///< Proposed, and will not be applied.
};

/// What became of one item. Numbers reach the disk.
enum class ItemOutcome : std::uint8_t {
  kReported = 0,  ///< A finding that changes nothing.
  kPlanned = 1,   ///< Its changes are in the plan.
  kWaiting = 2,   ///< A person decides: its task is in the queue.
  kDeferred = 3,  ///< The rate limit was reached, or the plan full: the next run takes it.
  kFailed = 4,    ///< `error` says why; the other items went on.
};

/// A memory that a finding rests on, as it was then.
struct PlanInput {
  Uuid id;
  std::uint64_t revision = 0;  ///< The memory's; an apply wants it unchanged.

  friend bool operator==(const PlanInput&, const PlanInput&) = default;
};

/// One finding of one agent.
struct PlanItem {
  UpkeepAgent agent = UpkeepAgent::kDecay;
  std::string
      action;  ///< "gc", "reinforce", "consolidate", "merge", "link", "promote", "relate" ...
  std::vector<PlanInput> inputs;
  std::optional<double> confidence;  ///< 0..1.
  Decision decision = Decision::kAuto;
  ItemOutcome outcome = ItemOutcome::kReported;
  std::string task_id;  ///< The task it opened or closed. Empty: none.
  std::string reason;   ///< One sentence: which figure met which threshold. No text of a memory.
  std::string result;   ///< The agent's result record, a JSON object: ids and figures, no texts.
  std::string error;    ///< Of kFailed, one sentence. Empty otherwise.

  friend bool operator==(const PlanItem&, const PlanItem&) = default;
};

/// The records that a plan may change.
using PlannedRecord = std::variant<Memory, Relation, ConsolidationTask>;

/// One record before and after. Empty before: it is made; empty after: it goes. A memory's
/// embeddings are set only in the `after` of one that is made.
struct PlanChange {
  std::optional<PlannedRecord> before;
  std::optional<PlannedRecord> after;

  friend bool operator==(const PlanChange&, const PlanChange&) = default;
};

/// What a run found, and what it would change or has changed. Records are in it whole.
struct Plan {
  Uuid id;             ///< Nil on apply or propose: random.
  std::string origin;  ///< "consolidate", "job", "task": who made it; 1..64 characters.
  PlanStatus status = PlanStatus::kProposed;
  std::vector<UpkeepAgent> agents;      ///< That looked.
  std::optional<Timestamp> created_at;  ///< Of the store's clock, set on apply or propose.
  std::optional<Timestamp> applied_at;  ///< Empty: it was not; likewise below.
  std::optional<Timestamp> undone_at;
  std::vector<PlanItem> items;
  std::vector<PlanChange> changes;
  /// Memories it changed that were erased since: their content is gone from the plan too, and it
  /// can no longer be undone.
  std::vector<Uuid> erased;
  std::uint64_t revision = 0;  ///< Set by the store.

  friend bool operator==(const Plan&, const Plan&) = default;
};

/// What the plan's items amount to, in their order, whatever became of the plan: ids derived of the
/// plan's and the item's place, so that they are the same each time; revision and time of creation
/// the plan's. `task_id` names a task that may not be there: not yet, or no more. Their `result`
/// has what agent_results.h says, also of plans of earlier versions; `success` is false unless the
/// plan stands applied. O(plan).
[[nodiscard]] std::vector<AgentResult> agent_results_of(std::string_view tenant_id,
                                                        const Plan& plan);

/// A plan without its items and changes, which stay in the log: what is held in RAM, and lists
/// show.
struct PlanSummary {
  Uuid id;
  std::string origin;
  PlanStatus status = PlanStatus::kProposed;
  std::optional<Timestamp> created_at;
  std::optional<Timestamp> applied_at;
  std::optional<Timestamp> undone_at;
  std::uint64_t items = 0;  ///< How many; likewise changes.
  std::uint64_t changes = 0;
  std::uint64_t revision = 0;

  friend bool operator==(const PlanSummary&, const PlanSummary&) = default;
};

/// Names as in JSON ("auto", "applied", "planned"). Never empty.
[[nodiscard]] std::string_view to_string(Decision decision) noexcept;
[[nodiscard]] std::string_view to_string(PlanStatus status) noexcept;
[[nodiscard]] std::string_view to_string(ItemOutcome outcome) noexcept;

}  // namespace tulving
