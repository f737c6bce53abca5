#include "core/engine/follow/follow_writes.h"

#include "core/base/check.h"
#include "core/engine/write/planned_record.h"

namespace tulving::engine {

void FollowWrites::note(std::optional<PlannedRecord> before, std::optional<PlannedRecord> after) {
  TULVING_DCHECK(before || after);
  TULVING_DCHECK(!before || !after || name_of(*before) == name_of(*after));
  std::string name = name_of(after ? *after : *before);
  const auto [entry, is_new] = changes_.try_emplace(std::move(name));
  if (is_new) entry->second.before = std::move(before);
  entry->second.after = std::move(after);
}

Status FollowWrites::put(Memory memory) {
  auto before = current(transaction_, PlannedRecord(memory));
  Memory after = memory;
  after.embeddings.clear();
  if (auto status = transaction_.put_memory(std::move(memory), "follow"); !status) return status;
  note(std::move(before), std::move(after));
  return {};
}

Status FollowWrites::remove(const Memory& memory) {
  for (const Relation& relation : transaction_.relations_of(memory.id)) {
    note(PlannedRecord(relation), std::nullopt);
  }
  note(current(transaction_, PlannedRecord(memory)), std::nullopt);
  return transaction_.retract_memory(memory.id);
}

void FollowWrites::put(Relation relation) {
  kinds::give_id(transaction_.tenant_id(), relation);
  note(current(transaction_, PlannedRecord(relation)), PlannedRecord(relation));
  transaction_.put(std::move(relation));
}

void FollowWrites::erase(const Relation& relation) {
  note(PlannedRecord(relation), std::nullopt);
  transaction_.erase(relation);
}

void FollowWrites::put(ConsolidationTask task) {
  note(current(transaction_, PlannedRecord(task)), PlannedRecord(task));
  transaction_.put(std::move(task));
}

std::vector<PlanChange> FollowWrites::take_changes() {
  std::vector<PlanChange> changes;
  for (auto& [name, change] : changes_) {
    // Made and gone again within one write.
    if (change.before || change.after) changes.push_back(std::move(change));
  }
  changes_.clear();
  return changes;
}

}  // namespace tulving::engine
