#include "tests/postgres/store_writer.h"

#include <cstdlib>
#include <stdexcept>

#include "storage/codec/codec.h"
#include "storage/keys.h"
#include "storage/memory/memory_journal.h"
#include "storage/snapshot/snapshot_files.h"

namespace tulving::testing {

using storage::JournalBatch;
using storage::RecordKind;
using storage::Table;

namespace {

// A time of odd microseconds, so that rounding to milliseconds would show.
Timestamp time_of(std::uint64_t revision) {
  return Timestamp{std::chrono::microseconds{1'767'225'600'000'001 +
                                             61'000'003 * static_cast<std::int64_t>(revision)}};
}

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

void must(const Status& status) {
  if (!status) throw std::runtime_error(status.error().message);
}

}  // namespace

StoreWriter::StoreWriter() : store_id_(Uuid::random()), journal_(storage::open_memory_journal()) {
  std::string name = (std::filesystem::temp_directory_path() / "tulving-postgres-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  directory_ = name;
  JournalBatch batch;
  batch.put(Table::kMeta, storage::store_key(), storage::encode_store({1, store_id_, 0}));
  append(std::move(batch));
}

StoreWriter::~StoreWriter() { std::filesystem::remove_all(directory_); }

void StoreWriter::append(JournalBatch batch) { must(journal_->append(batch)); }

std::uint32_t StoreWriter::tenant_number(const std::string& tenant) {
  const auto [found, added] =
      tenants_.try_emplace(tenant, static_cast<std::uint32_t>(tenants_.size() + 1));
  if (added) {
    JournalBatch batch;
    batch.put(Table::kMeta, storage::tenant_key(found->second),
              storage::encode_tenant({found->second, revision_, tenant}));
    append(std::move(batch));
  }
  return found->second;
}

std::uint16_t StoreWriter::model_number(const Embedding& embedding) {
  const auto [found, added] = model_numbers_.try_emplace(
      embedding.model, static_cast<std::uint16_t>(model_numbers_.size() + 1));
  if (added) {
    JournalBatch batch;
    batch.put(Table::kMeta, storage::model_key(found->second),
              storage::encode_model({found->second, revision_, embedding.model,
                                     static_cast<std::uint32_t>(embedding.vector.size())}));
    append(std::move(batch));
  }
  return found->second;
}

void StoreWriter::put_session(const std::string& tenant, Session session) {
  const auto number = tenant_number(tenant);
  session.revision = ++revision_;
  if (!session.created_at) session.created_at = time_of(revision_);
  session.updated_at = time_of(revision_);
  JournalBatch batch;
  batch.put(Table::kRecords,
            storage::record_key(number, RecordKind::kSession,
                                Uuid::derive(tenant + "/session", session.session_id)),
            storage::encode(session));
  append(std::move(batch));
  models_[tenant].sessions[session.session_id] = session;
}

void StoreWriter::put_memory(const std::string& tenant, Memory memory) {
  const auto number = tenant_number(tenant);
  memory.revision = ++revision_;
  if (!memory.created_at) memory.created_at = time_of(revision_);
  memory.updated_at = time_of(revision_);
  if (!memory.last_used) memory.last_used = memory.created_at;
  JournalBatch batch;
  batch.put(Table::kRecords, storage::record_key(number, RecordKind::kMemory, memory.id),
            std::string(storage::MemoryRecord::encode(memory)->bytes()));
  for (const auto& embedding : memory.embeddings) {
    batch.put(Table::kVectors, storage::vector_key(number, memory.id, model_number(embedding)),
              storage::encode_embedding(revision_, embedding.vector));
  }
  append(std::move(batch));
  models_[tenant].memories[memory.id] = std::move(memory);
}

void StoreWriter::put_embedding(const std::string& tenant, const Uuid& memory,
                                const Embedding& embedding) {
  ++revision_;
  JournalBatch batch;
  batch.put(Table::kVectors,
            storage::vector_key(tenant_number(tenant), memory, model_number(embedding)),
            storage::encode_embedding(revision_, embedding.vector));
  append(std::move(batch));
  for (auto& there : models_[tenant].memories.at(memory).embeddings) {
    if (there.model == embedding.model) there = embedding;
  }
}

void StoreWriter::put_relation(const std::string& tenant, Relation relation) {
  relation.revision = ++revision_;
  if (!relation.created_at) relation.created_at = time_of(revision_);
  JournalBatch batch;
  batch.put(Table::kRecords,
            storage::record_key(tenant_number(tenant), RecordKind::kRelation, relation.id),
            storage::encode(relation));
  append(std::move(batch));
  models_[tenant].relations[relation.id] = relation;
}

void StoreWriter::forget(const std::string& tenant, const Uuid& id) {
  Memory memory = models_[tenant].memories.at(id);
  const auto embeddings = std::move(memory.embeddings);
  memory.embeddings.clear();  // They do not change.
  memory.status = MemoryStatus::kDeleted;
  memory.deleted_at = time_of(revision_ + 1);
  put_memory(tenant, std::move(memory));
  models_[tenant].memories.at(id).embeddings = embeddings;
}

void StoreWriter::bury(JournalBatch& batch, const std::string& tenant, RecordKind kind,
                       const Uuid& id, const std::string& name) {
  const auto number = tenant_number(tenant);
  batch.erase(Table::kRecords, storage::record_key(number, kind, id));
  batch.put(Table::kRecords, storage::tombstone_key(number, kind, id),
            storage::encode_tombstone({revision_, static_cast<std::uint8_t>(kind), name,
                                       kind == RecordKind::kMemory ? 7U : 0U}));
}

// As the engine does it, each record that goes has a tombstone of its own.
void StoreWriter::erase_into(JournalBatch& batch, const std::string& tenant, const Uuid& id) {
  auto& model = models_[tenant];
  for (const auto& embedding : model.memories.at(id).embeddings) {
    batch.erase(Table::kVectors,
                storage::vector_key(tenant_number(tenant), id, model_number(embedding)));
  }
  bury(batch, tenant, RecordKind::kMemory, id, "");
  std::erase_if(model.relations, [&](const auto& entry) {
    const auto& relation = entry.second;
    if (relation.source_id != id && relation.target_id != id) return false;
    bury(batch, tenant, RecordKind::kRelation, relation.id, "");
    return true;
  });
  model.memories.erase(id);
}

void StoreWriter::erase_memory(const std::string& tenant, const Uuid& id) {
  ++revision_;
  JournalBatch batch;
  erase_into(batch, tenant, id);
  append(std::move(batch));
}

void StoreWriter::erase_session(const std::string& tenant, const std::string& session_id) {
  ++revision_;
  const auto key_id = Uuid::derive(tenant + "/session", session_id);
  JournalBatch batch;
  std::vector<Uuid> hanging;
  for (const auto& [id, memory] : models_[tenant].memories) {
    if (memory.session_id == session_id) hanging.push_back(id);
  }
  for (const auto& id : hanging) erase_into(batch, tenant, id);
  bury(batch, tenant, RecordKind::kSession, key_id, session_id);
  append(std::move(batch));
  models_[tenant].sessions.erase(session_id);
}

void StoreWriter::erase_relation(const std::string& tenant, const Uuid& id) {
  ++revision_;
  JournalBatch batch;
  bury(batch, tenant, RecordKind::kRelation, id, "");
  append(std::move(batch));
  models_[tenant].relations.erase(id);
}

std::filesystem::path StoreWriter::snapshot(std::optional<std::uint64_t> since) {
  const auto directory = directory_ / std::to_string(++snapshots_);
  must(storage::write_snapshot(*journal_->snapshot(), {store_id_, revision_, since}, directory));
  return directory;
}

Memory memory_of(const std::string& text, const std::string& session_id, const std::string& name) {
  Memory memory;
  memory.id = Uuid::derive("test", name.empty() ? text : name);
  memory.text = text;
  memory.session_id = session_id;
  return memory;
}

Session session_of(const std::string& session_id) {
  Session session;
  session.session_id = session_id;
  return session;
}

Relation relation_of(const Uuid& source, const Uuid& target, const std::string& type) {
  Relation relation;
  relation.id = Uuid::derive(source.to_string() + target.to_string(), type);
  relation.source_id = source;
  relation.target_id = target;
  relation.relation_type = type;
  return relation;
}

}  // namespace tulving::testing
