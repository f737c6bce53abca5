#include "core/engine/transaction.h"

#include <fmt/format.h>

#include <algorithm>
#include <mutex>

#include "core/base/hash.h"

namespace tulving::engine {

using storage::RecordKind;
using storage::Table;

Uuid session_row_id(std::string_view tenant_id, std::string_view session_id) {
  return Uuid::derive(tenant_id, std::string("session/").append(session_id));
}

Uuid relation_id(std::string_view tenant_id, const Relation& relation) {
  return Uuid::derive(tenant_id,
                      fmt::format("relation/{}/{}/{}", relation.source_id.to_string(),
                                  relation.target_id.to_string(), relation.relation_type));
}

Transaction::Transaction(const Context& context, std::shared_ptr<TenantState> tenant)
    : context_(context),
      tenant_(std::move(tenant)),
      number_(tenant_->number.value_or(context.catalog.next_tenant_number())),
      is_new_tenant_(!tenant_->number.has_value()) {
  if (is_new_tenant_) {
    batch_.put(Table::kMeta, storage::tenant_key(number_),
               storage::encode_tenant({number_, context.revision, tenant_->id}));
  }
}

bool Transaction::empty() const { return batch_.operations().size() == (is_new_tenant_ ? 1 : 0); }

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
                         current->status() != MemoryStatus::kDeleted;
    return is_same ? current : nullptr;
  };
  const auto staged = staged_texts_.find(content_digest(tenant_->id, agent_id, content_hash));
  if (staged != staged_texts_.end()) {
    if (RecordPtr current = still_same(staged->second)) return current;
  }
  const auto row = tenant_->find_duplicate(agent_id, content_hash);
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

bool Transaction::is_erased(const Uuid& id) const {
  return tenant_->erased_ids.contains(id) ||
         std::any_of(tombstones_.begin(), tombstones_.end(),
                     [&](const auto& tombstone) { return tombstone.first == id; });
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

MemoryChange& Transaction::change_of(const Uuid& id) {
  const auto [entry, is_new] = memory_index_.try_emplace(id, memories_.size());
  if (is_new) {
    MemoryChange change;
    if (const auto row = tenant_->memories.find(id)) change.before = tenant_->memories.record(*row);
    memories_.push_back(std::move(change));
  }
  return memories_[entry->second];
}

Result<std::uint16_t> Transaction::model_number(const Embedding& embedding) {
  const auto dim = static_cast<std::uint32_t>(embedding.vector.size());
  auto model = context_.catalog.model(embedding.model);
  for (const auto& added : models_) {
    if (added.name == embedding.model) model = added;
  }
  const auto& options = context_.options;
  const bool is_pinned = options.embedding_dim != 0 && embedding.model == options.default_model;
  const std::uint32_t expected = model ? model->dim : is_pinned ? options.embedding_dim : dim;
  if (dim != expected) {
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("embedding has {} dimensions; model \"{}\" has {} in this store", dim,
                             embedding.model, expected),
                 "embedding"};
  }
  if (model) return model->number;
  const auto number =
      static_cast<std::uint16_t>(context_.catalog.next_model_number() + models_.size());
  models_.push_back({number, context_.revision, embedding.model, dim});
  batch_.put(Table::kMeta, storage::model_key(number), storage::encode_model(models_.back()));
  return number;
}

Status Transaction::put_memory(Memory memory, std::string_view history_operation) {
  memory.revision = context_.revision;
  const Uuid id = memory.id;
  std::vector<MemoryChange::VectorChange> vectors;
  for (Embedding& embedding : memory.embeddings) {
    auto number = model_number(embedding);
    if (!number) return std::move(number).error();
    batch_.put(Table::kVectors, storage::vector_key(number_, id, *number),
               storage::encode_embedding(context_.revision, embedding.vector));
    vectors.push_back({*number, std::move(embedding.vector)});
  }
  memory.embeddings.clear();
  RecordPtr record = storage::MemoryRecord::encode(memory);
  MemoryChange& change = change_of(id);
  if (!history_operation.empty() && change.before && !change.after) {
    batch_.put(Table::kHistory, storage::history_key(number_, id, change.before->revision()),
               storage::encode_history({std::string(history_operation), change.before->revision(),
                                        context_.now, std::string(change.before->bytes())}));
  }
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kMemory, id),
             std::string(record->bytes()));
  for (auto& vector : vectors) {
    std::erase_if(change.vectors, [&](const auto& old) { return old.model == vector.model; });
    change.vectors.push_back(std::move(vector));
  }
  if (is_erased(id) || is_text_erased(record->agent_id(), record->content_hash())) {
    drop_tombstone(id, record->agent_id(), record->content_hash());
  }
  staged_texts_[content_digest(tenant_->id, record->agent_id(), record->content_hash())] = id;
  change.after = std::move(record);
  return {};
}

Status Transaction::erase_memory(const Uuid& id) {
  const RecordPtr record = memory(id);
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
  const std::uint64_t digest =
      content_digest(tenant_->id, record->agent_id(), record->content_hash());
  put_tombstone(RecordKind::kMemory, id,
                {context_.revision, static_cast<std::uint8_t>(RecordKind::kMemory), {}, digest});
  tombstones_.emplace_back(id, digest);
  return {};
}

void Transaction::put_tombstone(RecordKind kind, const Uuid& id, storage::Tombstone tombstone) {
  tombstone.kind = static_cast<std::uint8_t>(kind);
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, id),
             storage::encode_tombstone(tombstone));
}

void Transaction::drop_tombstone(const Uuid& id, std::string_view agent_id,
                                 std::string_view content_hash) {
  // A text's tombstone lies under the id it was erased with, which stays: only the ban is lifted.
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, id));
  revivals_.emplace_back(id, content_digest(tenant_->id, agent_id, content_hash));
}

void Transaction::put_session(Session session) {
  session.revision = context_.revision;
  const Uuid row_id = session_row_id(tenant_->id, session.session_id);
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, row_id));
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kSession, row_id),
             storage::encode_session(session));
  std::string session_id = session.session_id;
  sessions_[std::move(session_id)] = std::move(session);
}

Status Transaction::erase_session(const std::string& session_id) {
  auto ids = memories_where(static_cast<std::uint16_t>(Field::kSessionId), session_id);
  for (const auto& change : memories_) {
    if (change.after && !change.before && change.after->session_id() == session_id) {
      ids.push_back(change.after->id());
    }
  }
  for (const Uuid& id : ids) {
    const RecordPtr current = memory(id);
    if (!current || current->session_id() != session_id) continue;
    if (auto status = erase_memory(id); !status) return status;
  }
  const Uuid row_id = session_row_id(tenant_->id, session_id);
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kSession, row_id));
  put_tombstone(RecordKind::kSession, row_id, {context_.revision, 0, session_id, 0});
  sessions_[session_id] = std::nullopt;
  return {};
}

void Transaction::put_relation(Relation relation) {
  relation.id = relation_id(tenant_->id, relation);
  relation.revision = context_.revision;
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kTombstone, relation.id));
  batch_.put(Table::kRecords, storage::record_key(number_, RecordKind::kRelation, relation.id),
             storage::encode_relation(relation));
  const Uuid id = relation.id;
  relations_[id] = {std::move(relation), true};
}

void Transaction::erase_relation(const Relation& relation) {
  batch_.erase(Table::kRecords, storage::record_key(number_, RecordKind::kRelation, relation.id));
  put_tombstone(RecordKind::kRelation, relation.id, {context_.revision, 0, {}, 0});
  relations_[relation.id] = {relation, false};
}

void Transaction::put_idempotency(std::string_view key, const storage::IdempotencyRecord& record) {
  batch_.put(
      Table::kRecords,
      storage::record_key(number_, RecordKind::kIdempotency,
                          Uuid::derive(tenant_->id, std::string("idempotency/").append(key))),
      storage::encode_idempotency(record));
}

void Transaction::apply() {
  for (const auto& model : models_) context_.catalog.add_model(model);
  if (is_new_tenant_) context_.catalog.register_tenant(tenant_, number_);
  const std::unique_lock lock(tenant_->mutex);
  for (auto& [id, session] : sessions_) {
    if (session) {
      tenant_->sessions[id] = *std::move(session);
    } else {
      tenant_->sessions.erase(id);
    }
  }
  for (const auto& [id, staged] : relations_) {
    if (!staged.second) tenant_->erase_relation(id);
  }
  for (const MemoryChange& change : memories_) {
    if (change.before || change.after) tenant_->apply(change);
  }
  for (const auto& [id, staged] : relations_) {
    if (staged.second) tenant_->put_relation(staged.first);
  }
  for (const auto& [id, digest] : tombstones_) {
    tenant_->erased_ids.insert(id);
    tenant_->erased_texts.insert(digest);
  }
  for (const auto& [id, digest] : revivals_) {
    tenant_->erased_ids.erase(id);
    tenant_->erased_texts.erase(digest);
  }
}

}  // namespace tulving::engine
