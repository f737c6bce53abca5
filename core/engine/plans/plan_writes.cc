#include "core/engine/plans/plan_writes.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/base/check.h"
#include "core/engine/follow/derivation.h"
#include "core/engine/follow/follow.h"
#include "core/engine/plans/plan_compare.h"
#include "core/engine/write/memory_writes.h"
#include "core/engine/write/record_writes.h"
#include "core/model/borders.h"
#include "core/model/rules/rules.h"

namespace tulving::engine {
namespace {

// Completes a record that a plan holds, as the other ways in do, so that undo can compare.
void complete_planned(Memory& memory, const Transaction& transaction) {
  memory = completed(std::move(memory), transaction.tenant_id(), transaction.now());
}
template <class Record>
void complete_planned(Record& record, const Transaction& transaction) {
  give_id(transaction.tenant_id(), record);
  fill_times<Record>(record, nullptr, transaction.now());
}

Status check(const PlannedRecord& record, std::uint64_t text_bytes_max) {
  return std::visit([&](const auto& kind) { return model::check_record(kind, {text_bytes_max}); },
                    record);
}

// Its author gives a planned task its id: the items of the plan name it.
Status check_task_id(const PlannedRecord& record) {
  const auto* task = std::get_if<ConsolidationTask>(&record);
  if (task == nullptr || !task->task_id.empty()) return {};
  return Error{ErrorCode::kInvalidArgument, "task_id is empty; a planned task has one", "task_id"};
}

// Makes every record whole and checks it: what is not a valid record must not get into the log,
// and a record that is named twice has no one state before, or after.
Status settle(const Transaction& transaction, Plan& plan, std::uint64_t text_bytes_max) {
  std::set<std::string> names;
  for (PlanChange& change : plan.changes) {
    for (auto* side : {&change.before, &change.after}) {
      if (!*side) continue;
      auto status = check_task_id(**side);
      if (status) {
        std::visit([&](auto& record) { complete_planned(record, transaction); }, **side);
        status = check(**side, text_bytes_max);
      }
      if (!status) {
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

Status put(Transaction& transaction, const PlannedRecord& planned, std::string_view operation) {
  return std::visit(
      [&]<class Record>(const Record& record) -> Status {
        if constexpr (std::is_same_v<Record, Memory>) {
          return transaction.put_memory(record, operation);
        } else {
          if (auto status = transaction.check_place(record); !status) return status;
          transaction.put(record);
          return {};
        }
      },
      planned);
}

Status take_back(Transaction& transaction, const PlannedRecord& planned) {
  return std::visit(
      [&]<class Record>(const Record& record) -> Status {
        if constexpr (std::is_same_v<Record, Memory>) {
          return transaction.retract_memory(record.id);
        } else {
          transaction.erase(record);
          return {};
        }
      },
      planned);
}

// A plan that was made before borders were, or by hand, crosses none either.
Status check_border(const Transaction& transaction, const PlanChange& change) {
  const auto* before = change.before ? std::get_if<Memory>(&*change.before) : nullptr;
  const auto* after = change.after ? std::get_if<Memory>(&*change.after) : nullptr;
  if (before == nullptr || after == nullptr || after->consolidated_into_id.is_nil() ||
      before->consolidated_into_id == after->consolidated_into_id) {
    return {};
  }
  const RecordPtr merge = transaction.memory(after->consolidated_into_id);
  if (!merge) return {};  // check_references() tells.
  const std::string_view border = model::merge_border(*after, merge->to_memory());
  if (border.empty()) return {};
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("memory {} would be merged into {}, which differs in {}; a merge is of "
                           "one user, agent and project, and of one expiry",
                           after->id.to_string(), merge->id().to_string(), border),
               std::string(border)};
}

// References of what was put, once all of it is staged: a plan may put them in any order.
Status check_references_of(const Transaction& transaction, const PlannedRecord& planned) {
  return std::visit([&](const auto& record) { return check_references(transaction, record); },
                    planned);
}

// What the plan says of a memory is what becomes of it: it follows nothing else.
void settle_memories(Transaction& transaction, const Plan& plan) {
  for (const PlanChange& change : plan.changes) {
    for (const auto* side : {&change.before, &change.after}) {
      const auto* memory = *side ? std::get_if<Memory>(&**side) : nullptr;
      if (memory != nullptr) transaction.note_settled(memory->id);
    }
  }
}

// A record that the plan names, too, goes from what it was before both to what is there now: undo
// compares with that, and one record has one state before.
void add_changes(Plan& plan, std::vector<PlanChange> more) {
  std::map<std::string, PlanChange*> by_name;
  for (PlanChange& change : plan.changes) {
    by_name.emplace(name_of(change.after ? *change.after : *change.before), &change);
  }
  std::vector<PlanChange> others;
  for (PlanChange& change : more) {
    const auto named = by_name.find(name_of(change.after ? *change.after : *change.before));
    if (named == by_name.end()) {
      others.push_back(std::move(change));
    } else {
      named->second->after = std::move(change.after);
    }
  }
  std::erase_if(plan.changes, [](const auto& change) { return !change.before && !change.after; });
  std::ranges::move(others, std::back_inserter(plan.changes));
}

// Where the plan changes sources of what it does not name, that follows, and becomes a part of the
// plan: so it is undone with it.
Status record_what_follows(Transaction& transaction, Plan& plan) {
  settle_memories(transaction, plan);
  auto followed = follow(transaction);
  if (!followed) return followed.error();
  add_changes(plan, std::move(followed->changes));
  settle_memories(transaction, plan);
  return {};
}

// A source of a merge comes back as it is now, unless it has left the merge since.
Status give_back_source(Transaction& transaction, const Memory& before, const Memory& after) {
  TULVING_DCHECK(before.id == after.id && !after.consolidated_into_id.is_nil());
  const RecordPtr record = transaction.memory(before.id);
  if (!record || record->consolidated_into_id() != after.consolidated_into_id) return {};
  Memory source = record->to_memory();
  source.status = before.status;
  source.consolidated_into_id = before.consolidated_into_id;
  source.archived_at = before.archived_at;
  source.deleted_at = before.deleted_at;
  if (source.updated_at == after.updated_at) source.updated_at = before.updated_at;
  return transaction.put_memory(std::move(source), "undo");
}

// The merge has sources that the plan does not know: what a merge among them gave back.
Status give_back_others(Transaction& transaction, const Uuid& made) {
  const RecordPtr merge = transaction.memory(made);
  if (!merge) return {};
  for (const Uuid& id : merge->source_memory_ids()) {
    const RecordPtr record = transaction.memory(id);
    if (!record || record->consolidated_into_id() != made) continue;
    Memory source = record->to_memory();
    const bool was_promoted = source.promoted_at || !source.ltm_path.empty();
    source.status = was_promoted ? MemoryStatus::kPromoted : MemoryStatus::kActive;
    source.consolidated_into_id = {};
    source.archived_at.reset();
    source.deleted_at.reset();
    source.updated_at = transaction.now();
    if (auto status = transaction.put_memory(std::move(source), "undo"); !status) return status;
  }
  return {};
}

// A merge that lost sources because of the plan, or had gone back into them, gets its vectors back.
Status put_vectors(Transaction& transaction, const Memory& memory) {
  auto again = derived_now(transaction, memory);
  if (!again || again->embeddings.empty()) return {};
  const std::vector<Embedding> embeddings = again->embeddings;
  Memory with_vectors = memory;
  with_vectors.embeddings = std::move(again->embeddings);
  if (auto status = transaction.put_memory(std::move(with_vectors), {}); !status) return status;
  transaction.drop_vectors(memory.id, embeddings);
  return {};
}

// What the plan changed, as it was.
Status restore_dropped(Transaction& transaction, const Plan& plan) {
  const std::set<Uuid> made = made_by(plan);
  for (const PlanChange& change : plan.changes) {
    if (!change.before) continue;
    auto status = is_merging(change, made)
                      ? give_back_source(transaction, std::get<Memory>(*change.before),
                                         std::get<Memory>(*change.after))
                      : put(transaction, *change.before, "undo");
    if (!status) return status;
  }
  for (const Uuid& id : made) {
    if (auto status = give_back_others(transaction, id); !status) return status;
  }
  for (const PlanChange& change : plan.changes) {
    const auto* before = change.before ? std::get_if<Memory>(&*change.before) : nullptr;
    if (before == nullptr || !before->consolidation_method) continue;
    const auto* after = change.after ? std::get_if<Memory>(&*change.after) : nullptr;
    if (after != nullptr && after->source_memory_ids == before->source_memory_ids) continue;
    if (auto status = put_vectors(transaction, *before); !status) return status;
  }
  return {};
}

// What the plan made goes.
Status take_back_made(Transaction& transaction, const Plan& plan) {
  for (const Uuid& id : made_by(plan)) {
    if (auto task = rewriting_of(transaction, id)) transaction.erase(*task);
  }
  for (const bool relations : {true, false}) {
    for (const PlanChange& change : plan.changes) {
      if (change.before || !change.after) continue;
      if (std::holds_alternative<Relation>(*change.after) != relations) continue;
      if (!current(transaction, *change.after)) continue;  // It has followed its sources.
      if (auto status = take_back(transaction, *change.after); !status) return status;
    }
  }
  return {};
}

}  // namespace

Status stage_propose(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max) {
  TULVING_DCHECK(!plan.id.is_nil() && plan.erased.empty());  // Tenant settled both.
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
    TULVING_DCHECK(change.before || change.after);
    // What is there, not what the plan's author took it for: undo puts this back.
    if (change.before) change.before = current(transaction, *change.before);
    auto status = change.after ? put(transaction, *change.after, "consolidate")
                               : take_back(transaction, *change.before);
    if (!status) return status;
  }
  for (PlanChange& change : plan.changes) {
    if (!change.after) continue;
    if (auto status = check_border(transaction, change); !status) return status;
    if (auto status = check_references_of(transaction, *change.after); !status) return status;
    if (auto* memory = std::get_if<Memory>(&*change.after)) memory->embeddings.clear();
  }
  if (auto status = record_what_follows(transaction, plan); !status) return status;
  TULVING_DCHECK(plan.status == PlanStatus::kProposed);  // Once: an undo puts back one state.
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
  if (auto status = restore_dropped(transaction, plan); !status) return status;
  if (auto status = take_back_made(transaction, plan); !status) return status;
  settle_memories(transaction, plan);
  for (const PlanChange& change : plan.changes) {
    if (!change.before) continue;
    if (auto status = check_references_of(transaction, *change.before); !status) {
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
