#include "core/model/names/names.h"

#include <array>

#include "core/kinds/enumerators.h"
#include "core/model/names/enum_names.h"
#include "tulving/json.h"

namespace tulving {
namespace {

// In the order of the enumerators, which never changes.
constexpr std::array<std::string_view, 5> kEffects = {"added", "updated", "unchanged", "reinforced",
                                                      "kept"};
constexpr std::array<std::string_view, 34> kFields = {"agent_id",
                                                      "user_id",
                                                      "project_id",
                                                      "session_id",
                                                      "task_id",
                                                      "stage_id",
                                                      "memory_type",
                                                      "layer",
                                                      "source_type",
                                                      "source_agent",
                                                      "source_id",
                                                      "status",
                                                      "external_id",
                                                      "tags",
                                                      "entities",
                                                      "consolidated_into_id",
                                                      "id",
                                                      "keywords",
                                                      "facts",
                                                      "actions",
                                                      "summary",
                                                      "goal",
                                                      "result",
                                                      "feedback",
                                                      "outcome",
                                                      "success",
                                                      "is_critical",
                                                      "criticality_reason",
                                                      "ltm_path",
                                                      "parent_memory_id",
                                                      "source_memory_ids",
                                                      "pattern_type",
                                                      "consolidation_method",
                                                      "content_hash"};
constexpr std::array<std::string_view, 18> kNumberFields = {
    "priority",    "abstraction_level", "strength",         "use_count",    "created_at",
    "updated_at",  "last_used",         "expires_at",       "review_count", "cross_domain_count",
    "reuse_count", "relevance_score",   "confidence_score", "promoted_at",  "archived_at",
    "deleted_at",  "consolidated_at",   "revision"};
constexpr std::array<std::string_view, 2> kTruthValues = {"true", "false"};
constexpr std::array<std::string_view, 5> kModes = {"auto", "hybrid", "vector", "text", "recent"};
constexpr std::array<std::string_view, 5> kSorts = {"created", "updated", "last_used", "priority",
                                                    "decay"};
constexpr std::array<std::string_view, 2> kOrders = {"asc", "desc"};
constexpr std::array<std::string_view, 2> kDistinctOrders = {"value", "count"};

using model::name_of;

}  // namespace

std::string_view to_string(Layer layer) noexcept { return name_of(kinds::kNames<Layer>, layer); }
std::string_view to_string(StageType type) noexcept {
  return name_of(kinds::kNames<StageType>, type);
}
std::string_view to_string(ErrorType type) noexcept {
  return name_of(kinds::kNames<ErrorType>, type);
}
std::string_view to_string(DataSourceType type) noexcept {
  return name_of(kinds::kNames<DataSourceType>, type);
}
std::string_view to_string(SourceType type) noexcept {
  return name_of(kinds::kNames<SourceType>, type);
}
std::string_view to_string(MemoryStatus status) noexcept {
  return name_of(kinds::kNames<MemoryStatus>, status);
}
std::string_view to_string(PatternType type) noexcept {
  return name_of(kinds::kNames<PatternType>, type);
}
std::string_view to_string(ConsolidationMethod method) noexcept {
  return name_of(kinds::kNames<ConsolidationMethod>, method);
}
std::string_view to_string(WriteEffect effect) noexcept { return name_of(kEffects, effect); }
std::string_view to_string(SearchMode mode) noexcept { return name_of(kModes, mode); }
std::string_view to_string(ListSort sort) noexcept { return name_of(kSorts, sort); }
std::string_view to_string(ListOrder order) noexcept { return name_of(kOrders, order); }
std::string_view to_string(DistinctOrder order) noexcept { return name_of(kDistinctOrders, order); }

std::optional<SearchMode> parse_search_mode(std::string_view name) noexcept {
  return model::value_of<SearchMode>(kModes, name);
}
std::optional<ListSort> parse_list_sort(std::string_view name) noexcept {
  return model::value_of<ListSort>(kSorts, name);
}
std::optional<ListOrder> parse_list_order(std::string_view name) noexcept {
  return model::value_of<ListOrder>(kOrders, name);
}
std::optional<DistinctOrder> parse_distinct_order(std::string_view name) noexcept {
  return model::value_of<DistinctOrder>(kDistinctOrders, name);
}

std::optional<DistinctField> parse_distinct_field(std::string_view name) {
  for (const JsonPart part : {JsonPart::kMetadata, JsonPart::kContent}) {
    const std::string_view prefix = model::to_string(part);
    if (!name.starts_with(prefix) || name.size() < prefix.size() + 2) continue;
    if (name[prefix.size()] != '.') continue;
    return ScalarPath{part, std::string(name.substr(prefix.size() + 1))};
  }
  if (const auto field = model::parse_field(name)) return *field;
  return std::nullopt;
}

namespace model {

std::span<const std::string_view> value_names(Field field) noexcept {
  switch (field) {
    case Field::kLayer:
      return kinds::kNames<Layer>;
    case Field::kSourceType:
      return kinds::kNames<SourceType>;
    case Field::kStatus:
      return kinds::kNames<MemoryStatus>;
    case Field::kPatternType:
      return kinds::kNames<PatternType>;
    case Field::kConsolidationMethod:
      return kinds::kNames<ConsolidationMethod>;
    case Field::kSuccess:
    case Field::kIsCritical:
      return kTruthValues;
    default:
      return {};
  }
}

std::string_view to_string(Field field) noexcept { return name_of(kFields, field); }
std::string_view to_string(NumberField field) noexcept { return name_of(kNumberFields, field); }
std::optional<Field> parse_field(std::string_view name) noexcept {
  return value_of<Field>(kFields, name);
}
std::optional<NumberField> parse_number_field(std::string_view name) noexcept {
  return value_of<NumberField>(kNumberFields, name);
}
bool is_time(NumberField field) noexcept {
  const std::string_view name = to_string(field);
  return name.ends_with("_at") || field == NumberField::kLastUsed;
}
bool is_list(Field field) noexcept {
  return field == Field::kTag || field == Field::kEntity || field == Field::kKeyword ||
         field == Field::kFact || field == Field::kAction || field == Field::kSourceMemoryId;
}
bool is_id(Field field) noexcept {
  return field == Field::kId || field == Field::kConsolidatedIntoId ||
         field == Field::kParentMemoryId || field == Field::kSourceMemoryId;
}
bool is_truth_value(Field field) noexcept {
  return field == Field::kSuccess || field == Field::kIsCritical;
}

}  // namespace model
}  // namespace tulving
