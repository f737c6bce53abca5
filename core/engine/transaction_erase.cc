// Erasing: a memory, what hangs on it, and what was made from it.

#include <algorithm>
#include <set>

#include "core/engine/transaction.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

namespace {

// The memory for whose content a change has to go with `erased`: itself, what was made from it, or
// what a relation of it tells. Empty: the change may stay.
std::optional<Uuid> content_of(const PlanChange& change, const Uuid& erased) {
  for (const auto* side : {&change.before, &change.after}) {
    if (!*side) continue;
    if (const auto* memory = std::get_if<Memory>(&**side)) {
      const auto& sources = memory->source_memory_ids;
      if (memory->id == erased || std::ranges::find(sources, erased) != sources.end()) {
        return memory->id;
      }
    } else if (const auto* relation = std::get_if<Relation>(&**side)) {
      if (relation->source_id == erased || relation->target_id == erased) return erased;
    }
  }
  return std::nullopt;
}

}  // namespace

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
    // The index is of before this write, which may have let go of it already.
    if (!other || other->consolidated_into_id() != id) continue;
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
  struct Derived {
    Uuid id;
    std::vector<Uuid> sources;
  };
  std::vector<Derived> derived;
  for (const char* level : {"1", "2", "3"}) {
    for (const Uuid& other : memories_where(kLevelField, level)) {
      const RecordPtr record = memory(other);
      if (!record || other == id) continue;
      auto sources = record->source_memory_ids();
      if (std::find(sources.begin(), sources.end(), id) != sources.end()) {
        derived.push_back({other, std::move(sources)});
      }
    }
  }
  for (const Derived& made : derived) {
    if (!memory(made.id)) continue;  // Gone with another one.
    for (const Uuid& source : made.sources) {
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

// Plans keep records before and after: those of an erased memory go, and those of what was made
// from it and has been taken back since, which erase_derived() no longer finds.
Status Transaction::scrub_plans(const Uuid& id) {
  std::vector<Uuid> left{id};
  std::set<Uuid> seen{id};
  while (!left.empty()) {
    const Uuid erased = left.back();
    left.pop_back();
    for (const auto& [plan_id, head] : tenant_->plans) {
      if (!std::ranges::binary_search(head.memories, erased)) continue;
      auto changed = plan(plan_id);
      if (!changed) return std::move(changed).error();
      std::set<Uuid> gone(changed->erased.begin(), changed->erased.end());
      const std::size_t before = changed->changes.size();
      std::erase_if(changed->changes, [&](const PlanChange& change) {
        const auto content = content_of(change, erased);
        if (!content) return false;
        gone.insert(*content);
        if (!memory(*content) && seen.insert(*content).second) left.push_back(*content);
        return true;
      });
      if (changed->changes.size() == before) continue;
      changed->erased.assign(gone.begin(), gone.end());
      put_plan(*std::move(changed));
    }
  }
  return {};
}

void Transaction::close_tasks_of(const Uuid& id) {
  for (const auto& [task_id, present] : tenant_->tasks) {
    if (!std::ranges::binary_search(present.memory_ids, id)) continue;
    auto task = this->task(task_id);  // As staged: a part of this write may have closed it.
    if (!task || task->status == TaskStatus::kClosed) continue;
    task->status = TaskStatus::kClosed;
    task->closed_at = context_.now;
    task->updated_at = context_.now;
    task->claimed_by.clear();
    task->claimed_until.reset();
    task->error = "a memory of it was erased";
    put_task(*std::move(task));
  }
}

}  // namespace tulving::engine
