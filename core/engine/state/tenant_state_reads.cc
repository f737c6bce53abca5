#include <algorithm>
#include <limits>

#include "core/base/check.h"
#include "core/engine/state/tenant_state.h"
#include "tulving/json.h"

// What readers and the writer ask of a tenant's state; they hold its mutex.

namespace tulving::engine {
namespace {

// The memories whose content is in a record: a merge has its sources' words, a relation's metadata
// and a task's notes their entities.
void add_memories(const PlannedRecord& record, std::vector<Uuid>& ids) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    ids.push_back(memory->id);
    ids.insert(ids.end(), memory->source_memory_ids.begin(), memory->source_memory_ids.end());
  } else if (const auto* relation = std::get_if<Relation>(&record)) {
    ids.push_back(relation->source_id);
    ids.push_back(relation->target_id);
  } else if (const auto& task = std::get<ConsolidationTask>(record); !task.notes.empty()) {
    ids.insert(ids.end(), task.memory_ids.begin(), task.memory_ids.end());
  }
}

}  // namespace

bool may_be_said_anew(const storage::MemoryRecord& record, Timestamp now) {
  return record.status() == MemoryStatus::kDeleted ||
         (record.expires_at() && *record.expires_at() <= now);
}

std::vector<ContentBan> TenantState::bans_on(const Said& said) const {
  std::vector<ContentBan> bans;
  if (erased_texts.empty()) return bans;
  const auto look = [&](const ContentBan& ban) {
    if (erased_texts.contains(ban)) bans.push_back(ban);
  };
  const std::uint64_t digest = content_digest(id, said);
  look({digest, {}});
  look({former_content_digest(id, said), {}});
  if (erased_texts.may_contain(digest)) look({digest, content_id(id, said)});
  return bans;
}

std::optional<std::uint32_t> TenantState::find_duplicate(const Said& said, Timestamp now) const {
  const auto found = rows_by_content_.find(content_digest(id, said));
  if (found == rows_by_content_.end()) return std::nullopt;
  std::optional<std::uint32_t> shown, archived;
  for (const std::uint32_t row : found->second) {
    TULVING_DCHECK(memories.rows().contains(row));
    const auto& record = *memories.record(row);
    if (said_by(record) != said || may_be_said_anew(record, now)) continue;
    auto& first = record.status() == MemoryStatus::kArchived ? archived : shown;
    if (!first || memories.ties().before(row, *first)) first = row;
  }
  return shown ? shown : archived;
}

TenantState::Rows TenantState::rows_named(std::string_view external_id) const {
  const Uuid derived = Uuid::derive(id, external_id);
  Rows rows = rows_renamed(derived);
  rows.erase(std::remove_if(rows.begin(), rows.end(),
                            [&](std::uint32_t row) {
                              return memories.record(row)->external_id() != external_id;
                            }),
             rows.end());
  const auto own = memories.find(derived);
  if (own && memories.record(*own)->external_id() == external_id) rows.insert(rows.begin(), *own);
  return rows;
}

TenantState::Rows TenantState::rows_renamed(const Uuid& derived) const {
  const auto found = rows_by_name_.find(derived);
  if (found == rows_by_name_.end()) return {};
  Rows rows = found->second;
  TULVING_DCHECK(!rows.empty());  // A name that the last memory left is forgotten.
  std::sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) {
    return memories.record(a)->id() < memories.record(b)->id();
  });
  return rows;
}

Roaring TenantState::visible_rows(const Visibility& visibility) const {
  Roaring rows;
  const auto add_status = [&](MemoryStatus status) {
    if (const Roaring* found = attributes.find(number_of(Field::kStatus), to_string(status))) {
      rows |= *found;
    }
  };
  add_status(MemoryStatus::kActive);
  add_status(MemoryStatus::kPromoted);
  if (visibility.archived) add_status(MemoryStatus::kArchived);
  if (visibility.deleted) add_status(MemoryStatus::kDeleted);
  if (!visibility.expired) rows -= expired_rows(visibility.now);
  TULVING_DCHECK(rows.isSubset(memories.rows()));
  return rows;
}

Roaring TenantState::expired_rows(Timestamp time) const {
  if (!expires.any_up_to(micros(time))) return {};
  return expires.range(-kEndOfTime, micros(time));
}

bool TenantState::all_active(const Visibility& visibility) const {
  const Roaring* active =
      attributes.find(number_of(Field::kStatus), to_string(MemoryStatus::kActive));
  const std::uint64_t count = active == nullptr ? 0 : active->cardinality();
  TULVING_DCHECK(count <= memories.size());  // Each memory has one status.
  return count == memories.size() &&
         (visibility.expired || !expires.any_up_to(micros(visibility.now)));
}

bool TenantState::is_visible(std::uint32_t row, const Visibility& visibility) const {
  TULVING_DCHECK(memories.rows().contains(row));
  const auto& record = *memories.record(row);
  const MemoryStatus status = record.status();
  if (status == MemoryStatus::kArchived && !visibility.archived) return false;
  if (status == MemoryStatus::kDeleted && !visibility.deleted) return false;
  const auto expiry = record.expires_at();
  return visibility.expired || !expiry || *expiry > visibility.now;
}

bool TenantState::is_told_before(std::uint32_t a, std::uint32_t b) const {
  const auto name_of = [this](std::uint32_t row) {  // verify() may meet a row whose memory is gone.
    const RecordPtr& record = memories.record(row);
    return record ? record->external_id() : std::string_view();
  };
  const std::string_view name_a = name_of(a), name_b = name_of(b);
  if (name_a.size() != name_b.size()) return name_a.size() < name_b.size();
  return name_a != name_b ? name_a < name_b : memories.ties().before(a, b);
}

std::shared_ptr<const MergeSources> TenantState::merge_sources() const {
  if (attributes.find(kLevelField, "1") == nullptr) return nullptr;
  const MutexLock lock(merge_sources_mutex_);
  if (!merge_sources_) merge_sources_ = std::make_shared<MergeSources>(MergeSources::of(*this));
  return merge_sources_->pairs.empty() ? nullptr : merge_sources_;
}

std::optional<double> TenantState::cosine(std::uint32_t a, std::uint32_t b) const {
  for (const auto& [model, index] : vectors) {
    if (index->contains(a) && index->contains(b)) return double{index->similarity(a, b)};
  }
  return std::nullopt;
}

PlanHead head_of(const Plan& plan) {
  PlanHead head;
  head.summary = {plan.id,           plan.origin,         plan.status,
                  plan.created_at,   plan.applied_at,     plan.undone_at,
                  plan.items.size(), plan.changes.size(), plan.revision};
  for (const PlanChange& change : plan.changes) {
    for (const auto* record : {&change.before, &change.after}) {
      if (*record) add_memories(**record, head.memories);
    }
  }
  // What these agents say of a memory has words of it.
  for (const PlanItem& item : plan.items) {
    if (item.agent != UpkeepAgent::kRelations && item.agent != UpkeepAgent::kPromote) continue;
    for (const PlanInput& input : item.inputs) head.memories.push_back(input.id);
  }
  std::sort(head.memories.begin(), head.memories.end());
  head.memories.erase(std::unique(head.memories.begin(), head.memories.end()), head.memories.end());
  head.memories.shrink_to_fit();
  return head;
}

}  // namespace tulving::engine
