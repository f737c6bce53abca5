// The schema "cortex": memories as they decay, relations, the consolidation queue and what the
// agents found.

#include <algorithm>
#include <utility>

#include "core/base/json/json_text.h"
#include "storage/postgres/columns.h"
#include "storage/postgres/memory_content.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/projections/consolidation_tasks.h"
#include "storage/postgres/projections/memory_vector.h"

namespace tulving::storage::postgres {
namespace {

TableSpec memories() {
  return {
      .name = "memories",
      .source = RecordKind::kMemory,
      .columns = {memory_key(),
                  made_column(
                      "content", "text, content",
                      [](const Row& row) { return Field(content_text(row.record.as<Memory>())); },
                      &set_content_text, kContentTextNote),
                  column<&Memory::tags>(), column<&Memory::entities>(), column<&Memory::status>(),
                  column<&Memory::strength>(), column<&Memory::use_count>(),
                  column<&Memory::review_count>(), column<&Memory::created_at>(),
                  column<&Memory::last_used>(), column<&Memory::promoted_at>(),
                  column<&Memory::archived_at>(), column<&Memory::ltm_path>(),
                  memory_vector_column("embedding")},
      .key = {"memory_id"},
      .vector_column = "embedding"};
}

TableSpec relations() {
  return {.name = "relations",
          .source = RecordKind::kRelation,
          .columns = {made_column("relation_id", "id", &columns::get<&Relation::id>, nullptr,
                                  "derived from the memories and the type; not read"),
                      reference_column<&Relation::source_id>("from_memory_id", "memories",
                                                             WhenMissing::kSkip),
                      reference_column<&Relation::target_id>("to_memory_id", "memories",
                                                             WhenMissing::kSkip),
                      column<&Relation::relation_type>(), column<&Relation::strength>(),
                      column<&Relation::metadata>(), column<&Relation::created_at>()},
          .key = {"relation_id"}};
}

// record_id() of the task; not the UUID that its id stands for, which other kinds have.
std::string task_of_result(const SourceRecord& record) {
  const std::string& task_id = record.as<AgentResult>().task_id;
  if (task_id.empty()) return {};
  return kinds::row_id<ConsolidationTask>(record.tenant_id, task_id).to_string();
}

// The members of an agent's result that say what it is about (tulving/agent_results.h). Not
// new_memory_id: it may never have come to be.
bool names_subject(UpkeepAgent agent, std::string_view member) {
  switch (agent) {
    case UpkeepAgent::kDecay:
    case UpkeepAgent::kPromote:
      return member == "memory_id";
    case UpkeepAgent::kCluster:
      return member == "memory_ids";
    case UpkeepAgent::kMerge:
      return member == "source_ids";
    case UpkeepAgent::kRelations:
      return member == "from_memory_id" || member == "to_memory_id";
  }
  return false;
}

// Ascending, each once. What is no id of a memory's form names none.
std::vector<Uuid> subjects_of(UpkeepAgent agent, JsonValue result) {
  std::vector<Uuid> ids;
  const auto add = [&ids](JsonValue value) {
    const auto id =
        value.kind() == JsonKind::kString ? Uuid::parse(value.as_string()) : std::optional<Uuid>();
    if (id) ids.push_back(*id);
    return true;
  };
  if (result.kind() != JsonKind::kObject) return ids;
  result.each_member([&](std::string_view name, JsonValue value) {
    if (!names_subject(agent, name)) return true;
    if (value.kind() == JsonKind::kArray) {
      value.each_element(add);
    } else {
      add(value);
    }
    return true;
  });
  std::ranges::sort(ids);
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  return ids;
}

// `agent` comes before. A row that says nothing has the empty object: a result is needed.
std::string set_result(Field&& value, Reading& to) {
  std::string result;
  if (auto why = columns::put(std::move(value), result); !why.empty()) return why;
  if (result.empty()) result = "{}";
  if (const auto fault = scan_json(result)) {
    return "it is no JSON at byte " + std::to_string(fault->offset) + ": " +
           std::string(fault->what);
  }
  auto& into = std::get<AgentResult>(to.record);
  into.memory_ids = subjects_of(into.agent, JsonValue::whole(result));
  into.result = std::move(result);
  return {};
}

TableSpec agent_results() {
  return {.name = "agent_results",
          .source = RecordKind::kAgentResult,
          .columns = {named_column<&AgentResult::result_id>(),
                      column<&AgentResult::agent>(),
                      {.name = "task_id",
                       .from = "task_id",
                       .set = &columns::set<&AgentResult::task_id>,
                       .reference = {"consolidation_tasks", WhenMissing::kClear, &task_of_result}},
                      column<&AgentResult::confidence>(),
                      column<&AgentResult::decision>(),
                      made_column("result", "result, memory_ids",
                                  &columns::get<&AgentResult::result>, &set_result,
                                  "memory_ids comes back as those that the result names as what "
                                  "it is about"),
                      column<&AgentResult::created_at>()},
          .key = {"result_id"}};
}

}  // namespace

Projection make_cortex(const ProjectionSettings&) {
  return {.schema = PostgresSchema::kCortex,
          .tables = {memories(), relations(), consolidation_tasks(), agent_results()}};
}

}  // namespace tulving::storage::postgres
