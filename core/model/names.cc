#include "core/model/names.h"

#include <array>

#include "core/model/enum_names.h"
#include "tulving/json.h"

namespace tulving {
namespace {

// In the order of the enumerators, which never changes.
constexpr std::array<std::string_view, 4> kLayers = {"working", "episodic", "semantic",
                                                     "procedural"};
constexpr std::array<std::string_view, 5> kSourceTypes = {"conversation", "tool_output", "document",
                                                          "observation", "external"};
constexpr std::array<std::string_view, 4> kStatuses = {"active", "promoted", "archived", "deleted"};
constexpr std::array<std::string_view, 5> kPatternTypes = {"success", "failure", "decision",
                                                           "workflow", "gotcha"};
constexpr std::array<std::string_view, 3> kMethods = {"llm", "heuristic", "hybrid"};
constexpr std::array<std::string_view, 5> kEffects = {"added", "updated", "unchanged", "reinforced",
                                                      "kept"};
constexpr std::array<std::string_view, 15> kFields = {
    "agent_id",  "user_id",     "project_id",  "session_id",  "task_id",
    "stage_id",  "memory_type", "layer",       "source_type", "source_agent",
    "source_id", "status",      "external_id", "tags",        "entities"};
constexpr std::array<std::string_view, 8> kNumberFields = {
    "priority",   "abstraction_level", "strength",  "use_count",
    "created_at", "updated_at",        "last_used", "expires_at"};

using model::name_of;

}  // namespace

std::string_view to_string(Layer layer) noexcept { return name_of(kLayers, layer); }
std::string_view to_string(SourceType type) noexcept { return name_of(kSourceTypes, type); }
std::string_view to_string(MemoryStatus status) noexcept { return name_of(kStatuses, status); }
std::string_view to_string(PatternType type) noexcept { return name_of(kPatternTypes, type); }
std::string_view to_string(ConsolidationMethod method) noexcept {
  return name_of(kMethods, method);
}
std::string_view to_string(WriteEffect effect) noexcept { return name_of(kEffects, effect); }

namespace model {

std::optional<Layer> parse_layer(std::string_view name) noexcept {
  return value_of<Layer>(kLayers, name);
}
std::optional<SourceType> parse_source_type(std::string_view name) noexcept {
  return value_of<SourceType>(kSourceTypes, name);
}
std::optional<MemoryStatus> parse_status(std::string_view name) noexcept {
  return value_of<MemoryStatus>(kStatuses, name);
}
std::optional<PatternType> parse_pattern_type(std::string_view name) noexcept {
  return value_of<PatternType>(kPatternTypes, name);
}
std::optional<ConsolidationMethod> parse_consolidation_method(std::string_view name) noexcept {
  return value_of<ConsolidationMethod>(kMethods, name);
}

std::span<const std::string_view> layer_names() noexcept { return kLayers; }
std::span<const std::string_view> source_type_names() noexcept { return kSourceTypes; }
std::span<const std::string_view> status_names() noexcept { return kStatuses; }
std::span<const std::string_view> pattern_type_names() noexcept { return kPatternTypes; }
std::span<const std::string_view> consolidation_method_names() noexcept { return kMethods; }

std::span<const std::string_view> value_names(Field field) noexcept {
  switch (field) {
    case Field::kLayer:
      return kLayers;
    case Field::kSourceType:
      return kSourceTypes;
    case Field::kStatus:
      return kStatuses;
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
  return field == NumberField::kCreatedAt || field == NumberField::kUpdatedAt ||
         field == NumberField::kLastUsed || field == NumberField::kExpiresAt;
}

}  // namespace model
}  // namespace tulving
