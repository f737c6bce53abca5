#include "core/engine/plan_writes.h"

#include <fmt/format.h>

#include <set>

#include "core/engine/memory_writes.h"
#include "core/engine/plan_compare.h"
#include "core/model/rules.h"

namespace tulving::engine {
namespace {

// Completes a record that a plan holds, as the other ways in do, so that undo can compare.
void complete(PlannedRecord& record, const Transaction& transaction) {
  const Timestamp now = transaction.now();
  if (auto* memory = std::get_if<Memory>(&record)) {
    *memory = completed(std::move(*memory), transaction.tenant_id(), now);
  } else if (auto* relation = std::get_if<Relation>(&record)) {
    if (!relation->created_at) relation->created_at = now;
    relation->id = relation_id(transaction.tenant_id(), *relation);
  } else if (auto* task = std::get_if<ConsolidationTask>(&record)) {
    if (!task->created_at) task->created_at = now;
    if (!task->updated_at) task->updated_at = now;
  }
}

Status check(const PlannedRecord& record, std::uint64_t text_bytes_max) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    return model::check_memory(*memory, {text_bytes_max});
  }
  if (const auto* relation = std::get_if<Relation>(&record)) {
    return model::check_relation(*relation);
  }
  const auto& task = std::get<ConsolidationTask>(record);
  if (task.task_id.empty()) {
    return Error{ErrorCode::kInvalidArgument, "task_id is empty; a planned task has one",
                 "task_id"};
  }
  return model::check_task(task);
}

// Makes every record whole and checks it: what is not a valid record must not get into the log,
// and a record that is named twice has no one state before, or after.
Status settle(const Transaction& transaction, Plan& plan, std::uint64_t text_bytes_max) {
  std::set<std::string> names;
  for (PlanChange& change : plan.changes) {
    for (auto* side : {&change.before, &change.after}) {
      if (!*side) continue;
      complete(**side, transaction);
      if (auto status = check(**side, text_bytes_max); !status) {
        Error error = status.error();
        error.message = fmt::format("{}: {}", name_of(**side), error.message);
        return error;
      }
    }
    const std::string name = name_of(change.after ? *change.after : *change.before);
    if (change.before && name_of(*change.before) != name) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("a change makes {} of {}", name, name_of(*change.before)),
                   "changes"};
    }
    if (!names.insert(name).second) {
      return Error{ErrorCode::kInvalidArgument, fmt::format("changes name {} twice", name),
                   "changes"};
    }
  }
  return {};
}

Status put(Transaction& transaction, const PlannedRecord& record, std::string_view operation) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    return transaction.put_memory(*memory, operation);
  }
  if (const auto* relation = std::get_if<Relation>(&record)) {
    transaction.put_relation(*relation);
  } else {
    transaction.put_task(std::get<ConsolidationTask>(record));
  }
  return {};
}

Status take_back(Transaction& transaction, const PlannedRecord& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    return transaction.retract_memory(memory->id);
  }
  if (const auto* relation = std::get_if<Relation>(&record)) {
    transaction.erase_relation(*relation);
  } else {
    transaction.erase_task(std::get<ConsolidationTask>(record));
  }
  return {};
}

// References of what was put, once all of it is staged: a plan may put them in any order.
Status check_ends(const Transaction& transaction, const PlannedRecord& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    return check_references(transaction, *memory);
  }
  std::vector<Uuid> ids;
  if (const auto* relation = std::get_if<Relation>(&record)) {
    ids = {relation->source_id, relation->target_id};
  } else {
    ids = std::get<ConsolidationTask>(record).memory_ids;
  }
  for (const Uuid& id : ids) {
    if (!transaction.memory(id)) return no_such_memory(transaction, id);
  }
  return {};
}

}  // namespace

Status stage_propose(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max) {
  if (auto status = settle(transaction, plan, text_bytes_max); !status) return status;
  plan.status = PlanStatus::kProposed;
  plan.created_at = transaction.now();
  transaction.put_plan(std::move(plan));
  return {};
}

Status stage_apply(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max) {
  if (auto status = settle(transaction, plan, text_bytes_max); !status) return status;
  Problems problems;
  compare_before(transaction, plan, problems);
  if (auto status = problems.status("applied", plan.id); !status) return status;
  for (PlanChange& change : plan.changes) {
    // What is there, not what the plan's author took it for: undo puts this back.
    if (change.before) change.before = current(transaction, *change.before);
    auto status = change.after ? put(transaction, *change.after, "consolidate")
                               : take_back(transaction, *change.before);
    if (!status) return status;
  }
  for (PlanChange& change : plan.changes) {
    if (!change.after) continue;
    if (auto status = check_ends(transaction, *change.after); !status) return status;
    if (auto* memory = std::get_if<Memory>(&*change.after)) memory->embeddings.clear();
  }
  plan.status = PlanStatus::kApplied;
  plan.applied_at = transaction.now();
  transaction.put_plan(std::move(plan));
  return {};
}

Status stage_undo(Transaction& transaction, Plan plan) {
  Problems problems;
  if (plan.status != PlanStatus::kApplied) {
    problems.add(fmt::format("it is {}", to_string(plan.status)));
    return problems.status("undone", plan.id);
  }
  compare_after(transaction, plan, problems);
  if (auto status = problems.status("undone", plan.id); !status) return status;
  // What it changed first, then what it made: an original lets go of the merge before that goes.
  for (const PlanChange& change : plan.changes) {
    if (!change.before) continue;
    if (auto status = put(transaction, *change.before, "undo"); !status) return status;
  }
  for (const bool relations : {true, false}) {
    for (const PlanChange& change : plan.changes) {
      if (change.before || !change.after) continue;
      if (std::holds_alternative<Relation>(*change.after) != relations) continue;
      if (auto status = take_back(transaction, *change.after); !status) return status;
    }
  }
  for (const PlanChange& change : plan.changes) {
    if (!change.before) continue;
    if (auto status = check_ends(transaction, *change.before); !status) {
      problems.add(fmt::format("{}: {}", name_of(*change.before), status.error().message));
    }
  }
  if (auto status = problems.status("undone", plan.id); !status) return status;
  plan.status = PlanStatus::kUndone;
  plan.undone_at = transaction.now();
  transaction.put_plan(std::move(plan));
  return {};
}

}  // namespace tulving::engine
