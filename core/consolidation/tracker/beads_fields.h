#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "tulving/consolidation_tasks.h"

namespace tulving::consolidation {

// What the reader and the writer of beads' lines both know.

inline constexpr std::string_view kDefaultIssueType = "task";

inline constexpr std::array<std::string_view, 11> kLineFields = {
    "id",         "title",  "description", "notes",      "status",   "priority",
    "issue_type", "labels", "created_at",  "updated_at", "closed_at"};
inline constexpr std::array<std::string_view, 13> kNotesFields = {
    "tenant_id", "memory_ids",  "agent", "action",   "score",      "cohesion",     "confidence",
    "approval",  "retry_count", "error", "retry_at", "claimed_by", "claimed_until"};

template <class Names>
bool contains(const Names& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// What is written where nobody wrote a description.
[[nodiscard]] std::string default_description(const ConsolidationTask& task);

}  // namespace tulving::consolidation
