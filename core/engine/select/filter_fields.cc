#include "core/engine/select/filter_fields.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/state/memory_table.h"
#include "core/model/metadata/metadata.h"
#include "tulving/json.h"

namespace tulving::engine {
namespace {

using Visit = std::function<void(std::string_view value)>;

// An empty text is a field that was left out: it is no value.
void visit_text(std::string_view text, const Visit& visit) {
  if (!text.empty()) visit(text);
}

template <class Texts>
void visit_all(const Texts& texts, const Visit& visit) {
  for (const auto& text : texts) visit(text);
}

void visit_id(const Uuid& id, const Visit& visit) {
  if (!id.is_nil()) visit(id.to_string());
}

void visit_truth(bool value, const Visit& visit) { visit(value ? "true" : "false"); }

template <class Enum>
void visit_name(const std::optional<Enum>& value, const Visit& visit) {
  if (value) visit(to_string(*value));
}

// Rare enough to be decoded with the rest of the record.
void each_decoded_value(const Memory& memory, Field field, const Visit& visit) {
  switch (field) {
    case Field::kFact:
      return visit_all(memory.facts, visit);
    case Field::kAction:
      return visit_all(memory.actions, visit);
    case Field::kGoal:
      return visit_text(memory.goal, visit);
    case Field::kResult:
      return visit_text(memory.result, visit);
    case Field::kFeedback:
      return visit_text(memory.feedback, visit);
    case Field::kOutcome:
      return visit_text(memory.outcome, visit);
    case Field::kCriticalityReason:
      return visit_text(memory.criticality_reason, visit);
    case Field::kLtmPath:
      return visit_text(memory.ltm_path, visit);
    case Field::kSuccess:
      if (memory.success) visit_truth(*memory.success, visit);
      return;
    case Field::kParentMemoryId:
      return visit_id(memory.parent_memory_id, visit);
    case Field::kPatternType:
      return visit_name(memory.pattern_type, visit);
    case Field::kConsolidationMethod:
      return visit_name(memory.consolidation_method, visit);
    default:
      TULVING_DCHECK(false);  // each_value() reads the others where they lie.
  }
}

}  // namespace

void each_value(const storage::MemoryRecord& record, Field field, const Visit& visit) {
  switch (field) {
    case Field::kAgentId:
      return visit_text(record.agent_id(), visit);
    case Field::kUserId:
      return visit_text(record.user_id(), visit);
    case Field::kProjectId:
      return visit_text(record.project_id(), visit);
    case Field::kSessionId:
      return visit_text(record.session_id(), visit);
    case Field::kTaskId:
      return visit_text(record.task_id(), visit);
    case Field::kStageId:
      return visit_text(record.stage_id(), visit);
    case Field::kMemoryType:
      return visit_text(record.memory_type(), visit);
    case Field::kLayer:
      return visit(to_string(record.layer()));
    case Field::kSourceType:
      return visit(to_string(record.source_type()));
    case Field::kSourceAgent:
      return visit_text(record.source_agent(), visit);
    case Field::kSourceId:
      return visit_text(record.source_id(), visit);
    case Field::kStatus:
      return visit(to_string(record.status()));
    case Field::kExternalId:
      return visit_text(record.external_id(), visit);
    case Field::kTag:
      return visit_all(record.tags(), visit);
    case Field::kEntity:
      return visit_all(record.entities(), visit);
    case Field::kConsolidatedIntoId:
      return visit_id(record.consolidated_into_id(), visit);
    case Field::kId:
      return visit_id(record.id(), visit);
    case Field::kKeyword:
      return visit_all(record.keywords(), visit);
    case Field::kSummary:
      return visit_text(record.summary(), visit);
    case Field::kIsCritical:
      return visit_truth(record.is_critical(), visit);
    case Field::kSourceMemoryId:
      for (const Uuid& id : record.source_memory_ids()) visit_id(id, visit);
      return;
    case Field::kContentHash:
      return visit_text(record.content_hash(), visit);
    default:
      return each_decoded_value(record.to_memory(), field, visit);
  }
}

bool field_is_one_of(const storage::MemoryRecord& record, Field field,
                     const std::vector<std::string>& values) {
  TULVING_DCHECK(field > Field::kId);  // Those up to it are looked up.
  bool found = false;
  each_value(record, field, [&](std::string_view value) {
    found = found || std::ranges::find(values, value) != values.end();
  });
  return found;
}

bool RecordRange::contains(const storage::MemoryRecord& record) const {
  const auto has_time = [this](const std::optional<Timestamp>& time) {
    return time && integers_.contains(micros(*time));
  };
  switch (field_) {
    case NumberField::kReviewCount:
      return integers_.contains(record.review_count());
    case NumberField::kCrossDomainCount:
      return integers_.contains(record.cross_domain_count());
    case NumberField::kReuseCount:
      return integers_.contains(record.reuse_count());
    case NumberField::kRelevanceScore:
      return floats_.contains(record.relevance_score());
    case NumberField::kConfidenceScore: {
      const auto score = record.confidence_score();
      return score && floats_.contains(*score);
    }
    case NumberField::kPromotedAt:
      return has_time(record.promoted_at());
    case NumberField::kArchivedAt:
      return has_time(record.archived_at());
    case NumberField::kDeletedAt:
      return has_time(record.deleted_at());
    case NumberField::kConsolidatedAt:
      return has_time(record.consolidated_at());
    case NumberField::kRevision:
      return integers_.contains(static_cast<std::int64_t>(record.revision()));
    default:
      return false;  // The fields that have columns.
  }
}

bool has_number_in(std::string_view metadata, std::string_view path,
                   const model::Interval<Decimal>& interval) {
  bool found = false;
  model::visit_metadata_scalars(metadata, [&](std::string_view at, std::string_view value) {
    TULVING_DCHECK(!value.empty());  // A JSON scalar has a first character.
    found = found || (model::is_json_number(value) && at == path &&
                      interval.contains(Decimal::of_json(value)));
  });
  return found;
}

}  // namespace tulving::engine
