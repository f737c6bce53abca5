#include "core/engine/select/filter_fields.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/engine/state/memory_table.h"
#include "core/model/metadata/metadata.h"
#include "tulving/json.h"

namespace tulving::engine {
namespace {

using Values = std::vector<std::string>;

bool holds(const Values& values, std::string_view value) {
  return std::ranges::find(values, value) != values.end();
}

// An empty text is a field that was left out: nothing equals it, as with the fields that have
// bitmaps.
bool holds_text(const Values& values, std::string_view value) {
  return !value.empty() && holds(values, value);
}

bool holds_any(const Values& values, const Values& texts) {
  return std::ranges::any_of(texts, [&](const std::string& text) { return holds(values, text); });
}

bool holds_id(const Values& values, const Uuid& id) {
  return !id.is_nil() && holds(values, id.to_string());
}

bool holds_truth(const Values& values, bool value) {
  return holds(values, value ? "true" : "false");
}

template <class Enum>
bool holds_name(const Values& values, const std::optional<Enum>& value) {
  return value && holds(values, to_string(*value));
}

}  // namespace

bool field_is_one_of(const storage::MemoryRecord& record, Field field, const Values& values) {
  TULVING_DCHECK(field > Field::kId);  // Those up to it are looked up.
  // Those that are read where they lie; the others are rare enough to be decoded with the rest.
  if (field == Field::kIsCritical) return holds_truth(values, record.is_critical());
  if (field == Field::kContentHash) return holds_text(values, record.content_hash());
  if (field == Field::kSummary) return holds_text(values, record.summary());
  const Memory memory = record.to_memory();
  switch (field) {
    case Field::kKeyword:
      return holds_any(values, memory.keywords);
    case Field::kFact:
      return holds_any(values, memory.facts);
    case Field::kAction:
      return holds_any(values, memory.actions);
    case Field::kGoal:
      return holds_text(values, memory.goal);
    case Field::kResult:
      return holds_text(values, memory.result);
    case Field::kFeedback:
      return holds_text(values, memory.feedback);
    case Field::kOutcome:
      return holds_text(values, memory.outcome);
    case Field::kCriticalityReason:
      return holds_text(values, memory.criticality_reason);
    case Field::kLtmPath:
      return holds_text(values, memory.ltm_path);
    case Field::kSuccess:
      return memory.success && holds_truth(values, *memory.success);
    case Field::kParentMemoryId:
      return holds_id(values, memory.parent_memory_id);
    case Field::kSourceMemoryId:
      return std::ranges::any_of(memory.source_memory_ids,
                                 [&](const Uuid& id) { return holds_id(values, id); });
    case Field::kPatternType:
      return holds_name(values, memory.pattern_type);
    case Field::kConsolidationMethod:
      return holds_name(values, memory.consolidation_method);
    default:
      return false;  // The fields up to kId, which have indexes.
  }
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
