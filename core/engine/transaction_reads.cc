// The tenant as a transaction leaves it: what is staged, then what is in RAM.

#include <fmt/format.h>

#include <algorithm>

#include "core/engine/transaction.h"

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
    return memories_[staged->second].after;
  }
  const auto row = tenant_->memories.find(id);
  return row ? tenant_->memories.record(*row) : nullptr;
}

RecordPtr Transaction::duplicate(std::string_view agent_id, std::string_view content_hash) const {
  // Either may have been changed by a later part of this very transaction.
  const auto still_same = [&](const Uuid& id) -> RecordPtr {
    RecordPtr current = memory(id);
    const bool is_same = current && current->agent_id() == agent_id &&
                         current->content_hash() == content_hash &&
                         !may_be_said_anew(*current, context_.now);
    return is_same ? current : nullptr;
  };
  const auto staged = staged_texts_.find(content_digest(tenant_->id, agent_id, content_hash));
  if (staged != staged_texts_.end()) {
    if (RecordPtr current = still_same(staged->second)) return current;
  }
  const auto row = tenant_->find_duplicate(agent_id, content_hash, context_.now);
  return row ? still_same(tenant_->memories.record(*row)->id()) : nullptr;
}

std::optional<Session> Transaction::session(std::string_view session_id) const {
  if (const auto staged = sessions_.find(session_id); staged != sessions_.end()) {
    return staged->second;
  }
  const auto found = tenant_->sessions.find(session_id);
  if (found == tenant_->sessions.end()) return std::nullopt;
  return found->second;
}

std::optional<Relation> Transaction::relation(const Uuid& id) const {
  if (const auto staged = relations_.find(id); staged != relations_.end()) {
    if (!staged->second.second) return std::nullopt;
    return staged->second.first;
  }
  const auto found = tenant_->relations.find(id);
  if (found == tenant_->relations.end()) return std::nullopt;
  return found->second;
}

std::vector<Relation> Transaction::relations_of(const Uuid& memory_id) const {
  std::vector<Relation> found;
  if (const auto row = tenant_->memories.find(memory_id)) {
    for (const index::Edge& edge : tenant_->graph.edges_of(*row)) {
      Relation key;
      key.source_id = tenant_->memories.record(edge.source)->id();
      key.target_id = tenant_->memories.record(edge.target)->id();
      key.relation_type = tenant_->relation_type_name(edge.type);
      const Uuid id = relation_id(tenant_->id, key);
      if (relations_.contains(id)) continue;
      if (auto stored = relation(id)) found.push_back(*std::move(stored));
    }
  }
  for (const auto& [id, staged] : relations_) {
    const auto& [relation, is_put] = staged;
    const bool touches = relation.source_id == memory_id || relation.target_id == memory_id;
    if (is_put && touches) found.push_back(relation);
  }
  return found;
}

std::vector<Uuid> Transaction::memories_where(std::uint16_t field, std::string_view value) const {
  std::vector<Uuid> ids;
  if (const Roaring* rows = tenant_->attributes.find(field, value)) {
    for (const std::uint32_t row : *rows) ids.push_back(tenant_->memories.record(row)->id());
  }
  return ids;
}

std::optional<ConsolidationTask> Transaction::task(std::string_view task_id) const {
  if (const auto staged = tasks_.find(task_id); staged != tasks_.end()) return staged->second;
  const auto found = tenant_->tasks.find(task_id);
  if (found == tenant_->tasks.end()) return std::nullopt;
  return found->second;
}

std::vector<ConsolidationTask> Transaction::tasks() const {
  std::map<std::string_view, const ConsolidationTask*> present;
  for (const auto& [id, task] : tenant_->tasks) present[id] = &task;
  for (const auto& [id, task] : tasks_) {
    if (task) {
      present[id] = &*task;
    } else {
      present.erase(id);
    }
  }
  std::vector<ConsolidationTask> copies;
  copies.reserve(present.size());
  for (const auto& [id, task] : present) copies.push_back(*task);
  return copies;
}

Result<Plan> Transaction::plan(const Uuid& id) const {
  if (const auto staged = plans_.find(id); staged != plans_.end()) return staged->second;
  auto bytes = context_.journal.get(Table::kRecords,
                                    storage::record_key(number_, storage::RecordKind::kPlan, id));
  if (!bytes) return std::move(bytes).error();
  if (!*bytes) {
    return Error{ErrorCode::kNotFound,
                 fmt::format("tenant \"{}\" has no plan {}", tenant_->id, id.to_string()), "id"};
  }
  return storage::decode_plan(**bytes);
}

std::optional<ConsolidationJob> Transaction::job(const Uuid& id) const {
  if (const auto staged = jobs_.find(id); staged != jobs_.end()) return staged->second;
  const auto found = tenant_->jobs.find(id);
  if (found == tenant_->jobs.end()) return std::nullopt;
  return found->second;
}

bool Transaction::is_erased(const Uuid& id) const {
  return tenant_->erased_ids.contains(id) ||
         std::any_of(tombstones_.begin(), tombstones_.end(), [&](const auto& tombstone) {
           return tombstone.first == id && tombstone.second != 0;
         });
}

bool Transaction::is_text_erased(std::string_view agent_id, std::string_view content_hash) const {
  if (tenant_->erased_texts.empty()) return false;
  return tenant_->erased_texts.contains(content_digest(tenant_->id, agent_id, content_hash));
}

Result<std::vector<Embedding>> Transaction::embeddings(const Uuid& id) const {
  std::vector<Embedding> found;
  const auto row = tenant_->memories.find(id);
  const auto staged = memory_index_.find(id);
  const auto is_staged = [&](std::uint16_t model) {
    if (staged == memory_index_.end()) return false;
    const auto& vectors = memories_[staged->second].vectors;
    return std::any_of(vectors.begin(), vectors.end(),
                       [&](const auto& vector) { return vector.model == model; });
  };
  const auto name_of = [&](std::uint16_t number) {
    const auto model = context_.catalog.model(number);
    if (model) return model->name;
    for (const auto& added : models_) {
      if (added.number == number) return added.name;
    }
    return std::string();
  };
  if (row) {
    for (const auto& [model, index] : tenant_->vectors) {
      if (!index->contains(*row) || is_staged(model)) continue;
      auto bytes = context_.journal.get(Table::kVectors, storage::vector_key(number_, id, model));
      if (!bytes) return std::move(bytes).error();
      if (!*bytes) continue;
      auto stored = storage::decode_embedding(**bytes);
      if (!stored) return std::move(stored).error();
      found.push_back({name_of(model), std::move(stored->vector)});
    }
  }
  if (staged != memory_index_.end()) {
    for (const auto& vector : memories_[staged->second].vectors) {
      if (!vector.vector.empty()) found.push_back({name_of(vector.model), vector.vector});
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Embedding& a, const Embedding& b) { return a.model < b.model; });
  return found;
}

}  // namespace tulving::engine
