// Sources that leave what was made of them, and merges that have too few left.

#include <algorithm>
#include <utility>

#include "core/base/check.h"
#include "core/engine/follow/follow_pass.h"
#include "core/merging/rederive.h"

namespace tulving::engine {
namespace {

constexpr std::string_view kConsolidatedFrom = "consolidated_from";
constexpr int kMergesDeepMax = 1000;  // Imports can make rings.

bool is_shown(MemoryStatus status) {
  return status == MemoryStatus::kActive || status == MemoryStatus::kPromoted;
}

// The memory that shows, or would, what `memory` says: itself, or the merge that it went into.
Memory standing_for(const Transaction& transaction, Memory memory) {
  for (int depth = 0; depth < kMergesDeepMax; ++depth) {
    const Uuid id = memory.consolidated_into_id;
    const RecordPtr into = id.is_nil() ? nullptr : transaction.memory(id);
    if (!into) break;
    memory = into->to_memory();
  }
  return memory;
}

// A source that comes back is shown when its merge was, and put aside or deleted as that was.
void take_status(Memory& source, const Memory& shown) {
  source.archived_at.reset();
  source.deleted_at.reset();
  if (is_shown(shown.status)) {
    const bool was_promoted = source.promoted_at || !source.ltm_path.empty();
    source.status = was_promoted ? MemoryStatus::kPromoted : MemoryStatus::kActive;
    return;
  }
  TULVING_DCHECK(shown.status == MemoryStatus::kArchived || shown.status == MemoryStatus::kDeleted);
  source.status = shown.status;
  source.archived_at = shown.archived_at;
  source.deleted_at = shown.deleted_at;
}

}  // namespace

Status FollowPass::let_go(const Made& made, const std::vector<Uuid>& sources) {
  for (const Uuid& source : sources) {
    unlink(made.present.id, source);
    if (auto status = give_back(made, source); !status) return status;
  }
  return {};
}

Status FollowPass::give_back(const Made& made, const Uuid& source) {
  const RecordPtr record = transaction_.memory(source);
  if (!record || record->consolidated_into_id() != made.present.id) return {};
  Memory memory = record->to_memory();
  memory.consolidated_into_id = {};
  if (!transaction_.is_forgotten(source)) {
    take_status(memory, standing_for(transaction_, made.present));
  }
  memory.updated_at = transaction_.now();
  return writes_.put(std::move(memory));
}

void FollowPass::unlink(const Uuid& made, const Uuid& source) {
  for (const Relation& relation : transaction_.relations_of(source)) {
    const bool is_link = relation.source_id == made && relation.relation_type == kConsolidatedFrom;
    if (is_link) writes_.erase(relation);
  }
}

Status FollowPass::dissolve(const Made& made) {
  const Uuid id = made.present.id;
  pass_on(id);
  if (auto status = let_go(made, made.leaving); !status) return status;
  std::optional<Uuid> heir;
  if (made.is_merge && made.staying.size() == 1) {
    heir = made.staying.front();
    if (auto status = hand_over(made, *heir); !status) return status;
  } else if (auto status = let_go(made, made.staying); !status) {
    return status;
  }
  if (auto status = leave_parents(made, heir); !status) return status;
  constexpr std::string_view kWhy = "the memory has gone back into what it was made of";
  for (ConsolidationTask& task : transaction_.closed_tasks_of(id, kWhy)) {
    writes_.put(std::move(task));
  }
  return writes_.remove(made.present);
}

// The last source takes the merge's place, in a further merge too.
Status FollowPass::hand_over(const Made& made, const Uuid& last) {
  const Memory& merge = made.present;
  TULVING_DCHECK(last != merge.id && transaction_.memory(last));  // It stays: look_at() found it.
  Memory source = transaction_.memory(last)->to_memory();
  if (source.consolidated_into_id == merge.id) {
    source.consolidated_into_id = {};
    const bool is_held = !merge.consolidated_into_id.is_nil();  // Archived or collected by gc.
    if (is_held) {
      source.consolidated_into_id = merge.consolidated_into_id;
      source.status = MemoryStatus::kArchived;
      source.archived_at = merge.archived_at;
      source.deleted_at.reset();
    } else {
      take_status(source, merge);
    }
    source.updated_at = transaction_.now();
  }
  merging::inherit_from_merge(source, merge, made.before ? &*made.before : nullptr);
  hand_over_relations(merge.id, last);
  return writes_.put(std::move(source));
}

void FollowPass::hand_over_relations(const Uuid& merge, const Uuid& heir) {
  for (Relation relation : transaction_.relations_of(merge)) {
    const bool is_own = relation.source_id == merge;
    if (is_own && relation.relation_type == kConsolidatedFrom) continue;
    writes_.erase(relation);
    TULVING_DCHECK(is_own || relation.target_id == merge);
    (is_own ? relation.source_id : relation.target_id) = heir;
    kinds::give_id(transaction_.tenant_id(), relation);
    const bool is_to_itself = relation.source_id == relation.target_id;
    if (!is_to_itself && !transaction_.has<Relation>(relation.id)) writes_.put(std::move(relation));
  }
}

// What was made of the merge is made of its heir, or of one source less.
Status FollowPass::leave_parents(const Made& made, const std::optional<Uuid>& heir) {
  for (const Uuid& id : transaction_.derived_of(made.present.id)) {
    if (transaction_.is_settled(id) || id == made.present.id) continue;
    TULVING_DCHECK(transaction_.memory(id));  // derived_of() names what is there after this write.
    Memory parent = transaction_.memory(id)->to_memory();
    std::erase(parent.source_memory_ids, made.present.id);
    const bool is_new = heir && std::ranges::find(parent.source_memory_ids, *heir) ==
                                    parent.source_memory_ids.end();
    if (is_new) parent.source_memory_ids.push_back(*heir);
    std::ranges::sort(parent.source_memory_ids);
    if (auto status = writes_.put(std::move(parent)); !status) return status;
  }
  return {};
}

}  // namespace tulving::engine
