// The schema "compass": what agents do in the stages of their tasks and remember of them, what went
// wrong, and what compressing it cost. Its own ids are UUIDs that stand for the caller's.

#include "core/base/json/json_text.h"
#include "storage/postgres/columns.h"
#include "storage/postgres/memory_content.h"
#include "storage/postgres/projection.h"
#include "storage/postgres/projections/memory_vector.h"
#include "tulving/json_members.h"

namespace tulving::storage::postgres {
namespace {

const Memory& memory(const Row& row) { return row.record.as<Memory>(); }

// The ids are texts of 36 characters that JSON escapes nothing of.
Field memory_refs(const Row& row) {
  std::string array;
  for (const Uuid& id : row.record.as<Stage>().memory_refs) {
    array += (array.empty() ? "[\"" : ", \"") + id.to_string() + '"';
  }
  return array.empty() ? Field() : Field(array + ']');
}

std::string set_memory_refs(Field&& value, Reading& to) {
  std::string array;
  if (auto why = columns::put(std::move(value), array); !why.empty() || array.empty()) return why;
  if (auto status = check_json("it", array); !status) return status.error().message;
  const JsonValue refs = JsonValue::whole(array);
  if (refs.kind() != JsonKind::kArray) return "it is no array";
  auto& ids = std::get<Stage>(to.record).memory_refs;
  std::string why;
  refs.each_element([&](JsonValue element) {
    const auto id =
        element.kind() == JsonKind::kString ? Uuid::parse(element.as_string()) : std::nullopt;
    if (id) {
      ids.push_back(*id);
    } else {
      why = std::string(element.raw()) + " in it is no UUID of version 4";
    }
    return id.has_value();
  });
  return why;
}

TableSpec stage_memories() {
  return {.name = "stage_memories",
          .source = RecordKind::kStage,
          .columns = {named_column<&Stage::stage_id>(), named_column<&Stage::task_id>(),
                      named_column<&Stage::agent_id>(), column<&Stage::stage_type>(),
                      column<&Stage::summary>("stage_summary", "'' of a stage that is open"),
                      column<&Stage::insights>("stage_insights"),
                      made_column("raw_memory_refs", "memory_refs", &memory_refs, &set_memory_refs,
                                  "an array of the ids"),
                      column<&Stage::relevance_score>(), column<&Stage::compression_ratio>(),
                      column<&Stage::compression_model>(), column<&Stage::quality_metrics>(),
                      column<&Stage::created_at>(), column<&Stage::updated_at>(),
                      column<&Stage::completed_at>()},
          .key = {"stage_id"}};
}

TableSpec task_contexts() {
  return {.name = "task_contexts",
          .source = RecordKind::kTask,
          .columns = {named_column<&Task::task_id>(), named_column<&Task::agent_id>(),
                      column<&Task::goal>("task_goal"),
                      reference_column<&Task::current_stage_id>(
                          "current_stage_id", "stage_memories", WhenMissing::kClear),
                      column<&Task::progress_summary>("task_progress_summary"),
                      column<&Task::critical_constraints>(), column<&Task::performance_metrics>(),
                      column<&Task::created_at>(), column<&Task::updated_at>()},
          .key = {"task_id"}};
}

// SQL for the ids that the ledger's links give the staged row.
constexpr std::string_view kRelatedOfStaged =
    "(SELECT coalesce(array_agg(o.id ORDER BY o.id), '{}') FROM (SELECT l.target_id AS id FROM "
    "tulving.sync_links l WHERE l.schema_name = current_schema() AND l.source_id = s.memory_id "
    "UNION SELECT l.source_id FROM tulving.sync_links l WHERE l.schema_name = current_schema() "
    "AND l.target_id = s.memory_id) o)";

Field related(const Row& row) {
  return row.record.related == nullptr ? Field() : Field(*row.record.related);
}

Column not_read(Column column, std::string_view note) {
  column.set = nullptr;
  column.note = note;
  return column;
}

TableSpec memories() {
  return {.name = "memories",
          .source = RecordKind::kMemory,
          .columns = {memory_key(),
                      column<&Memory::layer>("memory_layer"),
                      made_column(
                          "content", "text, content",
                          [](const Row& row) { return Field(content_text(memory(row))); },
                          &set_content_text, kContentTextNote),
                      column<&Memory::summary>(),
                      memory_vector_column("embedding"),
                      named_column<&Memory::agent_id>(),
                      named_column<&Memory::session_id>(),
                      named_column<&Memory::user_id>(),
                      named_column<&Memory::task_id>(),
                      column<&Memory::created_at>("timestamp"),
                      column<&Memory::entities>(),
                      column<&Memory::facts>(),
                      column<&Memory::keywords>(),
                      {.name = "related_memory_ids",
                       .from = "relation.source_id, relation.target_id",
                       .get = &related,
                       .if_null = kRelatedOfStaged,
                       .note = "those that a relation joins with it, whichever way; not read back"},
                      column<&Memory::parent_memory_id>(),
                      column<&Memory::relevance_score>(),
                      column<&Memory::use_count>("access_count"),
                      column<&Memory::last_used>("last_accessed"),
                      reference_column<&Memory::stage_id>("stage_id", "stage_memories",
                                                          WhenMissing::kClear),
                      column<&Memory::is_critical>(),
                      column<&Memory::criticality_reason>(),
                      column<&Memory::actions>(),
                      column<&Memory::outcome>(),
                      column<&Memory::success>(),
                      not_read(column<&Memory::created_at>(),
                               "as timestamp, which is the one read back")},
          .key = {"memory_id"},
          .vector_column = "embedding",
          .related_column = "related_memory_ids"};
}

TableSpec error_records() {
  return {.name = "error_records",
          .source = RecordKind::kErrorRecord,
          .columns = {named_column<&ErrorRecord::error_id>(), named_column<&ErrorRecord::task_id>(),
                      reference_column<&ErrorRecord::stage_id>("stage_id", "stage_memories",
                                                               WhenMissing::kClear),
                      named_column<&ErrorRecord::agent_id>(), column<&ErrorRecord::error_type>(),
                      column<&ErrorRecord::description>("error_description"),
                      column<&ErrorRecord::context>("context_when_occurred"),
                      column<&ErrorRecord::recovery_action>(),
                      column<&ErrorRecord::severity>("error_severity"),
                      column<&ErrorRecord::recorded_at>()},
          .key = {"error_id"}};
}

TableSpec compression_metrics() {
  return {.name = "compression_metrics",
          .source = RecordKind::kCompressionMetric,
          .columns = {named_column<&CompressionMetric::metric_id>(),
                      reference_column<&CompressionMetric::stage_id>("stage_id", "stage_memories",
                                                                     WhenMissing::kClear),
                      named_column<&CompressionMetric::task_id>(),
                      column<&CompressionMetric::compression_type>(),
                      column<&CompressionMetric::input_tokens>(),
                      column<&CompressionMetric::output_tokens>(),
                      column<&CompressionMetric::compression_ratio>(),
                      column<&CompressionMetric::critical_fact_retention_rate>(),
                      column<&CompressionMetric::coherence_score>(),
                      column<&CompressionMetric::cost_usd>("cost_usd", "to four decimals"),
                      column<&CompressionMetric::model_used>(),
                      column<&CompressionMetric::recorded_at>()},
          .key = {"metric_id"}};
}

}  // namespace

Projection make_compass(const ProjectionSettings& /*settings*/) {
  return {.schema = PostgresSchema::kCompass,
          .tables = {stage_memories(), task_contexts(), memories(), error_records(),
                     compression_metrics()}};
}

}  // namespace tulving::storage::postgres
