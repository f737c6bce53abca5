// Erasing: a memory, what hangs on it, and what was made from it.

#include <algorithm>

#include "core/engine/transaction.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

Status Transaction::erase_memory(const Uuid& id) {
  const RecordPtr record = memory(id);
  const std::uint64_t digest =
      content_digest(tenant_->id, record->agent_id(), record->content_hash());
  if (auto status = erase_derived(id); !status) return status;
  if (auto status = scrub_plans(id); !status) return status;
  close_tasks_of(id);
  return remove_memory(id, digest);
}

Status Transaction::retract_memory(const Uuid& id) { return remove_memory(id, 0); }

// The memory alone, with what hangs on it.
Status Transaction::remove_memory(const Uuid& id, std::uint64_t text_digest) {
  for (const Relation& relation : relations_of(id)) erase_relation(relation);
  for (const Uuid& merged : memories_where(kConsolidatedIntoField, id.to_string())) {
    const RecordPtr other = memory(merged);
    if (!other || merged == id) continue;
    Memory unlinked = other->to_memory();
    unlinked.consolidated_into_id = {};
    if (auto status = put_memory(std::move(unlinked), {}); !status) return status;
  }
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kMemory, id));
  if (const auto row = tenant_->memories.find(id)) {
    for (const auto& [model, index] : tenant_->vectors) {
      if (index->contains(*row)) {
        batch_.erase(Table::kVectors, storage::vector_key(number_, id, model));
      }
    }
  }
  MemoryChange& change = change_of(id);
  for (const auto& vector : change.vectors) {
    batch_.erase(Table::kVectors, storage::vector_key(number_, id, vector.model));
  }
  const auto versions = context_.journal.snapshot();
  auto scanned = versions->scan(Table::kHistory, storage::history_prefix(number_, id),
                                [&](std::string_view key, std::string_view) -> Status {
                                  batch_.erase(Table::kHistory, std::string(key));
                                  return {};
                                });
  if (!scanned) return scanned;
  if (change.before) {
    // A version staged in this very transaction may have put one more.
    batch_.erase(Table::kHistory, storage::history_key(number_, id, change.before->revision()));
  }
  change.after = nullptr;
  change.vectors.clear();
  put_tombstone(RecordKind::kMemory, id, {context_.revision, 0, {}, text_digest});
  tombstones_.emplace_back(id, text_digest);
  return {};
}

// A merge or pattern holds the memory's words. Erased with it, so the words are gone; the other
// memories of a merge come back from the archive, so theirs are not.
Status Transaction::erase_derived(const Uuid& id) {
  std::vector<Memory> derived;
  for (const char* level : {"1", "2", "3"}) {
    for (const Uuid& other : memories_where(kLevelField, level)) {
      const RecordPtr record = memory(other);
      if (!record || other == id) continue;
      Memory made = record->to_memory();
      const auto& sources = made.source_memory_ids;
      if (std::find(sources.begin(), sources.end(), id) != sources.end()) {
        derived.push_back(std::move(made));
      }
    }
  }
  for (const Memory& made : derived) {
    if (!memory(made.id)) continue;  // Gone with another one.
    for (const Uuid& source : made.source_memory_ids) {
      if (source == id) continue;
      if (auto status = restore_source(source, made.id); !status) return status;
    }
    if (auto status = erase_memory(made.id); !status) return status;
  }
  return {};
}

Status Transaction::restore_source(const Uuid& id, const Uuid& merge) {
  const RecordPtr record = memory(id);
  if (!record || record->consolidated_into_id() != merge) return {};
  Memory source = record->to_memory();
  source.consolidated_into_id = {};
  source.status = source.promoted_at ? MemoryStatus::kPromoted : MemoryStatus::kActive;
  source.archived_at.reset();
  source.deleted_at.reset();
  source.updated_at = context_.now;
  return put_memory(std::move(source), "restore");
}

// Plans keep records before and after: those of an erased memory go.
Status Transaction::scrub_plans(const Uuid& id) {
  const auto is_of = [&](const std::optional<PlannedRecord>& record) {
    return record && std::holds_alternative<Memory>(*record) && std::get<Memory>(*record).id == id;
  };
  for (const auto& [plan_id, head] : tenant_->plans) {
    if (!std::binary_search(head.memories.begin(), head.memories.end(), id)) continue;
    auto changed = plan(plan_id);
    if (!changed) return std::move(changed).error();
    std::erase_if(changed->changes, [&](const PlanChange& change) {
      return is_of(change.before) || is_of(change.after);
    });
    const auto place = std::lower_bound(changed->erased.begin(), changed->erased.end(), id);
    if (place == changed->erased.end() || *place != id) changed->erased.insert(place, id);
    put_plan(*std::move(changed));
  }
  return {};
}

void Transaction::close_tasks_of(const Uuid& id) {
  for (ConsolidationTask& task : tasks()) {
    const bool concerns = std::binary_search(task.memory_ids.begin(), task.memory_ids.end(), id);
    if (!concerns || task.status == TaskStatus::kClosed) continue;
    task.status = TaskStatus::kClosed;
    task.closed_at = context_.now;
    task.updated_at = context_.now;
    task.claimed_by.clear();
    task.claimed_until.reset();
    task.error = "a memory of it was erased";
    put_task(std::move(task));
  }
}

}  // namespace tulving::engine
