#include "tests/postgres/schema_difference.h"

#include <map>
#include <utility>

namespace tulving::testing {
namespace {

// By "PROJECTION.TABLE".
const std::map<std::string, std::string> kDrawn = {
    {"orchestrator.memory_tags", "tag_id"},
    {"orchestrator.vector_embeddings", "embedding_id"},
    {"orchestrator.agent_states", "state_id"},
    {"orchestrator.memory_relationships", "relationship_id"},
    {"orchestrator.memory_access_logs", "log_id"},
    {"guild.memory_embeddings", "embedding_id"},
};

}  // namespace

std::vector<std::string> SchemaDifference::tables(const std::string& schema) {
  return database_.lines("SELECT tablename FROM pg_tables WHERE schemaname = '" + schema +
                         "' ORDER BY 1");
}

bool SchemaDifference::has_names(const std::string& table) const {
  return projection_ == "consolidation" && (table == "projects" || table == "tasks");
}

std::string SchemaDifference::recorded() const {
  std::string list = "'{";
  for (const auto& id : recorded_) list += (list.size() > 2 ? "," : "") + id;
  return list + "}'::uuid[]";
}

std::string SchemaDifference::is_lingering(const std::string& schema,
                                           const std::string& table) const {
  const auto named_by = [&](const std::string& other, const std::string& column) {
    return " AND NOT EXISTS (SELECT FROM " + schema + "." + other + " o WHERE o." + column +
           " = t.id)";
  };
  const std::string is_name = "NOT t.id = ANY(" + recorded() + ")";
  if (table == "tasks") return is_name + named_by("task_memories", "task_id");
  return is_name + named_by("tasks", "project_id") +
         named_by("consolidated_memories", "project_id") +
         named_by("consolidation_jobs", "project_id");
}

std::uint64_t SchemaDifference::lingering(const std::string& schema, const std::string& table) {
  if (!has_names(table)) return 0;
  return std::stoull(database_.value("SELECT count(*) FROM " + schema + "." + table + " t WHERE " +
                                     is_lingering(schema, table)));
}

std::string SchemaDifference::rows(const std::string& schema, const std::string& table) const {
  const auto drawn = kDrawn.find(projection_ + "." + table);
  std::string row = "to_jsonb(t)";
  if (drawn != kDrawn.end()) row += " - '" + drawn->second + "'";
  std::string rows = " FROM " + schema + "." + table + " t";
  if (has_names(table)) {
    row = "CASE WHEN t.id = ANY(" + recorded() + ") THEN to_jsonb(t) ELSE to_jsonb(t) - " +
          "'created_at' END";
  }
  return "SELECT " + row + " AS j" + rows;
}

std::vector<std::string> SchemaDifference::between(const std::string& grown,
                                                   const std::string& fresh) {
  std::vector<std::string> found;
  for (const std::string& table : tables(fresh)) {
    std::string there = rows(grown, table);
    if (has_names(table)) there += " WHERE NOT (" + is_lingering(grown, table) + ")";
    const std::string anew = rows(fresh, table);
    const auto list = [&](const std::string& one, const std::string& other,
                          const std::string& schema) {
      for (auto& line : database_.lines("SELECT j::text FROM ((" + one + ") EXCEPT ALL (" + other +
                                        ")) d ORDER BY 1")) {
        found.push_back(table + ", only in " + schema + ": " + line);
      }
    };
    list(there, anew, grown);
    list(anew, there, fresh);
  }
  return found;
}

}  // namespace tulving::testing
