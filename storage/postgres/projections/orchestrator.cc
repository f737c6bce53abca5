// The schema "orchestrator": sessions, memories with their tags and embeddings, relations; and the
// tables of kinds that snapshots do not carry yet, created empty. Here is how a record becomes
// rows; orchestrator_tables.cc has the tables.

#include "core/base/json/json_text.h"
#include "core/base/text/utf8.h"
#include "storage/postgres/projections/orchestrator_tables.h"

namespace tulving::storage::postgres {
namespace {

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

void write_session(const Session& session, RowEncoder& row) {
  row.text(session.session_id);
  row.text_or_null(session.user_id);
  row.time(session.created_at);
  row.time(session.updated_at);
  row.time(session.ended_at);
  row.json(session.metadata);
  row.text_or_null(session.summary);
  row.boolean(session.is_archived);
  row.text(session.session_type);
}

void write_memory(const MemoryRecord& memory, RowEncoder& row) {
  const auto status = memory.status();
  row.text(memory.id().to_string());
  row.text_or_null(memory.session_id());
  row.text(memory.memory_type());
  row.json(content_of(memory));
  row.text_or_null(agent_of(memory));
  row.time(memory.created_at());
  row.time(memory.updated_at());
  row.time(memory.expires_at());
  row.integer(memory.priority());
  row.boolean(status == MemoryStatus::kActive || status == MemoryStatus::kPromoted);
}

void write_embedding(const SourceEmbedding& embedding, RowEncoder& row) {
  row.text(embedding.memory.to_string());
  row.vector(embedding.vector);
  row.text(embedding.model);
  row.time(embedding.memory_created_at);
}

void write_relation(const Relation& relation, RowEncoder& row) {
  row.text(relation.source_id.to_string());
  row.text(relation.target_id.to_string());
  row.text(relation.relation_type);
  row.json(relation.metadata);
  row.time(relation.created_at);
}

Status write_tags(const MemoryRecord& memory, RowSink& rows) {
  const std::string id = memory.id().to_string();
  for (const auto tag : memory.tags()) {
    auto& row = rows.begin_row();
    row.text(id);
    row.text(tag);
    if (auto status = rows.end_row(); !status) return status;
  }
  return {};
}

class Orchestrator final : public Projection {
 public:
  std::string_view name() const override { return "orchestrator"; }
  std::pair<std::string, std::string> vector_column() const override {
    return {"vector_embeddings", "embedding"};
  }

  std::vector<TableSpec> tables(const ProjectionSettings& settings) const override {
    return orchestrator_tables(settings);
  }

  Claim claim(const SourceRecord& record) const override {
    return std::visit([](const auto* value) { return claim_of(*value); }, record.value);
  }

  Claim claim(const SourceTombstone& tombstone) const override {
    switch (tombstone.kind) {
      case SourceKind::kSession:
        return {"sessions", tombstone.id};
      case SourceKind::kRelation:
        return {"memory_relationships", tombstone.id};
      case SourceKind::kEmbedding:
        return {"vector_embeddings", tombstone.id};
      default:
        return {"memory_entries", tombstone.id};
    }
  }

  std::string refusal(const SourceRecord& record,
                      const ProjectionSettings& settings) const override {
    const auto* const* embedding = std::get_if<const SourceEmbedding*>(&record.value);
    if (embedding == nullptr || (*embedding)->vector.size() == settings.dim) return {};
    return "the vector has " + std::to_string((*embedding)->vector.size()) +
           " dimensions; the column vector_embeddings.embedding takes " +
           std::to_string(settings.dim);
  }

  Status write(const TableSpec& table, const SourceRecord& record, RowSink& rows) const override {
    if (table.name == "memory_tags") {
      return write_tags(*std::get<const MemoryRecord*>(record.value), rows);
    }
    auto& row = rows.begin_row();
    switch (table.source) {
      case SourceKind::kSession:
        write_session(*std::get<const Session*>(record.value), row);
        break;
      case SourceKind::kMemory:
        write_memory(*std::get<const MemoryRecord*>(record.value), row);
        break;
      case SourceKind::kEmbedding:
        write_embedding(*std::get<const SourceEmbedding*>(record.value), row);
        break;
      case SourceKind::kRelation:
        write_relation(*std::get<const Relation*>(record.value), row);
        break;
      case SourceKind::kNone:
        break;
    }
    return rows.end_row();
  }

 private:
  static Claim claim_of(const Session& session) { return {"sessions", session.session_id}; }
  static Claim claim_of(const MemoryRecord& memory) {
    Claim claim{"memory_entries", memory.id().to_string()};
    if (!memory.session_id().empty()) {
      claim.needs = {{"sessions", std::string(memory.session_id())}};
    }
    return claim;
  }
  static Claim claim_of(const Relation& relation) {
    return {"memory_relationships",
            relation.id.to_string(),
            {{"memory_entries", relation.source_id.to_string()},
             {"memory_entries", relation.target_id.to_string()}}};
  }
  static Claim claim_of(const SourceEmbedding& embedding) {
    const std::string memory = embedding.memory.to_string();
    return {"vector_embeddings",
            memory + "/" + std::string(embedding.model),
            {{"memory_entries", memory}}};
  }
};

}  // namespace

std::unique_ptr<Projection> make_orchestrator() { return std::make_unique<Orchestrator>(); }

}  // namespace tulving::storage::postgres
