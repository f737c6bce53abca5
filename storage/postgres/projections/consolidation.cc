// The schema "consolidation": what was learned in tasks, what consolidation made of it, the jobs
// that did, and the projects and tasks that all of these name, of which there need be no record.

#include <utility>

#include "storage/postgres/columns.h"
#include "storage/postgres/memory_content.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/projections/consolidation_jobs.h"
#include "storage/postgres/projections/memory_vector.h"

namespace tulving::storage::postgres {
namespace {

const Memory& memory(const Row& row) { return row.record.as<Memory>(); }
Memory& memory_of(Reading& to) { return std::get<Memory>(to.record); }

Column with_default(Column column, std::string_view sql) {
  column.if_null = sql;
  return column;
}

// A row made of a name alone has no time of its own: it keeps the one it has.

Field project_name(const Row& row) {
  const auto& project = row.record.as<Project>();
  return project.name.empty() ? project.project_id : project.name;
}

// `id` comes before.
std::string set_project_name(Field&& value, Reading& to) {
  auto& project = std::get<Project>(to.record);
  auto why = columns::put(std::move(value), project.name);
  if (project.name == project.project_id) project.name.clear();
  return why;
}

TableSpec projects() {
  return {
      .name = "projects",
      .source = RecordKind::kProject,
      .columns = {named_column<&Project::project_id>("id"),
                  made_column("name", "name, project_id", &project_name, &set_project_name,
                              "project_id where there is no name"),
                  with_default(column<&Project::created_at>(),
                               "coalesce((SELECT t.created_at FROM projects t WHERE t.id = s.id), "
                               "now())")},
      .key = {"id"},
      .has_placeholders = true};
}

TableSpec tasks() {
  return {.name = "tasks",
          .source = RecordKind::kTask,
          .columns = {named_column<&Task::task_id>("id"),
                      reference_column<&Task::project_id>("project_id", "projects",
                                                          WhenMissing::kClear),
                      column<&Task::title>(),
                      with_default(column<&Task::created_at>(),
                                   "coalesce((SELECT t.created_at FROM tasks t WHERE t.id = "
                                   "s.id), now())")},
          .key = {"id"},
          .has_placeholders = true};
}

bool is_consolidated(const SourceRecord& record) {
  return record.as<Memory>().abstraction_level >= 1;
}

Field consolidated_at(const Row& row) {
  const Memory& from = memory(row);
  return columns::field_of(from.consolidated_at ? from.consolidated_at : from.created_at);
}

Field source_count(const Row& row) {
  return static_cast<std::int32_t>(memory(row).source_memory_ids.size());
}

TableSpec consolidated_memories() {
  return {
      .name = "consolidated_memories",
      .source = RecordKind::kMemory,
      .columns = {memory_key("id"),
                  reference_column<&Memory::project_id>("project_id", "projects",
                                                        WhenMissing::kSkip),
                  made_column(
                      "content", "text, content",
                      [](const Row& row) { return Field(content_text(memory(row))); },
                      &set_content_text, kContentTextNote),
                  column<&Memory::memory_type>(), column<&Memory::abstraction_level>(),
                  column<&Memory::pattern_type>(), column<&Memory::confidence_score>(),
                  column<&Memory::source_memory_ids>(), memory_vector_column("embedding"),
                  column<&Memory::tags>(), column<&Memory::consolidation_method>(),
                  column<&Memory::created_at>(), column<&Memory::updated_at>(),
                  made_column("consolidated_at", "consolidated_at, created_at", &consolidated_at,
                              &columns::set<&Memory::consolidated_at>, "created_at where absent"),
                  made_column("source_count", "source_memory_ids", &source_count, nullptr,
                              "how many there are; not read"),
                  column<&Memory::reuse_count>()},
      .key = {"id"},
      .holds = &is_consolidated,
      .vector_column = "embedding"};
}

bool is_task_memory(const SourceRecord& record) {
  return record.as<Memory>().abstraction_level == 0;
}

// A memory needs a text.
std::string set_execution_summary(Field&& value, Reading& to) {
  auto why = columns::put(std::move(value), memory_of(to).summary);
  memory_of(to).text = memory_of(to).summary;
  return why;
}

TableSpec task_memories() {
  return {.name = "task_memories",
          .source = RecordKind::kMemory,
          .columns = {memory_key("id"),
                      reference_column<&Memory::task_id>("task_id", "tasks", WhenMissing::kSkip),
                      made_column("execution_summary", "summary", &columns::get<&Memory::summary>,
                                  &set_execution_summary,
                                  "the text itself is lost: it comes back as the summary"),
                      column<&Memory::memory_type>(), column<&Memory::goal>(),
                      column<&Memory::result>(), column<&Memory::feedback>(),
                      column<&Memory::tool_usage>(), memory_vector_column("context_embedding"),
                      column<&Memory::success>(), column<&Memory::error_patterns>(),
                      column<&Memory::created_at>("learned_at"),
                      column<&Memory::reuse_count>("reused_count"),
                      reference_column<&Memory::consolidated_into_id>(
                          "consolidated_into_id", "consolidated_memories", WhenMissing::kClear),
                      made_column(
                          "is_consolidated", "consolidated_into_id",
                          [](const Row& row) {
                            return Field(!memory(row).consolidated_into_id.is_nil());
                          },
                          nullptr, "whether it names one; not read")},
          .key = {"id"},
          .holds = &is_task_memory,
          .vector_column = "context_embedding"};
}

std::vector<Placeholder> placeholders(const SourceRecord& record) {
  Placeholder parent;
  if (record.value == nullptr) return {};
  if (const auto* memory = std::get_if<Memory>(record.value)) {
    parent = memory->abstraction_level >= 1 ? Placeholder{"projects", memory->project_id}
                                            : Placeholder{"tasks", memory->task_id};
  } else if (const auto* task = std::get_if<Task>(record.value)) {
    parent = {"projects", task->project_id};
  } else if (const auto* job = std::get_if<ConsolidationJob>(record.value)) {
    parent = {"projects", job->project_id};
  }
  if (parent.name.empty()) return {};
  return {std::move(parent)};
}

}  // namespace

Projection make_consolidation(const ProjectionSettings&) {
  return {.schema = PostgresSchema::kConsolidation,
          .tables = {projects(), tasks(), consolidated_memories(), consolidation_jobs(),
                     task_memories()},
          .placeholders = &placeholders};
}

}  // namespace tulving::storage::postgres
