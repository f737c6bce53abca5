#pragma once

#include <array>
#include <string_view>

#include "tulving/consolidation_jobs.h"
#include "tulving/consolidation_tasks.h"
#include "tulving/records.h"
#include "tulving/schemas.h"

namespace tulving::kinds {

/// The names of a record's enumeration as they stand in JSON, filters and Postgres, in the order of
/// its values, which count from 0 and never change.
template <class Enum>
inline constexpr std::array<std::string_view, 0> kNames = {};

template <>
inline constexpr std::array<std::string_view, 4> kNames<Layer> = {"working", "episodic", "semantic",
                                                                  "procedural"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<SourceType> = {
    "conversation", "tool_output", "document", "observation", "external"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<MemoryStatus> = {"active", "promoted",
                                                                         "archived", "deleted"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<PatternType> = {
    "success", "failure", "decision", "workflow", "gotcha"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<ConsolidationMethod> = {"llm", "heuristic",
                                                                                "hybrid"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<UpkeepAgent> = {"decay", "cluster", "merge",
                                                                        "promote", "relations"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Urgency> = {"low", "medium", "high"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<ConsolidationTaskStatus> = {
    "open", "in_progress", "blocked", "closed"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<Approval> = {"not_needed", "waiting",
                                                                     "approved", "rejected"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<JobStatus> = {
    "pending", "running", "completed", "failed", "cancelled"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<JobTrigger> = {"manual", "scheduled",
                                                                       "threshold", "urgent"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<JobPhase> = {
    "pattern_extraction", "memory_merging", "hierarchy_creation"};

template <>
inline constexpr std::array<std::string_view, 4> kNames<StageType> = {"planning", "execution",
                                                                      "reflection", "verification"};
template <>
inline constexpr std::array<std::string_view, 4> kNames<ErrorType> = {
    "hallucination", "missing_info", "incorrect_action", "context_degradation"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<DataSourceType> = {
    "api", "database", "file_system", "webhook", "manual"};
template <>
inline constexpr std::array<std::string_view, 5> kNames<PostgresSchema> = {
    "orchestrator", "guild", "consolidation", "compass", "cortex"};
template <>
inline constexpr std::array<std::string_view, 3> kNames<Decision> = {"auto", "log", "wait"};

}  // namespace tulving::kinds
