#include "core/engine/plan_writes.h"

#include <fmt/format.h>

#include "core/engine/memory_writes.h"
#include "core/model/rules.h"

namespace tulving::engine {
namespace {

// Message parts: a plan of thousands must not make a message of megabytes.
constexpr std::size_t kProblemsNamed = 5;

class Problems {
 public:
  void add(std::string problem) {
    if (count_++ < kProblemsNamed) text_ += (text_.empty() ? "" : "; ") + std::move(problem);
  }
  [[nodiscard]] Status status(std::string_view what, const Uuid& plan) const {
    if (count_ == 0) return {};
    std::string message = fmt::format("plan {} cannot be {}: {}", plan.to_string(), what, text_);
    if (count_ > kProblemsNamed) message += fmt::format("; and {} more", count_ - kProblemsNamed);
    return Error{ErrorCode::kConflict, std::move(message)};
  }

 private:
  std::size_t count_ = 0;
  std::string text_;
};

std::string kind_name(const PlannedRecord& record) {
  if (std::holds_alternative<Memory>(record)) return "memory";
  return std::holds_alternative<Relation>(record) ? "relation" : "task";
}

std::optional<PlannedRecord> current(const Transaction& transaction, const PlannedRecord& like) {
  if (const auto* memory = std::get_if<Memory>(&like)) {
    const RecordPtr record = transaction.memory(memory->id);
    if (!record) return std::nullopt;
    return PlannedRecord(record->to_memory());
  }
  if (const auto* relation = std::get_if<Relation>(&like)) {
    auto found = transaction.relation(relation_id(transaction.tenant_id(), *relation));
    if (!found) return std::nullopt;
    return PlannedRecord(*std::move(found));
  }
  auto found = transaction.task(std::get<ConsolidationTask>(like).task_id);
  if (!found) return std::nullopt;
  return PlannedRecord(*std::move(found));
}

std::uint64_t revision_of(const PlannedRecord& record) {
  return std::visit([](const auto& kind) { return kind.revision; }, record);
}

// The record as it is compared: without its revision, and without the vectors, which no plan
// changes.
PlannedRecord comparable(PlannedRecord record) {
  std::visit([](auto& kind) { kind.revision = 0; }, record);
  if (auto* memory = std::get_if<Memory>(&record)) memory->embeddings.clear();
  return record;
}

// Completes a record that a plan puts, as the other ways in do, so that undo can compare.
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
  return model::check_task(std::get<ConsolidationTask>(record));
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
    Relation stored = *relation;
    stored.id = relation_id(transaction.tenant_id(), stored);
    transaction.erase_relation(stored);
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

void compare_inputs(const Transaction& transaction, const Plan& plan, Problems& problems) {
  for (const PlanItem& item : plan.items) {
    if (item.outcome != ItemOutcome::kPlanned && item.outcome != ItemOutcome::kWaiting) continue;
    for (const PlanInput& input : item.inputs) {
      const RecordPtr record = transaction.memory(input.id);
      if (record && record->revision() == input.revision) continue;
      problems.add(record ? fmt::format("memory {} is at revision {}, not {}", input.id.to_string(),
                                        record->revision(), input.revision)
                          : fmt::format("memory {} is gone", input.id.to_string()));
    }
  }
}

void compare_before(const Transaction& transaction, const PlanChange& change, Problems& problems) {
  const PlannedRecord& like = change.before ? *change.before : *change.after;
  const auto present = current(transaction, like);
  const std::string name = kind_name(like) + " " + name_of(like);
  if (!change.before && present) {
    problems.add(name + " is there already");
  } else if (change.before && !present) {
    problems.add(name + " is gone");
  } else if (change.before && revision_of(*present) != revision_of(*change.before)) {
    problems.add(fmt::format("{} is at revision {}, not {}", name, revision_of(*present),
                             revision_of(*change.before)));
  }
}

// What was put upon a memory that the plan made, by others, since.
void compare_hangers(const Transaction& transaction, const Plan& plan, const Memory& made,
                     Problems& problems) {
  for (const Relation& relation : transaction.relations_of(made.id)) {
    bool is_ours = false;
    for (const PlanChange& change : plan.changes) {
      const auto* put = change.after ? std::get_if<Relation>(&*change.after) : nullptr;
      is_ours = is_ours || (put != nullptr && put->id == relation.id);
    }
    if (!is_ours) {
      problems.add(fmt::format("relation {} was made to memory {} since", relation.id.to_string(),
                               made.id.to_string()));
    }
  }
}

void compare_after(const Transaction& transaction, const Plan& plan, const PlanChange& change,
                   Problems& problems) {
  const PlannedRecord& like = change.after ? *change.after : *change.before;
  const auto present = current(transaction, like);
  const std::string name = kind_name(like) + " " + name_of(like);
  if (!change.after && present) {
    problems.add(name + " was made anew since");
  } else if (change.after && !present) {
    problems.add(name + " was erased since");
  } else if (change.after && comparable(*present) != comparable(*change.after)) {
    problems.add(name + " was changed since");
  } else if (change.after && !change.before && std::holds_alternative<Memory>(*change.after)) {
    compare_hangers(transaction, plan, std::get<Memory>(*change.after), problems);
  }
}

}  // namespace

std::string name_of(const PlannedRecord& record) {
  if (const auto* memory = std::get_if<Memory>(&record)) return memory->id.to_string();
  if (const auto* relation = std::get_if<Relation>(&record)) {
    return fmt::format("{} -{}-> {}", relation->source_id.to_string(), relation->relation_type,
                       relation->target_id.to_string());
  }
  return std::get<ConsolidationTask>(record).task_id;
}

Status stage_apply(Transaction& transaction, Plan plan, std::uint64_t text_bytes_max) {
  Problems problems;
  compare_inputs(transaction, plan, problems);
  for (const PlanChange& change : plan.changes) compare_before(transaction, change, problems);
  if (auto status = problems.status("applied", plan.id); !status) return status;
  for (PlanChange& change : plan.changes) {
    if (!change.after) {
      if (auto status = take_back(transaction, *change.before); !status) return status;
      continue;
    }
    complete(*change.after, transaction);
    if (auto status = check(*change.after, text_bytes_max); !status) return status;
    if (auto status = put(transaction, *change.after, "consolidate"); !status) return status;
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
  }
  for (const Uuid& id : plan.erased) {
    problems.add(fmt::format("memory {} was erased since", id.to_string()));
  }
  for (const PlanChange& change : plan.changes) {
    compare_after(transaction, plan, change, problems);
  }
  if (auto status = problems.status("undone", plan.id); !status) return status;
  // What it changed first, then what it made: an original lets go of the merge before that goes.
  for (const PlanChange& change : plan.changes) {
    if (!change.before) continue;
    if (auto status = put(transaction, *change.before, "undo"); !status) return status;
  }
  for (const PlanChange& change : plan.changes) {
    if (change.before || !std::holds_alternative<Relation>(*change.after)) continue;
    if (auto status = take_back(transaction, *change.after); !status) return status;
  }
  for (const PlanChange& change : plan.changes) {
    if (change.before || std::holds_alternative<Relation>(*change.after)) continue;
    if (auto status = take_back(transaction, *change.after); !status) return status;
  }
  plan.status = PlanStatus::kUndone;
  plan.undone_at = transaction.now();
  transaction.put_plan(std::move(plan));
  return {};
}

}  // namespace tulving::engine
