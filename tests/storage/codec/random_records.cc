#include "tests/storage/codec/random_records.h"

#include <array>
#include <cstring>

namespace tulving::storage {

Uuid RandomRecords::id() {
  Uuid id;
  for (auto& byte : id.bytes) byte = static_cast<std::uint8_t>(random_());
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

std::string RandomRecords::text(std::size_t characters_max) {
  static constexpr std::array<const char*, 8> characters = {"a",  "Z", " ",  "\"",
                                                            "\n", "é", "語", "😀"};
  std::string text;
  for (auto left = below(characters_max) + 1; left > 0; --left) {
    text += characters[below(characters.size())];
  }
  return text;
}

std::vector<std::string> RandomRecords::texts() {
  std::vector<std::string> texts(below(4));
  for (auto& value : texts) value = maybe() ? text() : std::string();
  return texts;
}

std::vector<Uuid> RandomRecords::ids() {
  std::vector<Uuid> ids(below(4));
  for (Uuid& value : ids) value = id();
  return ids;
}

Timestamp RandomRecords::time() {
  // Years 1 to 9999.
  std::uniform_int_distribution<std::int64_t> micros(-62'135'596'800'000'000,
                                                     253'402'300'799'999'999);
  return Timestamp(std::chrono::microseconds(maybe() ? 0 : micros(random_)));
}

std::optional<Timestamp> RandomRecords::maybe_time() {
  return maybe() ? std::optional(time()) : std::nullopt;
}

std::vector<float> RandomRecords::vector(std::size_t dim_max) {
  std::vector<float> vector(below(dim_max) + 1);
  std::normal_distribution<float> normal;
  for (float& value : vector) value = normal(random_);
  return vector;
}

Memory RandomRecords::memory() {
  Memory memory;
  memory.id = id();
  memory.revision = random_();
  for (auto* field : {&memory.external_id,  &memory.agent_id,       &memory.user_id,
                      &memory.project_id,   &memory.session_id,     &memory.task_id,
                      &memory.stage_id,     &memory.text,           &memory.content,
                      &memory.summary,      &memory.metadata,       &memory.content_hash,
                      &memory.source_agent, &memory.source_id,      &memory.goal,
                      &memory.result,       &memory.feedback,       &memory.tool_usage,
                      &memory.outcome,      &memory.error_patterns, &memory.criticality_reason,
                      &memory.ltm_path}) {
    *field = maybe_text();
  }
  memory.memory_type = text();
  for (auto* field :
       {&memory.tags, &memory.entities, &memory.facts, &memory.keywords, &memory.actions}) {
    *field = texts();
  }
  memory.layer = enumerator(Layer::kProcedural);
  memory.source_type = enumerator(SourceType::kExternal);
  memory.status = enumerator(MemoryStatus::kDeleted);
  if (maybe()) memory.success = maybe();
  memory.is_critical = maybe();
  memory.priority = static_cast<std::int32_t>(1 + below(10));
  memory.strength = 2 * share();
  memory.use_count = count();
  memory.review_count = count();
  memory.cross_domain_count = count();
  memory.reuse_count = count();
  memory.relevance_score = maybe() ? 1.0F : share() - 0.5F;
  memory.created_at = time();
  memory.updated_at = time();
  memory.last_used = time();
  for (auto* field : {&memory.expires_at, &memory.promoted_at, &memory.archived_at,
                      &memory.deleted_at, &memory.consolidated_at}) {
    *field = maybe_time();
  }
  if (maybe()) memory.parent_memory_id = id();
  if (maybe()) memory.consolidated_into_id = id();
  memory.abstraction_level = static_cast<std::int32_t>(below(4));
  if (maybe()) memory.pattern_type = enumerator(PatternType::kGotcha);
  if (maybe()) memory.confidence_score = share();
  memory.source_memory_ids = ids();
  if (maybe()) memory.consolidation_method = enumerator(ConsolidationMethod::kHybrid);
  return memory;
}

Tombstone RandomRecords::tombstone() {
  return {random_(), static_cast<std::uint8_t>(1 + below(4)), maybe_text(), random_(),
          maybe() ? id() : Uuid()};
}

HistoryRecord RandomRecords::history() {
  return {text(), random_(), time(), std::string(MemoryRecord::encode(memory())->bytes())};
}

IdempotencyRecord RandomRecords::idempotency() {
  IdempotencyRecord record{random_(), {}, {}, maybe_text()};
  for (auto left = below(4); left > 0; --left) {
    record.ids.push_back(id());
    record.effects.push_back(static_cast<std::uint8_t>(below(5)));
  }
  return record;
}

PlanItem RandomRecords::item() {
  PlanItem item;
  item.agent = enumerator(UpkeepAgent::kRelations);
  for (auto* field : {&item.action, &item.task_id, &item.reason, &item.result, &item.error}) {
    *field = maybe_text();
  }
  for (const Uuid& input : ids()) item.inputs.push_back({input, random_()});
  item.confidence = maybe_share();
  item.decision = enumerator(Decision::kWait);
  item.outcome = enumerator(ItemOutcome::kFailed);
  return item;
}

PlannedRecord RandomRecords::planned(std::size_t kind) {
  if (kind == 0) return memory();
  if (kind == 1) return relation();
  return task();
}

PlanChange RandomRecords::change() {
  const std::size_t kind = below(3);
  PlanChange change;
  if (maybe()) change.before = planned(kind);
  if (maybe()) change.after = planned(kind);
  if (change.after && kind == 0 && !change.before) {
    for (auto left = below(3); left > 0; --left) {
      Embedding embedding{text(), vector(8)};
      if (maybe()) embedding.passages = static_cast<std::uint32_t>(embedding.vector.size());
      std::get<Memory>(*change.after).embeddings.push_back(std::move(embedding));
    }
  }
  return change;
}

Plan RandomRecords::plan() {
  Plan plan;
  plan.id = id();
  plan.origin = text();
  plan.status = enumerator(PlanStatus::kDropped);
  plan.agents = enumerators(UpkeepAgent::kRelations);
  plan.created_at = maybe_time();
  plan.applied_at = maybe_time();
  plan.undone_at = maybe_time();
  for (auto left = below(4); left > 0; --left) plan.items.push_back(item());
  for (auto left = below(6); left > 0; --left) plan.changes.push_back(change());
  plan.erased = ids();
  plan.revision = random_();
  return plan;
}

}  // namespace tulving::storage
