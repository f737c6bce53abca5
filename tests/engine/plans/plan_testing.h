#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/engine/testing.h"

// What the tests of plans share: a tenant's whole state as a value, and plans as the agents make
// them.

namespace tulving::testing {

/// Every memory, relation and task of a tenant by kind and name, vectors included, revisions not.
using State = std::map<std::string, PlannedRecord>;

inline std::string key_of(const PlannedRecord& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) return "memory " + memory->id.to_string();
  if (const auto* task = std::get_if<ConsolidationTask>(&record)) return "task " + task->task_id;
  const auto& relation = std::get<Relation>(record);
  return "relation " + relation.source_id.to_string() + " " + relation.relation_type + " " +
         relation.target_id.to_string();
}

inline void put(State& state, PlannedRecord record) {
  std::visit([](auto& kind) { kind.revision = 0; }, record);
  std::string key = key_of(record);
  state[std::move(key)] = std::move(record);
}

inline State state_of(const Tenant& tenant) {
  State state;
  EXPECT_THAT(tenant.export_records(
                  [&](const Record& record) -> Status {
                    if (const auto* memory = std::get_if<Memory>(&record)) put(state, *memory);
                    if (const auto* relation = std::get_if<Relation>(&record)) {
                      put(state, *relation);
                    }
                    return {};
                  },
                  true),
              Succeeds());
  for (const ConsolidationTask& task : value_of(list_all<ConsolidationTask>(tenant)))
    put(state, task);
  return state;
}

/// The keys whose records differ, for a failed test to name.
inline std::vector<std::string> differences(const State& a, const State& b) {
  std::vector<std::string> keys;
  for (const auto& [key, record] : a) {
    const auto other = b.find(key);
    if (other == b.end() || !(other->second == record)) keys.push_back(key);
  }
  for (const auto& [key, record] : b) {
    if (!a.contains(key)) keys.push_back(key);
  }
  return keys;
}

inline ConsolidationTask task_for(std::vector<Uuid> memory_ids, std::string action = "merge") {
  ConsolidationTask task;
  task.title = "Look after " + std::to_string(memory_ids.size()) + " memories";
  task.action = std::move(action);
  std::ranges::sort(memory_ids);
  task.memory_ids = std::move(memory_ids);
  return task;
}

inline ConsolidationTaskClaim claim_by(std::string worker) {
  ConsolidationTaskClaim claim;
  claim.worker = std::move(worker);
  return claim;
}

/// A plan as the merge agent makes it: one memory of several, the originals archived, each linked.
inline Plan merge_plan(const Tenant& tenant, const std::vector<Uuid>& ids) {
  Plan plan;
  plan.origin = "consolidate";
  plan.agents = {UpkeepAgent::kMerge};
  Memory merged = memory("merged:", {1.0F, 1.0F});
  merged.id = Uuid::random();
  merged.abstraction_level = 1;
  PlanItem item;
  item.agent = UpkeepAgent::kMerge;
  item.action = "merge";
  item.outcome = ItemOutcome::kPlanned;
  for (const Uuid& id : ids) {
    const Memory before = value_of(tenant.get(id));
    Memory after = before;
    after.status = MemoryStatus::kArchived;
    after.archived_at = before.updated_at;
    after.consolidated_into_id = merged.id;
    plan.changes.push_back({before, after});
    Relation relation;
    relation.source_id = merged.id;
    relation.target_id = id;
    relation.relation_type = "consolidated_from";
    plan.changes.push_back({{}, relation});
    item.inputs.push_back({id, before.revision});
    merged.text += " " + before.text;
    merged.source_memory_ids.push_back(id);
  }
  plan.items.push_back(item);
  plan.changes.push_back({{}, merged});
  return plan;
}

/// The memory that merge_plan() makes.
inline Memory made_by(const Plan& plan) { return std::get<Memory>(*plan.changes.back().after); }

}  // namespace tulving::testing
