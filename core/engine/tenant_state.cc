#include "core/engine/tenant_state.h"

#include <algorithm>
#include <limits>

#include "core/base/hash.h"
#include "core/model/metadata.h"
#include "tulving/json.h"

namespace tulving::engine {
namespace {

constexpr std::int64_t kEndOfTime = std::numeric_limits<std::int64_t>::max();

std::int64_t micros(Timestamp time) { return time.time_since_epoch().count(); }

// The memories whose content is in a record: a merge has its sources' words, and a relation's
// metadata their entities.
void add_memories(const PlannedRecord& record, std::vector<Uuid>& ids) {
  if (const auto* memory = std::get_if<Memory>(&record)) {
    ids.push_back(memory->id);
    ids.insert(ids.end(), memory->source_memory_ids.begin(), memory->source_memory_ids.end());
  } else if (const auto* relation = std::get_if<Relation>(&record)) {
    ids.push_back(relation->source_id);
    ids.push_back(relation->target_id);
  }
}

// The table of a record's fields lies at the front of its bytes.
void prefetch_front(std::string_view bytes) {
  constexpr std::size_t kFrontBytes = 320, kLineBytes = 64;
  for (std::size_t at = 0; at < std::min(kFrontBytes, bytes.size()); at += kLineBytes) {
    __builtin_prefetch(bytes.data() + at);
  }
}

std::uint16_t number_of(Field field) { return static_cast<std::uint16_t>(field); }

}  // namespace

std::uint64_t content_digest(std::string_view tenant_id, std::string_view agent_id,
                             std::string_view content_hash) {
  std::string joined;
  joined.reserve(tenant_id.size() + agent_id.size() + content_hash.size() + 2);
  joined.append(tenant_id).push_back('\0');
  joined.append(agent_id).push_back('\0');
  joined.append(content_hash);
  const std::uint64_t digest = xxh3(std::string_view(joined));
  return digest == 0 ? 1 : digest;  // 0 means "none" in a tombstone.
}

void TenantState::apply(const MemoryChange& change) {
  const Uuid memory_id = change.after ? change.after->id() : change.before->id();
  const std::uint32_t row = memories.row_for(memory_id);
  const bool text_changed =
      !change.before || !change.after || change.before->text() != change.after->text();
  apply_record(change.before, change.after);
  if (!change.after) {
    text->erase(row);
    for (auto& [model, index] : vectors) index->erase(row);
    return;
  }
  if (text_changed) text->set(row, change.after->text());
  for (const auto& vector : change.vectors) {
    if (vector.vector.empty()) {
      if (const auto found = vectors.find(vector.model); found != vectors.end()) {
        found->second->erase(row);
      }
    } else {
      vector_index(vector.model, static_cast<std::uint32_t>(vector.vector.size()))
          .set(row, vector.vector);
    }
  }
}

void TenantState::apply_record(const RecordPtr& before, const RecordPtr& after) {
  const std::uint32_t row = memories.row_for(after ? after->id() : before->id());
  if (before) {
    index_attributes(row, *before, false);
    index_turn(row, *before, false);
  }
  if (!after) {
    memories.erase(row);
    for (auto* column : {&created, &updated, &last_used, &expires}) column->erase(row);
    graph.erase_row(row);
    return;
  }
  memories.put(row, after);
  index_attributes(row, *after, true);
  index_turn(row, *after, true);
  index_columns(row, *after);
  if (before && before->expires_at() && !after->expires_at()) expires.erase(row);
}

void TenantState::index_records() {
  rows_by_text_.reserve(memories.size());
  constexpr std::uint32_t kAhead = 8;  // Records lie anywhere; a third of the time was waiting.
  for (const std::uint32_t row : memories.rows()) {
    if (row + 2 * kAhead < memories.row_limit()) {
      __builtin_prefetch(memories.record(row + 2 * kAhead).get());
      if (const auto* next = memories.record(row + kAhead).get()) prefetch_front(next->bytes());
    }
    const storage::MemoryRecord& record = *memories.record(row);
    index_attributes(row, record, true);
    index_turn(row, record, true);
    index_columns(row, record);
  }
}

void TenantState::index_columns(std::uint32_t row, const storage::MemoryRecord& record) {
  created.set(row, micros(record.created_at()));
  updated.set(row, micros(record.updated_at()));
  last_used.set(row, micros(record.last_used()));
  if (const auto expiry = record.expires_at()) expires.set(row, micros(*expiry));
}

void TenantState::index_turn(std::uint32_t row, const storage::MemoryRecord& record, bool add) {
  const std::string_view type = record.memory_type();
  if (record.abstraction_level() > 0) return;  // A merge stands in its turns' places.
  if (record.session_id().empty() || (type != "conversation" && type != "interaction")) return;
  if (add) {
    turns.add(record.session_id(), micros(record.created_at()), row);
  } else {
    turns.remove(record.session_id(), micros(record.created_at()), row);
  }
}

void TenantState::index_attributes(std::uint32_t row, const storage::MemoryRecord& record,
                                   bool add) {
  const auto one = [&](std::uint16_t field, std::string_view value) {
    if (value.empty()) return;
    if (add) {
      attributes.add(row, field, value);
    } else {
      attributes.remove(row, field, value);
    }
  };
  one(number_of(Field::kAgentId), record.agent_id());
  one(number_of(Field::kUserId), record.user_id());
  one(number_of(Field::kProjectId), record.project_id());
  one(number_of(Field::kSessionId), record.session_id());
  one(number_of(Field::kTaskId), record.task_id());
  one(number_of(Field::kStageId), record.stage_id());
  one(number_of(Field::kMemoryType), record.memory_type());
  one(number_of(Field::kLayer), to_string(record.layer()));
  one(number_of(Field::kSourceType), to_string(record.source_type()));
  one(number_of(Field::kSourceAgent), record.source_agent());
  one(number_of(Field::kSourceId), record.source_id());
  one(number_of(Field::kStatus), to_string(record.status()));
  for (const std::string_view tag : record.tags()) one(number_of(Field::kTag), tag);
  for (const std::string_view entity : record.entities()) one(number_of(Field::kEntity), entity);
  const char priority[] = {static_cast<char>('0' + record.priority() % 10), '\0'};
  one(kPriorityField, priority);
  const char level[] = {static_cast<char>('0' + record.abstraction_level()), '\0'};
  one(kLevelField, level);
  if (const Uuid into = record.consolidated_into_id(); !into.is_nil()) {
    one(kConsolidatedIntoField, into.to_string());
  }
  if (!record.metadata().empty()) {
    model::visit_metadata_scalars(
        record.metadata(), [&](std::string_view path, std::string_view value) {
          one(kMetadataField, std::string(path).append(1, '\0').append(value));
        });
  }
  // Kept with the attributes because it follows the same rule: a row per value, added and removed
  // alike.
  auto& same_text = rows_by_text_[content_digest(id, record.agent_id(), record.content_hash())];
  if (add) {
    same_text.push_back(row);
    return;
  }
  same_text.erase(std::remove(same_text.begin(), same_text.end(), row), same_text.end());
  if (same_text.empty()) {
    rows_by_text_.erase(content_digest(id, record.agent_id(), record.content_hash()));
  }
}

bool may_be_said_anew(const storage::MemoryRecord& record, Timestamp now) {
  return record.status() == MemoryStatus::kDeleted ||
         (record.expires_at() && *record.expires_at() <= now);
}

std::optional<std::uint32_t> TenantState::find_duplicate(std::string_view agent_id,
                                                         std::string_view content_hash,
                                                         Timestamp now) const {
  const auto found = rows_by_text_.find(content_digest(id, agent_id, content_hash));
  if (found == rows_by_text_.end()) return std::nullopt;
  std::optional<std::uint32_t> archived;
  for (const std::uint32_t row : found->second) {
    const auto& record = *memories.record(row);
    if (record.agent_id() != agent_id || record.content_hash() != content_hash) continue;
    if (may_be_said_anew(record, now)) continue;
    if (record.status() != MemoryStatus::kArchived) return row;
    archived = row;
  }
  return archived;
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
  if (!visibility.expired && expires.any_up_to(micros(visibility.now))) {
    rows -= expires.range(-kEndOfTime, micros(visibility.now));
  }
  return rows;
}

bool TenantState::all_active(const Visibility& visibility) const {
  const Roaring* active =
      attributes.find(number_of(Field::kStatus), to_string(MemoryStatus::kActive));
  const std::uint64_t count = active == nullptr ? 0 : active->cardinality();
  return count == memories.size() &&
         (visibility.expired || !expires.any_up_to(micros(visibility.now)));
}

bool TenantState::is_visible(std::uint32_t row, const Visibility& visibility) const {
  const auto& record = *memories.record(row);
  const MemoryStatus status = record.status();
  if (status == MemoryStatus::kArchived && !visibility.archived) return false;
  if (status == MemoryStatus::kDeleted && !visibility.deleted) return false;
  const auto expiry = record.expires_at();
  return visibility.expired || !expiry || *expiry > visibility.now;
}

void TenantState::put_relation(const Relation& relation) {
  const auto source = memories.find(relation.source_id);
  const auto target = memories.find(relation.target_id);
  if (!source || !target) return;  // Checked before the write; in recovery, verify() reports it.
  graph.set({*source, *target, relation_type_number(relation.relation_type), relation.strength});
  relations[relation.id] = relation;
}

void TenantState::erase_relation(const Uuid& relation_id) {
  const auto found = relations.find(relation_id);
  if (found == relations.end()) return;
  const auto source = memories.find(found->second.source_id);
  const auto target = memories.find(found->second.target_id);
  const auto type = find_relation_type(found->second.relation_type);
  if (source && target && type) graph.erase(*source, *target, *type);
  relations.erase(found);
}

void TenantState::see_tombstone(const Uuid& memory, std::uint64_t content_digest) {
  if (content_digest == 0) {
    retracted_ids.insert(memory);
    return;
  }
  erased_ids.insert(memory);
  erased_texts.insert(content_digest);
}

index::VectorIndex& TenantState::vector_index(std::uint16_t model, std::uint32_t dim) {
  auto& index = vectors[model];
  if (!index) index = std::make_shared<index::VectorIndex>(dim, vector_options_);
  return *index;
}

std::uint16_t TenantState::relation_type_number(std::string_view type) {
  if (const auto known = find_relation_type(type)) return *known;
  relation_types_.emplace_back(type);
  return static_cast<std::uint16_t>(relation_types_.size() - 1);
}

std::optional<std::uint16_t> TenantState::find_relation_type(std::string_view type) const {
  const auto found = std::find(relation_types_.begin(), relation_types_.end(), type);
  if (found == relation_types_.end()) return std::nullopt;
  return static_cast<std::uint16_t>(found - relation_types_.begin());
}

const std::string& TenantState::relation_type_name(std::uint16_t type) const {
  return relation_types_[type];
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
  std::sort(head.memories.begin(), head.memories.end());
  head.memories.erase(std::unique(head.memories.begin(), head.memories.end()), head.memories.end());
  head.memories.shrink_to_fit();
  return head;
}

}  // namespace tulving::engine
