// What each kind of record names of the few that there are.

#include <algorithm>
#include <utility>

#include "tests/postgres/random_kinds.h"

namespace tulving::testing {

void RandomKinds::place(Scope& scope, Project& record) {
  record.project_id = name(scope, "project");
}
void RandomKinds::place(Scope& scope, Task& record) {
  record.task_id = name(scope, "task");
  record.project_id = name_or_none(scope, "project");
  record.current_stage_id = name_or_none(scope, "stage");
  if (below(4) > 0) record.agent_id = shared_name("agent");
}
void RandomKinds::place(Scope& scope, Stage& record) {
  record.stage_id = name(scope, "stage");
  record.task_id = name(scope, "task");
  if (below(4) > 0) record.agent_id = shared_name("agent");
  record.memory_refs.clear();
  for (auto left = below(3); left > 0; --left) record.memory_refs.push_back(memory_of(scope));
}
void RandomKinds::place(Scope& scope, Session& record) {
  record.session_id = name(scope, "session");
}
void RandomKinds::place(Scope& scope, UserProfile& record) { record.user_id = name(scope, "user"); }
void RandomKinds::place(Scope& scope, DataSource& record) {
  record.source_id = name_or_none(scope, "source");
  record.source_name = shared_name("reports");
}
void RandomKinds::place(Scope& scope, AccessPolicy& record) {
  record.policy_id = name_or_none(scope, "policy");
  record.policy_name = shared_name("readers");
}
void RandomKinds::place(Scope& scope, AgentState& record) {
  record.state_id = name_or_none(scope, "state");
  record.agent_id = shared_name("agent");
  record.session_id = name_or_none(scope, "session");
}

// Few texts, so that guild's hash of one agent's is the same.
void RandomKinds::place_texts(Memory& record) {
  if (below(2) == 0) record.text = "note " + std::to_string(below(4));
  if (below(2) == 0) record.content.clear();
  if (record.content == "{}") record.content.clear();
  if (below(6) == 0) {
    record.content = "{\"a\": " + std::to_string(below(2)) + "}";
    record.text.clear();
  }
}
void RandomKinds::place(Scope& scope, Memory& record) {
  place_texts(record);
  record.id = {};
  record.external_id = below(4) == 0 ? (is_disjoint_ ? scope.id : "") + shared_name("own") : "";
  if (below(3) > 0) record.agent_id = shared_name("agent");
  if (below(4) == 0) record.agent_id.clear();
  record.user_id = name_or_none(scope, "user");
  record.project_id = name_or_none(scope, "project");
  record.session_id = below(2) == 0 ? name(scope, "session") : "";
  record.task_id = name_or_none(scope, "task");
  record.stage_id = name_or_none(scope, "stage");
  if (below(2) == 0) record.memory_type = "decision";
  if (below(2) == 0) record.success = values_.coin();
  record.abstraction_level = static_cast<std::int32_t>(below(2) == 0 ? 0 : below(4));
  record.parent_memory_id = below(4) == 0 ? memory_of(scope) : Uuid();
  record.consolidated_into_id = below(2) == 0 ? memory_of(scope) : Uuid();
  record.source_memory_ids.clear();
  if (below(4) == 0) record.source_memory_ids = {memory_of(scope)};
  record.embeddings.clear();
  if (below(4) > 0) record.embeddings.push_back(vector("default"));
  if (below(8) == 0) record.embeddings.push_back(vector("other"));
}
void RandomKinds::place(Scope& scope, Relation& record) {
  static const std::vector<std::string> kTypes = {
      "references", "contradicts", "supports", "follows", "related", "causes", "likes"};
  // Few ends, so that several lie between the same two.
  const auto most = std::min<std::size_t>(scope.memories.size(), 8);
  const auto end = [&] {
    return most == 0 ? Uuid() : scope.memories[scope.memories.size() - 1 - below(most)];
  };
  record.source_id = end();
  record.target_id = end();
  if (below(4) > 0) record.relation_type = kTypes[below(kTypes.size())];
  if (below(3) == 0) record.strength = 0.5;
}
void RandomKinds::place(Scope& scope, AccessLogEntry& record) {
  record.log_id = below(2) == 0 ? "" : name(scope, "log");
  record.memory_id = below(3) > 0 ? memory_of(scope) : Uuid();
  record.session_id = name_or_none(scope, "session");
}
void RandomKinds::place(Scope& scope, ErrorRecord& record) {
  record.error_id = name_or_none(scope, "error");
  record.task_id = name(scope, "task");
  record.stage_id = name_or_none(scope, "stage");
}
void RandomKinds::place(Scope& scope, CompressionMetric& record) {
  record.metric_id = name_or_none(scope, "metric");
  record.task_id = name_or_none(scope, "task");
  record.stage_id = name_or_none(scope, "stage");
}
void RandomKinds::place(Scope& scope, ConsolidationTask& record) {
  record.task_id = name(scope, "work");
  record.memory_ids = {memory_of(scope)};
}
void RandomKinds::place(Scope& scope, ConsolidationJob& record) {
  record.id = below(2) == 0 ? Uuid() : Uuid::derive(scope.id, "job" + std::to_string(below(3)));
  record.project_id = name(scope, "project");
}
void RandomKinds::place(Scope& scope, AgentResult& record) {
  record.result_id = name_or_none(scope, "result");
  record.task_id = name_or_none(scope, "work");
  record.memory_ids.clear();
  if (below(2) == 0) record.memory_ids = {memory_of(scope)};
  if (record.memory_ids == std::vector{Uuid()}) record.memory_ids.clear();
}

}  // namespace tulving::testing
