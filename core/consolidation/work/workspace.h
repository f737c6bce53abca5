#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/model/rules/rules.h"
#include "tulving/plans.h"
#include "tulving/store.h"

namespace tulving::consolidation {

/// The store's clock, which tests set.
[[nodiscard]] inline Timestamp now_of(const StoreOptions& options) {
  return options.clock ? options.clock() : system_now();
}
[[nodiscard]] inline Timestamp now_of(const Store& store) { return now_of(store.options()); }

/// The changes of one finding: staged together or, when it fails, not at all.
class Edit {
 public:
  /// `before` is what was read; empty: the record is new.
  void put(std::optional<PlannedRecord> before, PlannedRecord after) {
    changes_.push_back({std::move(before), std::move(after)});
  }
  [[nodiscard]] bool empty() const { return changes_.empty(); }
  [[nodiscard]] std::vector<PlanChange>& changes() { return changes_; }

 private:
  std::vector<PlanChange> changes_;
};

/// What the plan under way may hold: no more than check_plan() lets through, or all of a run's work
/// would be refused.
struct PlanRoom {
  std::size_t changes = model::kPlanChangesMax;
  std::size_t bytes = model::kPlanBytesMax;
};

/// A tenant as the plan under way would leave it: what the store has, with the staged changes on
/// top. Nothing is written. Not thread-safe; reads see the store as it is then, and what changes
/// meanwhile is found when the plan is applied.
class Workspace {
 public:
  Workspace(const Tenant& tenant, Timestamp now, PlanRoom room = {})
      : tenant_(tenant), now_(now), room_(room) {}

  [[nodiscard]] const Tenant& tenant() const { return tenant_; }
  [[nodiscard]] Timestamp now() const { return now_; }

  /// From the store; with embeddings when asked. kNotFound.
  Result<Memory> memory(const Uuid& id, bool with_embeddings = false) const;
  /// Whether the plan changes the memory: no second finding may count on it.
  [[nodiscard]] bool is_staged(const Uuid& memory_id) const;
  /// Every memory that is active and has not expired, by created_at.
  Status each_active(const std::function<Status(const MemoryView&)>& visit) const;

  /// The id of the task for this work: see model::task_id().
  [[nodiscard]] std::string task_id(UpkeepAgent agent, std::string_view action,
                                    const std::vector<Uuid>& memory_ids) const;
  /// What the cluster of these memories, ascending, is called: a UUID, as the readers of the
  /// agents' results have it.
  [[nodiscard]] std::string cluster_id(const std::vector<Uuid>& memory_ids) const;
  /// As staged, else as stored.
  [[nodiscard]] std::optional<ConsolidationTask> task(const std::string& task_id) const;
  /// What the store has of it; a change's `before`.
  [[nodiscard]] std::optional<PlannedRecord> stored_task(const std::string& task_id) const;
  /// The agent's tasks that may be done now: open, or blocked with their retry time come, and not
  /// waiting for a person. First come those that come first in the queue.
  Result<std::vector<ConsolidationTask>> due_tasks(UpkeepAgent agent) const;

  /// Which border (core/model/borders.h) lies between the memories, as the reason that a task about
  /// them, of before borders were, is closed for; empty: none, an agent may relate them. kNotFound.
  Result<std::string> border_between(const std::vector<Uuid>& memory_ids) const;

  /// False: the plan has no room for it, and nothing of it is staged. The rest of the work is for
  /// the next plan.
  [[nodiscard]] bool stage(Edit edit);
  /// Whether there is no room for even one record more.
  [[nodiscard]] bool is_full() const {
    return changes_.size() >= room_.changes || bytes_ >= room_.bytes;
  }
  /// In the order in which they must be written: memories, relations, tasks.
  [[nodiscard]] std::vector<PlanChange> take_changes();
  [[nodiscard]] std::size_t changes() const { return changes_.size(); }

 private:
  Tenant tenant_;
  Timestamp now_;
  PlanRoom room_;
  std::map<std::string, PlanChange> changes_;  ///< By kind and name.
  std::size_t bytes_ = 0;                      ///< Of them, as planned_bytes() counts.
};

}  // namespace tulving::consolidation
