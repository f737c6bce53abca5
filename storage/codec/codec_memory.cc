#include "core/base/check.h"
#include "storage/codec/codec.h"
#include "storage/codec/codec_flatbuffers.h"

namespace tulving::storage {

// The schema's enumerators are records.h's, one by one.
static_assert(static_cast<int>(fbs::Layer::MAX) == static_cast<int>(Layer::kProcedural));
static_assert(static_cast<int>(fbs::SourceType::MAX) == static_cast<int>(SourceType::kExternal));
static_assert(static_cast<int>(fbs::MemoryStatus::MAX) == static_cast<int>(MemoryStatus::kDeleted));
static_assert(static_cast<int>(fbs::PatternType::MAX) == static_cast<int>(PatternType::kGotcha));
static_assert(static_cast<int>(fbs::ConsolidationMethod::MAX) ==
              static_cast<int>(ConsolidationMethod::kHybrid));

namespace {

/// Offsets of everything that lies outside the table, which FlatBuffers wants written first.
struct Parts {
  StringOffset external_id, agent_id, user_id, project_id, session_id, task_id, stage_id;
  StringOffset memory_type, text, content, summary, metadata, content_hash;
  StringsOffset tags, entities, facts, keywords;
  StringOffset source_agent, source_id;
  StringOffset goal, result, feedback, tool_usage, outcome, error_patterns, criticality_reason;
  StringsOffset actions;
  StringOffset ltm_path;
  flatbuffers::Offset<IdVector> source_memory_ids;
};

Parts put_parts(flatbuffers::FlatBufferBuilder& builder, const Memory& memory) {
  const auto text = [&](std::string_view value) { return put_string(builder, value); };
  const auto texts = [&](const std::vector<std::string>& values) {
    return put_strings(builder, values);
  };
  Parts parts;
  parts.external_id = text(memory.external_id);
  parts.agent_id = text(memory.agent_id);
  parts.user_id = text(memory.user_id);
  parts.project_id = text(memory.project_id);
  parts.session_id = text(memory.session_id);
  parts.task_id = text(memory.task_id);
  parts.stage_id = text(memory.stage_id);
  parts.memory_type = builder.CreateString(memory.memory_type);  // Required, so never left out.
  parts.text = text(memory.text);
  parts.content = text(memory.content);
  parts.summary = text(memory.summary);
  parts.tags = texts(memory.tags);
  parts.entities = texts(memory.entities);
  parts.facts = texts(memory.facts);
  parts.keywords = texts(memory.keywords);
  parts.metadata = text(memory.metadata);
  parts.content_hash = text(memory.content_hash);
  parts.source_agent = text(memory.source_agent);
  parts.source_id = text(memory.source_id);
  parts.goal = text(memory.goal);
  parts.result = text(memory.result);
  parts.feedback = text(memory.feedback);
  parts.tool_usage = text(memory.tool_usage);
  parts.actions = texts(memory.actions);
  parts.outcome = text(memory.outcome);
  parts.error_patterns = text(memory.error_patterns);
  parts.criticality_reason = text(memory.criticality_reason);
  parts.ltm_path = text(memory.ltm_path);
  parts.source_memory_ids = put_ids(builder, memory.source_memory_ids);
  return parts;
}

void add_offsets(fbs::MemoryBuilder& table, const Parts& parts) {
  table.add_external_id(parts.external_id);
  table.add_agent_id(parts.agent_id);
  table.add_user_id(parts.user_id);
  table.add_project_id(parts.project_id);
  table.add_session_id(parts.session_id);
  table.add_task_id(parts.task_id);
  table.add_stage_id(parts.stage_id);
  table.add_memory_type(parts.memory_type);
  table.add_text(parts.text);
  table.add_content(parts.content);
  table.add_summary(parts.summary);
  table.add_tags(parts.tags);
  table.add_entities(parts.entities);
  table.add_facts(parts.facts);
  table.add_keywords(parts.keywords);
  table.add_metadata(parts.metadata);
  table.add_content_hash(parts.content_hash);
  table.add_source_agent(parts.source_agent);
  table.add_source_id(parts.source_id);
  table.add_goal(parts.goal);
  table.add_result(parts.result);
  table.add_feedback(parts.feedback);
  table.add_tool_usage(parts.tool_usage);
  table.add_actions(parts.actions);
  table.add_outcome(parts.outcome);
  table.add_error_patterns(parts.error_patterns);
  table.add_criticality_reason(parts.criticality_reason);
  table.add_ltm_path(parts.ltm_path);
  table.add_source_memory_ids(parts.source_memory_ids);
}

void add_times(fbs::MemoryBuilder& table, const Memory& memory) {
  TULVING_CHECK(memory.created_at && memory.updated_at && memory.last_used);
  table.add_created_at(to_fbs(*memory.created_at));
  table.add_updated_at(to_fbs(*memory.updated_at));
  table.add_last_used(to_fbs(*memory.last_used));
  if (memory.expires_at) table.add_expires_at(to_fbs(*memory.expires_at));
  if (memory.promoted_at) table.add_promoted_at(to_fbs(*memory.promoted_at));
  if (memory.archived_at) table.add_archived_at(to_fbs(*memory.archived_at));
  if (memory.deleted_at) table.add_deleted_at(to_fbs(*memory.deleted_at));
  if (memory.consolidated_at) table.add_consolidated_at(to_fbs(*memory.consolidated_at));
}

void add_numbers(fbs::MemoryBuilder& table, const Memory& memory) {
  table.add_priority(memory.priority);
  if (memory.strength != 1) table.add_exact_strength(memory.strength);
  table.add_use_count(memory.use_count);
  table.add_review_count(memory.review_count);
  table.add_cross_domain_count(memory.cross_domain_count);
  if (memory.relevance_score != 1) table.add_exact_relevance_score(memory.relevance_score);
  table.add_abstraction_level(memory.abstraction_level);
  table.add_reuse_count(memory.reuse_count);
  if (memory.confidence_score) table.add_exact_confidence_score(*memory.confidence_score);
}

template <class To, class From>
To enumerator(From value) {
  return static_cast<To>(value);
}

/// Bytes last, after the wider fields, so that no padding lies between them.
void add_ids_and_bytes(fbs::MemoryBuilder& table, const Memory& memory) {
  const fbs::Id id = to_fbs(memory.id);
  const fbs::Id parent = to_fbs(memory.parent_memory_id);
  const fbs::Id into = to_fbs(memory.consolidated_into_id);
  table.add_id(&id);
  if (!memory.parent_memory_id.is_nil()) table.add_parent_memory_id(&parent);
  if (!memory.consolidated_into_id.is_nil()) table.add_consolidated_into_id(&into);
  table.add_layer(enumerator<fbs::Layer>(memory.layer));
  table.add_source_type(enumerator<fbs::SourceType>(memory.source_type));
  table.add_status(enumerator<fbs::MemoryStatus>(memory.status));
  if (memory.pattern_type) {
    table.add_pattern_type(enumerator<fbs::PatternType>(*memory.pattern_type));
  }
  if (memory.consolidation_method) {
    table.add_consolidation_method(
        enumerator<fbs::ConsolidationMethod>(*memory.consolidation_method));
  }
  if (memory.success) table.add_success(*memory.success);
  table.add_is_critical(memory.is_critical);
}

bool has_texts(const fbs::Memory& memory) {
  for (const auto* text : {memory.external_id(),    memory.agent_id(),
                           memory.user_id(),        memory.project_id(),
                           memory.session_id(),     memory.task_id(),
                           memory.stage_id(),       memory.memory_type(),
                           memory.text(),           memory.content(),
                           memory.summary(),        memory.metadata(),
                           memory.content_hash(),   memory.source_agent(),
                           memory.source_id(),      memory.goal(),
                           memory.result(),         memory.feedback(),
                           memory.tool_usage(),     memory.outcome(),
                           memory.error_patterns(), memory.criticality_reason(),
                           memory.ltm_path()}) {
    if (text != nullptr && !is_text(text)) return false;
  }
  return are_texts(memory.tags()) && are_texts(memory.entities()) && are_texts(memory.facts()) &&
         are_texts(memory.keywords()) && are_texts(memory.actions());
}

bool has_enumerators(const fbs::Memory& memory) {
  return memory.layer() <= fbs::Layer::MAX && memory.source_type() <= fbs::SourceType::MAX &&
         memory.status() <= fbs::MemoryStatus::MAX &&
         (!memory.pattern_type() || *memory.pattern_type() <= fbs::PatternType::MAX) &&
         (!memory.consolidation_method() ||
          *memory.consolidation_method() <= fbs::ConsolidationMethod::MAX);
}

bool has_times(const fbs::Memory& memory) {
  return is_time(memory.created_at()) && is_time(memory.updated_at()) &&
         is_time(memory.last_used()) && is_time(memory.expires_at()) &&
         is_time(memory.promoted_at()) && is_time(memory.archived_at()) &&
         is_time(memory.deleted_at()) && is_time(memory.consolidated_at());
}

/// Written so that a NaN fails.
bool has_numbers(const MemoryRecord& record, const fbs::Memory& memory) {
  const auto is_within = [](double value, double most) { return value >= 0 && value <= most; };
  const auto confidence = record.confidence_score();
  return memory.priority() >= 1 && memory.priority() <= 10 && is_within(record.strength(), 2) &&
         memory.edited_revision() <= memory.revision() && memory.use_count() >= 0 &&
         memory.review_count() >= 0 && memory.cross_domain_count() >= 0 &&
         memory.reuse_count() >= 0 && memory.abstraction_level() >= 0 &&
         memory.abstraction_level() <= 3 && std::isfinite(record.relevance_score()) &&
         (!confidence || is_within(*confidence, 1));
}

}  // namespace

std::shared_ptr<const MemoryRecord> MemoryRecord::encode(const Memory& memory,
                                                         std::uint64_t edited_revision) {
  TULVING_DCHECK(edited_revision <= memory.revision);
  flatbuffers::FlatBufferBuilder& builder = thread_builder();
  const Parts parts = put_parts(builder, memory);
  fbs::MemoryBuilder table(builder);
  table.add_revision(memory.revision);
  table.add_edited_revision(edited_revision == memory.revision ? 0 : edited_revision);
  add_times(table, memory);
  add_numbers(table, memory);
  add_offsets(table, parts);
  add_ids_and_bytes(table, memory);
  return std::make_shared<const MemoryRecord>(Passkey{}, take_bytes(builder, table.Finish()));
}

Result<std::shared_ptr<const MemoryRecord>> MemoryRecord::decode(std::string bytes) {
  auto record = std::make_shared<const MemoryRecord>(Passkey{}, std::move(bytes));
  const auto* memory = verified_root<fbs::Memory>(record->bytes());
  if (memory == nullptr) return corrupt_row("memory", "its bytes are not a record");
  if (!has_texts(*memory)) return corrupt_row("memory", "a text is not UTF-8");
  if (!has_enumerators(*memory)) return corrupt_row("memory", "an enumerator is unknown");
  if (!has_times(*memory)) return corrupt_row("memory", "a time is out of range");
  if (!has_numbers(*record, *memory)) return corrupt_row("memory", "a number is out of range");
  return record;
}

}  // namespace tulving::storage
