// The schema "orchestrator": sessions, memories with tags and embeddings, profiles, agent states,
// relations, the access log. A memory's key is the caller's own name for it, where it has one.

#include "core/base/text/utf8.h"
#include "storage/postgres/columns.h"
#include "storage/postgres/memory_content.h"
#include "storage/postgres/projection.h"

namespace tulving::storage::postgres {
namespace {

const Memory& memory(const Row& row) { return row.record.as<Memory>(); }
const SourceEmbedding& embedding(const Row& row) { return *row.record.embedding; }
Memory& memory_of(Reading& to) { return std::get<Memory>(to.record); }

TableSpec sessions() {
  return {.name = "sessions",
          .source = RecordKind::kSession,
          .columns = {column<&Session::session_id>(), column<&Session::user_id>(),
                      column<&Session::created_at>(), column<&Session::updated_at>(),
                      column<&Session::ended_at>(), column<&Session::metadata>(),
                      column<&Session::summary>(), column<&Session::is_archived>(),
                      column<&Session::session_type>()},
          .key = {"session_id"}};
}

std::string key_of(const Memory& memory) {
  return memory.external_id.empty() ? memory.id.to_string() : memory.external_id;
}

std::string set_key(Field&& value, Reading& to) {
  std::string key;
  if (auto why = columns::put(std::move(value), key); !why.empty()) return why;
  if (const auto id = Uuid::parse(key)) {
    memory_of(to).id = *id;
  } else {
    memory_of(to).external_id = std::move(key);
    memory_of(to).id = Uuid::derive(to.tenant_id, memory_of(to).external_id);
  }
  return {};
}

// varchar(64) counts characters.
Field source_agent(const Row& row) {
  constexpr std::size_t kCharactersMax = 64;
  if (!memory(row).source_agent.empty()) return memory(row).source_agent;
  const std::string& agent = memory(row).agent_id;
  return utf8_prefix(agent, kCharactersMax).size() == agent.size() ? agent : std::string();
}

bool is_active(const Memory& memory) {
  return memory.status == MemoryStatus::kActive || memory.status == MemoryStatus::kPromoted;
}

std::string set_active(Field&& value, Reading& to) {
  bool is_active = true;
  auto why = columns::put(std::move(value), is_active);
  if (!is_active) memory_of(to).status = MemoryStatus::kArchived;
  return why;
}

TableSpec memory_entries() {
  return {
      .name = "memory_entries",
      .source = RecordKind::kMemory,
      .columns = {made_column(
                      "memory_id", "external_id, id",
                      [](const Row& row) { return Field(key_of(memory(row))); }, &set_key,
                      "the caller's own name where there is one, else the id"),
                  reference_column<&Memory::session_id>("session_id", "sessions",
                                                        WhenMissing::kSkip),
                  column<&Memory::memory_type>(),
                  made_column(
                      "content", "text, content",
                      [](const Row& row) { return Field(content_object(memory(row))); },
                      &set_content_object, "one object; `text` is the text"),
                  made_column("source_agent", "source_agent, agent_id", &source_agent,
                              &columns::set<&Memory::source_agent>,
                              "agent_id where there is no source_agent and it has at most 64 "
                              "characters"),
                  column<&Memory::created_at>(), column<&Memory::updated_at>(),
                  column<&Memory::expires_at>(), column<&Memory::priority>(),
                  made_column(
                      "is_active", "status",
                      [](const Row& row) { return Field(is_active(memory(row))); }, &set_active,
                      "active or promoted; comes back as active or archived")},
      .key = {"memory_id"},
      .slot = [](const SourceRecord& record) { return key_of(record.as<Memory>()); },
      .slot_columns = {"memory_id"},
      .slot_noun = "id",
      // The index takes no text whose tsvector passes 1 MB. A lexeme costs at most some 6 bytes a
      // byte of text (two letters, their position and padding), so shorter texts need no trial.
      .staging_check =
          "octet_length(content->>'text') < 131072 OR "
          "to_tsvector('english', content->>'text') IS NOT NULL",
  };
}

std::string add_tag(Field&& value, Reading& to) {
  std::string tag;
  auto why = columns::put(std::move(value), tag);
  if (why.empty()) memory_of(to).tags.push_back(std::move(tag));
  return why;
}

TableSpec memory_tags() {
  return {
      .name = "memory_tags",
      .source = RecordKind::kMemory,
      .columns = {reference_column<&Memory::id>("memory_id", "memory_entries", WhenMissing::kSkip),
                  made_column(
                      "tag", "tags",
                      [](const Row& row) { return Field(memory(row).tags.at(row.element)); },
                      &add_tag)},
      .key = {"memory_id", "tag"},
      .ownership = Ownership::kParent,
      .elements = [](const SourceRecord& record) { return record.as<Memory>().tags.size(); },
      .parent_brings_all = true};
}

std::string add_vector(Field&& value, Reading& to) {
  auto& embeddings = memory_of(to).embeddings;
  if (embeddings.empty()) embeddings.emplace_back();
  return columns::put(std::move(value), embeddings.back().vector);
}
std::string name_model(Field&& value, Reading& to) {
  auto& embeddings = memory_of(to).embeddings;
  if (embeddings.empty()) embeddings.emplace_back();
  return columns::put(std::move(value), embeddings.back().model);
}

std::string memory_of_embedding(const SourceRecord& record) {
  return record.embedding->memory.to_string();
}

TableSpec vector_embeddings(const ProjectionSettings& settings) {
  return {.name = "vector_embeddings",
          .source = kEmbeddingKind,
          .columns = {{.name = "memory_id",
                       .from = "id",
                       .reference = {"memory_entries", WhenMissing::kSkip, &memory_of_embedding}},
                      made_column(
                          "embedding", "embeddings.vector",
                          [](const Row& row) { return Field(embedding(row).vector); }, &add_vector),
                      made_column(
                          "embedding_model", "embeddings.model",
                          [](const Row& row) { return Field(std::string(embedding(row).model)); },
                          &name_model),
                      {.name = "created_at",
                       .from = "created_at",
                       .get =
                           [](const Row& row) {
                             return columns::field_of(embedding(row).memory_created_at);
                           },
                       .if_null = "(SELECT m.created_at FROM memory_entries m "
                                  "WHERE m.memory_id = s.memory_id)",
                       .note = "the memory's"}},
          .key = {"memory_id", "embedding_model"},
          .ownership = Ownership::kParent,
          .ours = of_known_models(settings, "embedding_model"),
          .vector_column = "embedding"};
}

TableSpec user_profiles() {
  return {.name = "user_profiles",
          .source = RecordKind::kUserProfile,
          .columns = {column<&UserProfile::user_id>(), column<&UserProfile::created_at>(),
                      column<&UserProfile::updated_at>(), column<&UserProfile::profile_data>(),
                      column<&UserProfile::preferences>(), column<&UserProfile::is_active>()},
          .key = {"user_id"},
          .slot = [](const SourceRecord& record) { return record.as<UserProfile>().user_id; },
          .slot_columns = {"user_id"},
          .slot_noun = "user_id"};
}

TableSpec agent_states() {
  return {.name = "agent_states",
          .source = RecordKind::kAgentState,
          .columns = {column<&AgentState::agent_id>(),
                      reference_column<&AgentState::session_id>("session_id", "sessions",
                                                                WhenMissing::kClear),
                      column<&AgentState::state_data>(), column<&AgentState::created_at>(),
                      column<&AgentState::updated_at>(), column<&AgentState::expires_at>()},
          .key = {"agent_id", "session_id"},
          .ownership = Ownership::kSerial,
          .serial = "state_id",
          .slot_columns = {"agent_id", "session_id"},
          .vacate = "session_id = NULL"};
}

TableSpec memory_relationships() {
  return {.name = "memory_relationships",
          .source = RecordKind::kRelation,
          .columns = {reference_column<&Relation::source_id>("source_memory_id", "memory_entries",
                                                             WhenMissing::kSkip),
                      reference_column<&Relation::target_id>("target_memory_id", "memory_entries",
                                                             WhenMissing::kSkip),
                      column<&Relation::relation_type>("relationship_type"),
                      column<&Relation::metadata>(), column<&Relation::created_at>()},
          .key = {"source_memory_id", "target_memory_id", "relationship_type"},
          .ownership = Ownership::kSerial,
          .serial = "relationship_id"};
}

TableSpec memory_access_logs() {
  return {.name = "memory_access_logs",
          .source = RecordKind::kAccessLogEntry,
          .columns = {reference_column<&AccessLogEntry::memory_id>("memory_id", "memory_entries",
                                                                   WhenMissing::kClear),
                      reference_column<&AccessLogEntry::session_id>("session_id", "sessions",
                                                                    WhenMissing::kClear),
                      column<&AccessLogEntry::agent_id>(), column<&AccessLogEntry::operation>(),
                      column<&AccessLogEntry::timestamp>(), column<&AccessLogEntry::request_data>(),
                      column<&AccessLogEntry::success>(), column<&AccessLogEntry::error_message>(),
                      column<&AccessLogEntry::ip_address>()},
          .ownership = Ownership::kSerial,
          .serial = "log_id"};
}

}  // namespace

Projection make_orchestrator(const ProjectionSettings& settings) {
  return {
      .schema = PostgresSchema::kOrchestrator,
      .tables = {sessions(), memory_entries(), memory_tags(), vector_embeddings(settings),
                 user_profiles(), agent_states(), memory_relationships(), memory_access_logs()}};
}

}  // namespace tulving::storage::postgres
