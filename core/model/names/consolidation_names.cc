// Names of the consolidation records' enumerators, as they stand in JSON, labels and Postgres.

#include <array>

#include "core/kinds/enumerators.h"
#include "core/model/names/enum_names.h"
#include "tulving/plans.h"

namespace tulving {
namespace {

// In the order of the enumerators, which never changes.
constexpr std::array<std::string_view, 4> kPlanStatuses = {"proposed", "applied", "undone",
                                                           "dropped"};
constexpr std::array<std::string_view, 5> kOutcomes = {"reported", "planned", "waiting", "deferred",
                                                       "failed"};

using model::name_of;
using model::value_of;

}  // namespace

std::string_view to_string(UpkeepAgent agent) noexcept {
  return name_of(kinds::kNames<UpkeepAgent>, agent);
}
std::string_view to_string(Urgency urgency) noexcept {
  return name_of(kinds::kNames<Urgency>, urgency);
}
std::string_view to_string(ConsolidationTaskStatus status) noexcept {
  return name_of(kinds::kNames<ConsolidationTaskStatus>, status);
}
std::string_view to_string(Approval approval) noexcept {
  return name_of(kinds::kNames<Approval>, approval);
}
std::string_view to_string(Decision decision) noexcept {
  return name_of(kinds::kNames<Decision>, decision);
}
std::string_view to_string(PlanStatus status) noexcept { return name_of(kPlanStatuses, status); }
std::string_view to_string(ItemOutcome outcome) noexcept { return name_of(kOutcomes, outcome); }
std::string_view to_string(JobStatus status) noexcept {
  return name_of(kinds::kNames<JobStatus>, status);
}
std::string_view to_string(JobTrigger trigger) noexcept {
  return name_of(kinds::kNames<JobTrigger>, trigger);
}
std::string_view to_string(JobPhase phase) noexcept {
  return name_of(kinds::kNames<JobPhase>, phase);
}

std::optional<UpkeepAgent> parse_upkeep_agent(std::string_view name) noexcept {
  return value_of<UpkeepAgent>(kinds::kNames<UpkeepAgent>, name);
}
std::optional<Urgency> parse_urgency(std::string_view name) noexcept {
  return value_of<Urgency>(kinds::kNames<Urgency>, name);
}
std::optional<ConsolidationTaskStatus> parse_consolidation_task_status(
    std::string_view name) noexcept {
  return value_of<ConsolidationTaskStatus>(kinds::kNames<ConsolidationTaskStatus>, name);
}
std::optional<Approval> parse_approval(std::string_view name) noexcept {
  return value_of<Approval>(kinds::kNames<Approval>, name);
}

}  // namespace tulving
