#include "storage/postgres/projections/orchestrator_tables.h"

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"
#include "storage/postgres/wire/connection.h"

namespace tulving::storage::postgres {
namespace {

using Row = const SourceRow&;
using Out = RowEncoder&;

const Session& session(Row row) { return *std::get<const Session*>(row.record.value); }
const MemoryRecord& memory(Row row) { return *std::get<const MemoryRecord*>(row.record.value); }
const Relation& relation(Row row) { return *std::get<const Relation*>(row.record.value); }
const SourceEmbedding& embedding(Row row) {
  return *std::get<const SourceEmbedding*>(row.record.value);
}

// The content object with the text in it. `content` holds the other members, and was checked to be
// an object when it was written.
std::string content_of(const MemoryRecord& memory) {
  const std::string_view others = memory.content();
  if (memory.text().empty() && !others.empty()) return std::string(others);
  std::string object = "{\"text\": ";
  append_json_string(object, memory.text());
  const std::size_t open = others.find('{');
  const std::size_t first =
      open == others.npos ? others.npos : others.find_first_not_of(" \t\r\n", open + 1);
  if (first == others.npos || others[first] == '}') return object + '}';
  object += ", ";
  object += others.substr(first);
  return object;
}

// varchar(64) counts characters.
std::string_view agent_of(const MemoryRecord& memory) {
  constexpr std::size_t kAgentCharactersMax = 64;
  if (!memory.source_agent().empty()) return memory.source_agent();
  const auto agent = memory.agent_id();
  return utf8_prefix(agent, kAgentCharactersMax).size() == agent.size() ? agent : "";
}

bool is_active(const MemoryRecord& memory) {
  return memory.status() == MemoryStatus::kActive || memory.status() == MemoryStatus::kPromoted;
}

TableSpec sessions_table() {
  return {
      .name = "sessions",
      .create = R"(
        CREATE TABLE sessions (
          session_id varchar(64) PRIMARY KEY,
          user_id varchar(64),
          created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          ended_at timestamp,
          metadata jsonb,
          summary text,
          is_archived boolean NOT NULL DEFAULT false,
          session_type varchar(32) NOT NULL))",
      .indexes = {"CREATE INDEX idx_sessions_user_id ON sessions (user_id)",
                  "CREATE INDEX idx_sessions_created_at ON sessions (created_at)",
                  "CREATE INDEX idx_sessions_session_type ON sessions (session_type)"},
      .source = SourceKind::kSession,
      .columns = {{"session_id", [](Row row, Out out) { out.text(session(row).session_id); }},
                  {"user_id", [](Row row, Out out) { out.text_or_null(session(row).user_id); }},
                  {"created_at", [](Row row, Out out) { out.time(session(row).created_at); }},
                  {"updated_at", [](Row row, Out out) { out.time(session(row).updated_at); }},
                  {"ended_at", [](Row row, Out out) { out.time(session(row).ended_at); }},
                  {"metadata", [](Row row, Out out) { out.json(session(row).metadata); }},
                  {"summary", [](Row row, Out out) { out.text_or_null(session(row).summary); }},
                  {"is_archived", [](Row row, Out out) { out.boolean(session(row).is_archived); }},
                  {"session_type", [](Row row, Out out) { out.text(session(row).session_type); }}},
      .key = {"session_id"},
  };
}

TableSpec memory_entries_table() {
  return {
      .name = "memory_entries",
      .create = R"(
        CREATE TABLE memory_entries (
          memory_id varchar(64) PRIMARY KEY,
          session_id varchar(64) REFERENCES sessions (session_id) ON DELETE CASCADE,
          memory_type varchar(32) NOT NULL,
          content jsonb NOT NULL,
          text_content text GENERATED ALWAYS AS (content->>'text') STORED,
          source_agent varchar(64),
          created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          expires_at timestamp,
          priority integer NOT NULL DEFAULT 5,
          is_active boolean NOT NULL DEFAULT true,
          CONSTRAINT valid_priority CHECK (priority BETWEEN 1 AND 10)))",
      .indexes = {"CREATE INDEX idx_memory_entries_session_id ON memory_entries (session_id)",
                  "CREATE INDEX idx_memory_entries_memory_type ON memory_entries (memory_type)",
                  "CREATE INDEX idx_memory_entries_created_at ON memory_entries (created_at)",
                  "CREATE INDEX idx_memory_entries_expires_at ON memory_entries (expires_at)",
                  "CREATE INDEX idx_memory_entries_source_agent ON memory_entries (source_agent)",
                  "CREATE INDEX idx_memory_entries_text_content ON memory_entries "
                  "USING gin (to_tsvector('english', text_content))",
                  "CREATE INDEX idx_memory_entries_priority ON memory_entries (priority)",
                  "CREATE INDEX idx_memory_entries_content ON memory_entries USING gin (content)"},
      .source = SourceKind::kMemory,
      .columns = {{"memory_id", [](Row row, Out out) { out.text(memory(row).id().to_string()); }},
                  {"session_id",
                   [](Row row, Out out) { out.text_or_null(memory(row).session_id()); }},
                  {"memory_type", [](Row row, Out out) { out.text(memory(row).memory_type()); }},
                  {"content", [](Row row, Out out) { out.json(content_of(memory(row))); }},
                  {"source_agent",
                   [](Row row, Out out) { out.text_or_null(agent_of(memory(row))); }},
                  {"created_at", [](Row row, Out out) { out.time(memory(row).created_at()); }},
                  {"updated_at", [](Row row, Out out) { out.time(memory(row).updated_at()); }},
                  {"expires_at", [](Row row, Out out) { out.time(memory(row).expires_at()); }},
                  {"priority", [](Row row, Out out) { out.integer(memory(row).priority()); }},
                  {"is_active", [](Row row, Out out) { out.boolean(is_active(memory(row))); }}},
      .key = {"memory_id"},
      .references = {{"session_id", "sessions"}},
      // The index takes no text whose tsvector passes 1 MB. A lexeme costs at most some 6 bytes a
      // byte of text (two letters, their position and padding), so shorter texts need no trial.
      .staging_check =
          "octet_length(content->>'text') < 131072 OR "
          "to_tsvector('english', content->>'text') IS NOT NULL",
  };
}

TableSpec memory_tags_table() {
  return {
      .name = "memory_tags",
      .create = R"(
        CREATE TABLE memory_tags (
          tag_id serial PRIMARY KEY,
          memory_id varchar(64) NOT NULL REFERENCES memory_entries (memory_id) ON DELETE CASCADE,
          tag varchar(64) NOT NULL,
          CONSTRAINT unique_memory_tag UNIQUE (memory_id, tag)))",
      .indexes = {"CREATE INDEX idx_memory_tags_memory_id ON memory_tags (memory_id)",
                  "CREATE INDEX idx_memory_tags_tag ON memory_tags (tag)"},
      .source = SourceKind::kMemory,
      .columns = {{"memory_id", [](Row row, Out out) { out.text(memory(row).id().to_string()); }},
                  {"tag", [](Row row, Out out) { out.text(row.element); }}},
      .elements =
          [](const SourceRecord& record) {
            return std::get<const MemoryRecord*>(record.value)->tags();
          },
      .key = {"memory_id", "tag"},
      .ownership = Ownership::kParent,
      .references = {{"memory_id", "memory_entries"}},
      .parent_brings_all = true,
  };
}

// ivfflat takes 2,000 dimensions of a vector and 4,000 of a halfvec (pgvector 0.7); beyond, and
// with an older pgvector beyond 2,000, the table stands without this index.
std::vector<std::string> embedding_indexes(const ProjectionSettings& settings) {
  constexpr std::uint32_t kVectorDimMax = 2000;
  constexpr std::uint32_t kHalfvecDimMax = 4000;
  std::vector<std::string> indexes = {
      "CREATE INDEX idx_vector_embeddings_memory_id ON vector_embeddings (memory_id)",
      "CREATE INDEX idx_vector_embeddings_embedding_model ON vector_embeddings (embedding_model)"};
  const std::string start =
      "CREATE INDEX idx_vector_embeddings_embedding ON vector_embeddings USING ivfflat ";
  if (settings.dim <= kVectorDimMax) {
    indexes.push_back(start + "(embedding vector_cosine_ops) WITH (lists = 100)");
  } else if (settings.dim <= kHalfvecDimMax && settings.has_halfvec) {
    indexes.push_back(start + "((embedding::halfvec(" + std::to_string(settings.dim) +
                      ")) halfvec_cosine_ops) WITH (lists = 100)");
  }
  return indexes;
}

// Vectors of a model that the store does not know are someone else's.
std::string known_models(const ProjectionSettings& settings) {
  std::string names;
  for (const auto& model : settings.models) {
    names += (names.empty() ? "" : ", ") + Connection::quote_text(model);
  }
  return names.empty() ? "false" : "t.embedding_model IN (" + names + ")";
}

TableSpec vector_embeddings_table(const ProjectionSettings& settings) {
  return {
      .name = "vector_embeddings",
      .create = R"(
        CREATE TABLE vector_embeddings (
          embedding_id serial PRIMARY KEY,
          memory_id varchar(64) NOT NULL REFERENCES memory_entries (memory_id) ON DELETE CASCADE,
          embedding vector()" +
                std::to_string(settings.dim) + R"() NOT NULL,
          embedding_model varchar(64) NOT NULL,
          created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          CONSTRAINT unique_memory_embedding UNIQUE (memory_id, embedding_model)))",
      .indexes = embedding_indexes(settings),
      .source = SourceKind::kEmbedding,
      .columns = {{"memory_id",
                   [](Row row, Out out) { out.text(embedding(row).memory.to_string()); }},
                  {"embedding", [](Row row, Out out) { out.vector(embedding(row).vector); }},
                  {"embedding_model", [](Row row, Out out) { out.text(embedding(row).model); }},
                  {"created_at",
                   [](Row row, Out out) { out.time(embedding(row).memory_created_at); },
                   "(SELECT m.created_at FROM memory_entries m WHERE m.memory_id = s.memory_id)"}},
      .key = {"memory_id", "embedding_model"},
      .ownership = Ownership::kParent,
      .references = {{"memory_id", "memory_entries"}},
      .ours = known_models(settings),
      .is_bulky = true,
  };
}

TableSpec user_profiles_table() {
  return {
      .name = "user_profiles",
      .create = R"(
        CREATE TABLE user_profiles (
          user_id varchar(64) PRIMARY KEY,
          created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          profile_data jsonb,
          preferences jsonb,
          is_active boolean NOT NULL DEFAULT true))",
      .indexes =
          {"CREATE INDEX idx_user_profiles_is_active ON user_profiles (is_active)",
           "CREATE INDEX idx_user_profiles_preferences ON user_profiles USING gin (preferences)"},
  };
}

TableSpec agent_states_table() {
  return {
      .name = "agent_states",
      .create = R"(
        CREATE TABLE agent_states (
          state_id serial PRIMARY KEY,
          agent_id varchar(64) NOT NULL,
          session_id varchar(64) REFERENCES sessions (session_id) ON DELETE SET NULL,
          state_data jsonb NOT NULL,
          created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          expires_at timestamp,
          CONSTRAINT unique_agent_session UNIQUE (agent_id, session_id)))",
      .indexes = {"CREATE INDEX idx_agent_states_agent_id ON agent_states (agent_id)",
                  "CREATE INDEX idx_agent_states_session_id ON agent_states (session_id)",
                  "CREATE INDEX idx_agent_states_expires_at ON agent_states (expires_at)"},
  };
}

TableSpec memory_relationships_table() {
  return {
      .name = "memory_relationships",
      .create = R"(
        CREATE TABLE memory_relationships (
          relationship_id serial PRIMARY KEY,
          source_memory_id varchar(64) NOT NULL
            REFERENCES memory_entries (memory_id) ON DELETE CASCADE,
          target_memory_id varchar(64) NOT NULL
            REFERENCES memory_entries (memory_id) ON DELETE CASCADE,
          relationship_type varchar(32) NOT NULL,
          metadata jsonb,
          created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          CONSTRAINT unique_memory_relationship
            UNIQUE (source_memory_id, target_memory_id, relationship_type)))",
      .indexes = {"CREATE INDEX idx_memory_relationships_source "
                  "ON memory_relationships (source_memory_id)",
                  "CREATE INDEX idx_memory_relationships_target "
                  "ON memory_relationships (target_memory_id)",
                  "CREATE INDEX idx_memory_relationships_type "
                  "ON memory_relationships (relationship_type)"},
      .source = SourceKind::kRelation,
      .columns = {{"source_memory_id",
                   [](Row row, Out out) { out.text(relation(row).source_id.to_string()); }},
                  {"target_memory_id",
                   [](Row row, Out out) { out.text(relation(row).target_id.to_string()); }},
                  {"relationship_type",
                   [](Row row, Out out) { out.text(relation(row).relation_type); }},
                  {"metadata", [](Row row, Out out) { out.json(relation(row).metadata); }},
                  {"created_at", [](Row row, Out out) { out.time(relation(row).created_at); }}},
      .key = {"source_memory_id", "target_memory_id", "relationship_type"},
      .ownership = Ownership::kSerial,
      .serial = "relationship_id",
      .references = {{"source_memory_id", "memory_entries"},
                     {"target_memory_id", "memory_entries"}},
  };
}

TableSpec memory_access_logs_table() {
  return {
      .name = "memory_access_logs",
      .create = R"(
        CREATE TABLE memory_access_logs (
          log_id serial PRIMARY KEY,
          memory_id varchar(64) REFERENCES memory_entries (memory_id) ON DELETE SET NULL,
          session_id varchar(64) REFERENCES sessions (session_id) ON DELETE SET NULL,
          agent_id varchar(64),
          operation varchar(16) NOT NULL,
          timestamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
          request_data jsonb,
          success boolean NOT NULL,
          error_message text,
          ip_address varchar(45)))",
      .indexes =
          {"CREATE INDEX idx_memory_access_logs_memory_id ON memory_access_logs (memory_id)",
           "CREATE INDEX idx_memory_access_logs_session_id ON memory_access_logs (session_id)",
           "CREATE INDEX idx_memory_access_logs_agent_id ON memory_access_logs (agent_id)",
           "CREATE INDEX idx_memory_access_logs_timestamp ON memory_access_logs (timestamp)",
           "CREATE INDEX idx_memory_access_logs_operation ON memory_access_logs (operation)",
           "CREATE INDEX idx_memory_access_logs_success ON memory_access_logs (success)"},
  };
}

}  // namespace

std::vector<TableSpec> orchestrator_tables(const ProjectionSettings& settings) {
  return {sessions_table(),
          memory_entries_table(),
          memory_tags_table(),
          vector_embeddings_table(settings),
          user_profiles_table(),
          agent_states_table(),
          memory_relationships_table(),
          memory_access_logs_table()};
}

}  // namespace tulving::storage::postgres
