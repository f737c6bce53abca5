// The tenant as a transaction leaves it: what is staged, then what is in RAM.

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/base/check.h"
#include "core/engine/write/transaction.h"
#include "core/model/task_queue.h"

namespace tulving::engine {

using storage::Table;

std::size_t Transaction::memory_count() const {
  std::size_t count = tenant_->memories.size();
  for (const auto& change : memories_) {
    if (change.after && !change.before) ++count;
    if (!change.after && change.before) --count;
  }
  return count;
}

RecordPtr Transaction::memory(const Uuid& id) const {
  if (const auto staged = memory_index_.find(id); staged != memory_index_.end()) {
    TULVING_DCHECK(staged->second < memories_.size());
    return memories_[staged->second].after;
  }
  const auto row = tenant_->memories.find(id);
  return row ? tenant_->memories.record(*row) : nullptr;
}

RecordPtr Transaction::memory_before(const Uuid& id) const {
  const auto row = tenant_->memories.find(id);
  return row ? tenant_->memories.record(*row) : nullptr;
}

std::vector<Uuid> Transaction::derived_of(const Uuid& id) const {
  std::set<Uuid> found;
  for (const Uuid& other : memories_where(kSourceMemoryField, id.to_string())) {
    if (!memory_index_.contains(other)) found.insert(other);
  }
  if (const auto staged = staged_derived_.find(id); staged != staged_derived_.end()) {
    for (const std::size_t place : staged->second) {
      TULVING_DCHECK(place < memories_.size());
      const RecordPtr& record = memories_[place].after;
      if (!record) continue;
      const auto sources = record->source_memory_ids();
      if (std::ranges::find(sources, id) != sources.end()) found.insert(record->id());
    }
  }
  return {found.begin(), found.end()};
}

RecordPtr Transaction::duplicate(const Said& said) const {
  // Either may have been changed by a later part of this very transaction.
  const auto still_same = [&](const Uuid& id) -> RecordPtr {
    RecordPtr current = memory(id);
    const bool is_same =
        current && said_by(*current) == said && !may_be_said_anew(*current, context_.now);
    return is_same ? current : nullptr;
  };
  const auto staged = staged_contents_.find(content_digest(tenant_->id, said));
  if (staged != staged_contents_.end()) {
    for (auto id = staged->second.rbegin(); id != staged->second.rend(); ++id) {
      if (RecordPtr current = still_same(*id)) return current;
    }
  }
  const auto row = tenant_->find_duplicate(said, context_.now);
  if (!row) return nullptr;
  const RecordPtr& found = tenant_->memories.record(*row);
  TULVING_DCHECK(said_by(*found) == said);  // No mere digest's.
  return memory_index_.contains(found->id()) ? still_same(found->id()) : found;
}

std::optional<Uuid> Transaction::named(std::string_view external_id) const {
  const auto has_it = [&](const Uuid& id) {
    const RecordPtr current = memory(id);
    return current && current->external_id() == external_id;
  };
  const Uuid derived = Uuid::derive(tenant_->id, external_id);
  if (has_it(derived)) return derived;
  const auto staged = staged_names_.find(derived);
  if (staged != staged_names_.end() && has_it(staged->second)) return staged->second;
  for (const std::uint32_t row : tenant_->rows_renamed(derived)) {
    const Uuid id = tenant_->memories.record(row)->id();
    if (has_it(id)) return id;
  }
  return std::nullopt;
}

Uuid Transaction::referred(const Uuid& id) const {
  if (id.is_nil() || memory(id)) return id;
  if (const auto staged = staged_names_.find(id); staged != staged_names_.end()) {
    return staged->second;
  }
  for (const std::uint32_t row : tenant_->rows_renamed(id)) {
    const RecordPtr current = memory(tenant_->memories.record(row)->id());
    if (current && Uuid::derive(tenant_->id, current->external_id()) == id) return current->id();
  }
  return id;
}

std::vector<Relation> Transaction::relations_of(const Uuid& memory_id) const {
  std::vector<Relation> found;
  const auto& staged = records_.of<Relation>();
  if (const auto row = tenant_->memories.find(memory_id)) {
    for (const index::Edge& edge : tenant_->graph.edges_of(*row)) {
      Relation key;
      key.source_id = tenant_->memories.record(edge.source)->id();
      key.target_id = tenant_->memories.record(edge.target)->id();
      key.relation_type = tenant_->relation_types.name(edge.type);
      kinds::give_id(tenant_->id, key);
      if (staged.contains(key.id)) continue;
      if (auto stored = get<Relation>(key.id)) found.push_back(*std::move(stored));
    }
  }
  for (const auto& [id, relation] : staged) {
    if (!relation) continue;
    const bool touches = relation->source_id == memory_id || relation->target_id == memory_id;
    if (touches) found.push_back(*relation);
  }
  return found;
}

std::vector<Uuid> Transaction::memories_where(std::uint16_t field, std::string_view value) const {
  std::vector<Uuid> ids;
  if (const Roaring* rows = tenant_->attributes.find(field, value)) {
    TULVING_DCHECK(rows->isSubset(tenant_->memories.rows()));
    for (const std::uint32_t row : *rows) ids.push_back(tenant_->memories.record(row)->id());
  }
  return ids;
}

std::vector<ConsolidationTask> Transaction::closed_tasks_of(const Uuid& memory_id,
                                                            std::string_view why) const {
  std::vector<ConsolidationTask> closed;
  const auto close = [&](std::optional<ConsolidationTask> task) {
    if (!task || task->status == ConsolidationTaskStatus::kClosed) return;
    if (!std::ranges::binary_search(task->memory_ids, memory_id)) return;
    model::close_task(*task, context_.now, why);
    closed.push_back(*std::move(task));
  };
  const auto& present = tenant_->records.of<ConsolidationTask>();
  for (const auto& [task_id, task] : present) {
    // As staged: a part of this write may have closed it.
    if (std::ranges::binary_search(task.memory_ids, memory_id)) {
      close(get<ConsolidationTask>(task_id));
    }
  }
  for (const auto& [task_id, staged] : records_.of<ConsolidationTask>()) {
    if (present.find(task_id) == nullptr) close(staged);
  }
  return closed;
}

Result<Plan> Transaction::plan(const Uuid& id) const {
  if (const auto staged = plans_.find(id); staged != plans_.end()) return staged->second;
  auto bytes = context_.journal.get(Table::kRecords,
                                    storage::record_key(number_, storage::RecordKind::kPlan, id));
  if (!bytes) return bytes.error();
  if (!*bytes) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("tenant \"{}\" has no plan {}", tenant_->id, id.to_string()), "id"};
  }
  return storage::decode_plan(**bytes);
}

bool Transaction::is_erased(const Uuid& id) const {
  return tenant_->erased_ids.contains(id) ||
         std::any_of(tombstones_.begin(), tombstones_.end(), [&](const auto& tombstone) {
           return tombstone.first == id && tombstone.second.digest != 0;
         });
}

bool Transaction::is_content_erased(const Said& said) const {
  return !tenant_->bans_on(said).empty();
}

bool Transaction::was_erased_before_format_3(const Uuid& id) const {
  const auto erased = tenant_->erased_ids.find(id);
  return erased != tenant_->erased_ids.end() && erased->second.content_id.is_nil();
}

bool Transaction::is_retracted(const Uuid& id) const {
  return !memory(id) && !is_erased(id) &&
         (tenant_->retracted_ids.contains(id) ||
          std::ranges::find(tombstones_, id, [](const auto& tombstone) {
            return tombstone.first;
          }) != tombstones_.end());
}

bool Transaction::is_forgotten(const Uuid& id) const {
  if (forgotten_.contains(id)) return true;
  const RecordPtr before = memory_before(id), after = memory(id);
  return before && after && before->status() != MemoryStatus::kDeleted &&
         after->status() == MemoryStatus::kDeleted && !collected_.contains(id);
}

std::string Transaction::model_name(std::uint16_t number) const {
  if (const auto model = context_.catalog.model(number)) return model->name;
  for (const auto& added : models_) {
    if (added.number == number) return added.name;
  }
  return {};
}

// Under the lock, unlike the rest: the indexer moves the slots of vectors beside writers.
std::vector<std::uint16_t> Transaction::models_of(std::uint32_t row) const {
  std::vector<std::uint16_t> models;
  const auto reading = shared_->read();
  for (const auto& [model, index] : tenant_->vectors) {
    if (index->contains(row)) models.push_back(model);
  }
  return models;
}

std::vector<std::string> Transaction::models_before(const Uuid& id) const {
  std::vector<std::string> names;
  const auto row = tenant_->memories.find(id);
  if (!row) return names;
  for (const std::uint16_t model : models_of(*row)) names.push_back(model_name(model));
  return names;
}

Result<std::vector<Embedding>> Transaction::stored_embeddings(
    const Uuid& id, const std::function<bool(std::uint16_t)>& is_staged) const {
  std::vector<Embedding> found;
  const auto row = tenant_->memories.find(id);
  if (!row) return found;
  for (const std::uint16_t model : models_of(*row)) {
    if (is_staged(model)) continue;
    auto bytes = context_.journal.get(Table::kVectors, storage::vector_key(number_, id, model));
    if (!bytes) return bytes.error();
    if (!*bytes) continue;
    auto stored = storage::decode_embedding(**bytes);
    if (!stored) return stored.error();
    found.push_back({model_name(model), std::move(stored->vector)});
  }
  std::ranges::sort(found, {}, &Embedding::model);
  return found;
}

Result<std::vector<Embedding>> Transaction::embeddings_before(const Uuid& id) const {
  return stored_embeddings(id, [](std::uint16_t) { return false; });
}

Result<std::vector<Embedding>> Transaction::embeddings(const Uuid& id) const {
  const auto staged = memory_index_.find(id);
  if (staged == memory_index_.end()) return embeddings_before(id);
  const auto& vectors = memories_[staged->second].vectors;
  auto found = stored_embeddings(id, [&](std::uint16_t model) {
    return std::ranges::find(vectors, model, &MemoryChange::VectorChange::model) != vectors.end();
  });
  if (!found) return found;
  for (const auto& vector : vectors) {
    if (vector.vector.empty()) continue;
    found->push_back({model_name(vector.model), {vector.vector.begin(), vector.vector.end()}});
  }
  std::ranges::sort(*found, {}, &Embedding::model);
  return found;
}

}  // namespace tulving::engine
