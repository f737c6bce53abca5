// The schema "orchestrator": sessions, memories with their tags and embeddings, relations; and the
// tables of kinds that snapshots do not carry yet, created empty. Here is which record claims what;
// orchestrator_tables.cc has the tables, each column with where its value comes from.

#include "storage/postgres/projections/orchestrator_tables.h"

namespace tulving::storage::postgres {
namespace {

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

  std::string refusal(const SourceRecord& record,
                      const ProjectionSettings& settings) const override {
    const auto* const* embedding = std::get_if<const SourceEmbedding*>(&record.value);
    if (embedding == nullptr || (*embedding)->vector.size() == settings.dim) return {};
    return "the vector has " + std::to_string((*embedding)->vector.size()) +
           " dimensions; the column vector_embeddings.embedding takes " +
           std::to_string(settings.dim);
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
  static Claim claim_of(const SourceTombstone& tombstone) {
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
