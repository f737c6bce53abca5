// The schema "guild": what agents of all tenants remember, what they remember it from, and who may
// see it. It keeps a text once an agent, and no vectors, only which there are.

#include <algorithm>
#include <iterator>

#include "core/base/hash.h"
#include "storage/postgres/columns.h"
#include "storage/postgres/memory_content.h"
#include "storage/postgres/projection.h"

namespace tulving::storage::postgres {
namespace {

const Memory& memory(const Row& row) { return row.record.as<Memory>(); }
const SourceEmbedding& embedding(const Row& row) { return *row.record.embedding; }
Memory& memory_of(Reading& to) { return std::get<Memory>(to.record); }

std::string ignore(Field&& /*value*/, Reading& /*to*/) { return {}; }

/// Of two records that want the same place, the older one has it.
template <class Kind>
std::int64_t age_rank(const SourceRecord& record) {
  const auto& created_at = record.as<Kind>().created_at;
  return created_at ? created_at->time_since_epoch().count() : 0;
}

// Memory::content_hash is not this one: where there is no text it is of a canonical form.
std::string content_hash(const Memory& memory) { return to_hex(md5(content_text(memory))); }

std::string memory_slot(const SourceRecord& record) {
  const auto& memory = record.as<Memory>();
  return memory.agent_id + '\n' + std::string(record.tenant_id) + '\n' + content_hash(memory);
}

bool is_deleted(const Memory& memory) {
  return memory.status == MemoryStatus::kArchived || memory.status == MemoryStatus::kDeleted;
}

// A deleted memory has a deleted_at, and an archived one shows none: so the two come back.
Field deleted_at(const Row& row) {
  if (memory(row).status == MemoryStatus::kArchived) return {};
  return columns::field_of(memory(row).deleted_at);
}

std::string set_deleted(Field&& value, Reading& to) {
  bool is_deleted = false;
  auto why = columns::put(std::move(value), is_deleted);
  if (!is_deleted) return why;
  memory_of(to).status =
      memory_of(to).deleted_at ? MemoryStatus::kDeleted : MemoryStatus::kArchived;
  return why;
}

std::string set_deleted_at(Field&& value, Reading& to) {
  auto& memory = memory_of(to);
  auto why = columns::put(std::move(value), memory.deleted_at);
  if (memory.deleted_at && memory.status == MemoryStatus::kArchived) {
    memory.status = MemoryStatus::kDeleted;
  }
  return why;
}

TableSpec memory_records() {
  return {
      .name = "memory_records",
      .source = RecordKind::kMemory,
      .columns = {memory_key(), column<&Memory::agent_id>(),
                  made_column(
                      "tenant_id", "",
                      [](const Row& row) { return Field(std::string(row.record.tenant_id)); },
                      &ignore, "the tenant's; a hydrate reads the rows of one"),
                  column<&Memory::source_type>(),
                  made_column(
                      "content_text", "text, content",
                      [](const Row& row) { return Field(content_text(memory(row))); },
                      &set_content_text, kContentTextNote),
                  made_column(
                      "content_hash", "text, content",
                      [](const Row& row) { return Field(content_hash(memory(row))); }, nullptr,
                      "MD5 of content_text; not read back"),
                  column<&Memory::metadata>(), column<&Memory::created_at>(),
                  column<&Memory::updated_at>(),
                  made_column(
                      "is_deleted", "status",
                      [](const Row& row) { return Field(is_deleted(memory(row))); }, &set_deleted,
                      "archived or deleted; comes back as deleted where there is a deleted_at, "
                      "else as archived; promoted comes back as active"),
                  made_column("deleted_at", "deleted_at", &deleted_at, &set_deleted_at,
                              "NULL of an archived memory")},
      .key = {"memory_id"},
      .slot = &memory_slot,
      .rank = &age_rank<Memory>,
      .slot_columns = {"agent_id", "tenant_id", "content_hash"},
      .slot_noun = "text"};
}

std::string memory_of_embedding(const SourceRecord& record) {
  return record.embedding->memory.to_string();
}

TableSpec memory_embeddings(const ProjectionSettings& settings) {
  return {.name = "memory_embeddings",
          .source = kEmbeddingKind,
          .columns = {{.name = "memory_id",
                       .from = "id",
                       .reference = {"memory_records", WhenMissing::kSkip, &memory_of_embedding}},
                      made_column(
                          "vector_id", "id, embeddings.model",
                          [](const Row& row) { return Field(record_id(row.record)); }, &ignore,
                          "MEMORY/MODEL; the vector is not here, and no embedding is read back"),
                      made_column(
                          "embedding_model", "embeddings.model",
                          [](const Row& row) { return Field(std::string(embedding(row).model)); },
                          &ignore),
                      {.name = "created_at",
                       .from = "created_at",
                       .get =
                           [](const Row& row) {
                             return columns::field_of(embedding(row).memory_created_at);
                           },
                       .if_null = "(SELECT m.created_at FROM memory_records m "
                                  "WHERE m.memory_id = s.memory_id)",
                       .note = "the memory's"}},
          .key = {"memory_id", "embedding_model"},
          .ownership = Ownership::kParent,
          .ours = of_known_models(settings, "embedding_model")};
}

// guild's CHECK takes these alone.
std::string relationship_type(const Relation& relation) {
  constexpr std::string_view kTaken[] = {"references", "contradicts", "supports", "follows"};
  const bool is_taken = std::ranges::find(kTaken, relation.relation_type) != std::end(kTaken);
  return is_taken ? relation.relation_type : "related";
}

// The id of the relation that the row is of, with the type that it has there: so the row that
// stands for several is the one that comes back.
Uuid relationship_id(const SourceRecord& record) {
  Relation held = record.as<Relation>();
  held.relation_type = relationship_type(held);
  kinds::give_id(record.tenant_id, held);
  return held.id;
}

std::string relationship_slot(const SourceRecord& record) {
  return relationship_id(record).to_string();
}

// Of several that become `related` the closest has the row.
std::int64_t closeness_rank(const SourceRecord& record) {
  constexpr double kSteps = 1e9;
  return -static_cast<std::int64_t>(record.as<Relation>().strength * kSteps);
}

TableSpec memory_relationships() {
  return {
      .name = "memory_relationships",
      .source = RecordKind::kRelation,
      .columns = {made_column(
                      "relationship_id", "id",
                      [](const Row& row) { return columns::field_of(relationship_id(row.record)); },
                      nullptr, "follows from the ends and the type that is here"),
                  reference_column<&Relation::source_id>("source_memory_id", "memory_records",
                                                         WhenMissing::kSkip),
                  reference_column<&Relation::target_id>("target_memory_id", "memory_records",
                                                         WhenMissing::kSkip),
                  made_column(
                      "relationship_type", "relation_type",
                      [](const Row& row) {
                        return Field(relationship_type(row.record.as<Relation>()));
                      },
                      &columns::set<&Relation::relation_type>,
                      "any but references, contradicts, supports and follows becomes related; "
                      "one row a pair and type, of the greatest strength"),
                  column<&Relation::confidence>("confidence_score"),
                  column<&Relation::created_at>()},
      .key = {"relationship_id"},
      .slot = &relationship_slot,
      .rank = &closeness_rank,
      .slot_columns = {"relationship_id"},
      .slot_noun = "pair and type"};
}

TableSpec data_sources() {
  return {.name = "data_sources",
          .source = RecordKind::kDataSource,
          .columns = {named_column<&DataSource::source_id>(), column<&DataSource::source_name>(),
                      column<&DataSource::source_type>(), column<&DataSource::source_uri>(),
                      column<&DataSource::is_active>(), column<&DataSource::created_at>(),
                      column<&DataSource::last_ingestion_at>(), column<&DataSource::metadata>()},
          .key = {"source_id"},
          .slot = [](const SourceRecord& record) { return record.as<DataSource>().source_name; },
          .rank = &age_rank<DataSource>,
          .slot_columns = {"source_name"},
          .slot_noun = "name"};
}

TableSpec memory_access_policies() {
  return {
      .name = "memory_access_policies",
      .source = RecordKind::kAccessPolicy,
      .columns = {named_column<&AccessPolicy::policy_id>(), column<&AccessPolicy::policy_name>(),
                  column<&AccessPolicy::policy_rules>(), column<&AccessPolicy::is_active>(),
                  column<&AccessPolicy::created_at>(), column<&AccessPolicy::updated_at>()},
      .key = {"policy_id"},
      .slot = [](const SourceRecord& record) { return record.as<AccessPolicy>().policy_name; },
      .rank = &age_rank<AccessPolicy>,
      .slot_columns = {"policy_name"},
      .slot_noun = "name"};
}

}  // namespace

Projection make_guild(const ProjectionSettings& settings) {
  return {.schema = PostgresSchema::kGuild,
          .tables = {memory_records(), memory_embeddings(settings), memory_relationships(),
                     data_sources(), memory_access_policies()}};
}

}  // namespace tulving::storage::postgres
