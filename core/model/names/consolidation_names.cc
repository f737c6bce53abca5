// Names of the consolidation records' enumerators, as they stand in JSON, labels and Postgres.

#include <array>

#include "core/model/names/enum_names.h"
#include "tulving/consolidation_jobs.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/plans.h"

namespace tulving {
namespace {

// In the order of the enumerators, which never changes.
constexpr std::array<std::string_view, 5> kAgents = {"decay", "cluster", "merge", "promote",
                                                     "relations"};
constexpr std::array<std::string_view, 3> kUrgencies = {"low", "medium", "high"};
constexpr std::array<std::string_view, 4> kTaskStatuses = {"open", "in_progress", "blocked",
                                                           "closed"};
constexpr std::array<std::string_view, 4> kApprovals = {"not_needed", "waiting", "approved",
                                                        "rejected"};
constexpr std::array<std::string_view, 3> kDecisions = {"auto", "log", "wait"};
constexpr std::array<std::string_view, 4> kPlanStatuses = {"proposed", "applied", "undone",
                                                           "dropped"};
constexpr std::array<std::string_view, 5> kOutcomes = {"reported", "planned", "waiting", "deferred",
                                                       "failed"};
constexpr std::array<std::string_view, 5> kJobStatuses = {"pending", "running", "completed",
                                                          "failed", "cancelled"};
constexpr std::array<std::string_view, 4> kTriggers = {"manual", "scheduled", "threshold",
                                                       "urgent"};
constexpr std::array<std::string_view, 3> kPhases = {"pattern_extraction", "memory_merging",
                                                     "hierarchy_creation"};

using model::name_of;
using model::value_of;

}  // namespace

std::string_view to_string(UpkeepAgent agent) noexcept { return name_of(kAgents, agent); }
std::string_view to_string(Urgency urgency) noexcept { return name_of(kUrgencies, urgency); }
std::string_view to_string(ConsolidationTaskStatus status) noexcept {
  return name_of(kTaskStatuses, status);
}
std::string_view to_string(Approval approval) noexcept { return name_of(kApprovals, approval); }
std::string_view to_string(Decision decision) noexcept { return name_of(kDecisions, decision); }
std::string_view to_string(PlanStatus status) noexcept { return name_of(kPlanStatuses, status); }
std::string_view to_string(ItemOutcome outcome) noexcept { return name_of(kOutcomes, outcome); }
std::string_view to_string(JobStatus status) noexcept { return name_of(kJobStatuses, status); }
std::string_view to_string(JobTrigger trigger) noexcept { return name_of(kTriggers, trigger); }
std::string_view to_string(JobPhase phase) noexcept { return name_of(kPhases, phase); }

std::optional<UpkeepAgent> parse_upkeep_agent(std::string_view name) noexcept {
  return value_of<UpkeepAgent>(kAgents, name);
}
std::optional<Urgency> parse_urgency(std::string_view name) noexcept {
  return value_of<Urgency>(kUrgencies, name);
}
std::optional<ConsolidationTaskStatus> parse_consolidation_task_status(
    std::string_view name) noexcept {
  return value_of<ConsolidationTaskStatus>(kTaskStatuses, name);
}
std::optional<Approval> parse_approval(std::string_view name) noexcept {
  return value_of<Approval>(kApprovals, name);
}

}  // namespace tulving
