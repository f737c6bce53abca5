#include "core/model/rules/schema_needs.h"

#include <fmt/format.h>

#include <algorithm>
#include <type_traits>

#include "core/kinds/enumerators.h"
#include "core/kinds/kinds.h"
#include "core/kinds/memory.h"

namespace tulving {
namespace model {
namespace {

using enum PostgresSchema;

enum Need : std::uint8_t {
  kGuildAgent,
  kTaskMemoryType,
  kTaskMemoryTask,
  kTaskMemorySuccess,
  kConsolidatedType,
  kConsolidatedProject,
  kCompassScope,
  kTaskAgent,
  kStageAgent,
  kErrorAgent,
};

constexpr std::string_view kSixTypes =
    "memory_type is none of error_fix, discovery, decision, learning, warning, codebase_knowledge, "
    "which consolidation takes";

// In the order of Need.
constexpr SchemaNeed kNeeds[] = {
    {kGuild, "memory_records", "agent_id", "agent_id",
     "agent_id is missing; guild keeps memories by agent"},
    {kConsolidation, "task_memories", "task_memories_memory_type_check", "memory_type", kSixTypes},
    {kConsolidation, "task_memories", "task_id", "task_id",
     "task_id is missing; consolidation takes memories of tasks, and of abstraction level 1 and "
     "above those of projects"},
    {kConsolidation, "task_memories", "success", "success",
     "success is missing; consolidation says of each task memory whether it went well"},
    {kConsolidation, "consolidated_memories", "consolidated_memories_type_check", "memory_type",
     kSixTypes},
    {kConsolidation, "consolidated_memories", "project_id", "project_id",
     "project_id is missing; consolidation keeps memories of abstraction level 1 and above by "
     "project"},
    {kCompass, "memories", "memories_scope_check", "agent_id",
     "agent_id, session_id, user_id and task_id are missing; compass wants one of them"},
    {kCompass, "task_contexts", "agent_id", "agent_id",
     "agent_id is missing; compass wants to know whose task it is"},
    {kCompass, "stage_memories", "agent_id", "agent_id",
     "agent_id is missing; compass wants to know who works on a stage"},
    {kCompass, "error_records", "agent_id", "agent_id",
     "agent_id is missing; compass wants to know whose error it is"},
};

const SchemaNeed* consolidation_need(const HeldMemory& memory) {
  constexpr std::string_view kTypes[] = {"error_fix", "discovery", "decision",
                                         "learning",  "warning",   "codebase_knowledge"};
  const bool has_type = std::ranges::find(kTypes, memory.memory_type) != std::end(kTypes);
  if (memory.abstraction_level > 0) {
    if (!has_type) return &kNeeds[kConsolidatedType];
    return memory.project_id.empty() ? &kNeeds[kConsolidatedProject] : nullptr;
  }
  if (!has_type) return &kNeeds[kTaskMemoryType];
  if (memory.task_id.empty()) return &kNeeds[kTaskMemoryTask];
  return memory.has_success ? nullptr : &kNeeds[kTaskMemorySuccess];
}

HeldMemory held(const Memory& memory) {
  return {
      memory.memory_type, memory.agent_id,   memory.session_id,        memory.user_id,
      memory.task_id,     memory.project_id, memory.abstraction_level, memory.success.has_value()};
}
template <class Plain>
const Plain& held(const Plain& record) {
  return record;
}

template <class Record, class... Kinds>
constexpr bool kIsAnyOf = (std::is_same_v<Record, Kinds> || ...);

// The table of specification, section 8.
template <class Record>
constexpr bool has_table(PostgresSchema schema) {
  switch (schema) {
    case kOrchestrator:
      return kIsAnyOf<Record, Session, UserProfile, AgentState, Memory, Relation, AccessLogEntry>;
    case kGuild:
      return kIsAnyOf<Record, Memory, Relation, DataSource, AccessPolicy>;
    case kConsolidation:
      return kIsAnyOf<Record, Project, Task, Memory, ConsolidationJob>;
    case kCompass:
      return kIsAnyOf<Record, Task, Stage, Memory, Relation, ErrorRecord, CompressionMetric>;
    case kCortex:
      return kIsAnyOf<Record, Memory, Relation, ConsolidationTask, AgentResult>;
  }
  return false;
}

}  // namespace

std::span<const SchemaNeed> schema_needs() { return kNeeds; }

const SchemaNeed* unmet_need(const HeldMemory& memory, PostgresSchema schema) {
  if (schema == kGuild && memory.agent_id.empty()) return &kNeeds[kGuildAgent];
  if (schema == kConsolidation) return consolidation_need(memory);
  const bool has_scope = !memory.agent_id.empty() || !memory.session_id.empty() ||
                         !memory.user_id.empty() || !memory.task_id.empty();
  return schema == kCompass && !has_scope ? &kNeeds[kCompassScope] : nullptr;
}

const SchemaNeed* unmet_need(const Task& task, PostgresSchema schema) {
  return schema == kCompass && task.agent_id.empty() ? &kNeeds[kTaskAgent] : nullptr;
}

const SchemaNeed* unmet_need(const Stage& stage, PostgresSchema schema) {
  return schema == kCompass && stage.agent_id.empty() ? &kNeeds[kStageAgent] : nullptr;
}

const SchemaNeed* unmet_need(const ErrorRecord& error, PostgresSchema schema) {
  return schema == kCompass && error.agent_id.empty() ? &kNeeds[kErrorAgent] : nullptr;
}

}  // namespace model

std::string_view to_string(PostgresSchema schema) noexcept {
  return kinds::kNames<PostgresSchema>[static_cast<std::size_t>(schema)];
}

std::optional<PostgresSchema> parse_postgres_schema(std::string_view name) noexcept {
  const auto* found = std::ranges::find(kPostgresSchemas, name,
                                        [](PostgresSchema schema) { return to_string(schema); });
  return found == kPostgresSchemas.end() ? std::nullopt : std::optional(*found);
}

Status holdable(const Record& record, PostgresSchema schema) {
  return std::visit(
      [&]<class Kind>(const Kind& kind) -> Status {
        if (!model::has_table<Kind>(schema)) {
          return Error{
              ErrorCode::kInvalidArgument,
              fmt::format("{} has no table for a {}", to_string(schema), kinds::Kind<Kind>::noun),
              "kind"};
        }
        const model::SchemaNeed* need = model::unmet_need(model::held(kind), schema);
        if (need == nullptr) return {};
        return Error{ErrorCode::kInvalidArgument, std::string(need->reason),
                     std::string(need->field)};
      },
      record);
}

}  // namespace tulving
