#pragma once

#include <array>
#include <string_view>

namespace tulving::operations {

// Words that several operations take or answer.

inline constexpr std::array<std::string_view, 5> kAgents = {"decay", "cluster", "merge", "promote",
                                                            "relations"};
inline constexpr std::array<std::string_view, 4> kTaskStatuses = {"open", "in_progress", "blocked",
                                                                  "closed"};
inline constexpr std::array<std::string_view, 4> kApprovals = {"not_needed", "waiting", "approved",
                                                               "rejected"};
inline constexpr std::array<std::string_view, 3> kUrgencies = {"low", "medium", "high"};
inline constexpr std::array<std::string_view, 5> kJobStatuses = {"pending", "running", "completed",
                                                                 "failed", "cancelled"};
inline constexpr std::array<std::string_view, 4> kTriggers = {"manual", "scheduled", "threshold",
                                                              "urgent"};
inline constexpr std::array<std::string_view, 4> kPlanStatuses = {"proposed", "applied", "undone",
                                                                  "dropped"};
inline constexpr std::array<std::string_view, 5> kOutcomes = {"reported", "planned", "waiting",
                                                              "deferred", "failed"};
inline constexpr std::array<std::string_view, 3> kDecisions = {"auto", "log", "wait"};

}  // namespace tulving::operations
